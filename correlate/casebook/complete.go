package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// PublishComplete stores what the whole evidence of a claimed bundle gives as the
// incident's next revision, and makes the bundle that revision's, so that nothing is
// recorded anew. It is casefile.ErrConflict when the incident goes by another report than
// the bundle's or is being investigated: what comes of that has evidence of its own.
func (b *Book) PublishComplete(ctx context.Context, x Bundle, r report.Report, body []byte, messages ...Message) error {
	j := Job{Incident: x.Incident, Revision: r.Revision, Why: casefile.WhyComplete, Tenant: b.tenant}
	err := b.db.do(ctx, func(tx session) error {
		var newest, goesBy, claims int
		err := tx.row(`SELECT revision, (SELECT coalesce(max(revision), 0) FROM report WHERE report.incident = i.id AND poorer = ''),
				(SELECT count(*) FROM job WHERE job.incident = i.id AND owner <> '') FROM incident i WHERE id = ? AND tenant = ?`,
			x.Incident, b.tenant).Scan(&newest, &goesBy, &claims)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return evidence.ErrNotFound
		case err != nil:
			return err
		case goesBy != x.Revision || newest+1 != r.Revision || claims > 0:
			return casefile.ErrConflict
		}
		now := nanos(b.now())
		if err := tx.exec(`INSERT INTO report (incident, revision, version, engine, made_at, why, body, poorer) VALUES (?, ?, ?, ?, ?, ?, ?, '')`,
			j.Incident, j.Revision, r.Version, r.Engine, now, j.Why, body); err != nil {
			return err
		}
		if err := b.goBy(tx, j, &r, now); err != nil {
			return err
		}
		if err := tell(tx, j.Incident, j.Tenant, now, messages); err != nil {
			return err
		}
		return setBundle(tx, x, `revision = ?`, j.Revision)
	})
	if err != nil {
		return fmt.Errorf("report %s revision %d with complete evidence: %w", j.Incident, j.Revision, err)
	}
	return nil
}
