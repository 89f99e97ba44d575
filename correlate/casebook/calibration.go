package casebook

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Judged counts judged reports by the verdict that they gave. Of several
// judgments of one report the newest counts. It reads what people said and
// changes no ranking.
func (b *Book) Judged(ctx context.Context) ([]casefile.Judged, error) {
	all, err := list(b.db.reading(ctx), func(r row) (j casefile.Judged, err error) {
		err = r.Scan(&j.Verdict, &j.Judged, &j.Right)
		return j, err
	}, `
		SELECT verdict, count(*), sum(CASE judgment WHEN 'confirm' THEN 1 ELSE 0 END) FROM (
			SELECT verdict, judgment, row_number() OVER (PARTITION BY incident, revision ORDER BY made_at DESC, id DESC) AS place FROM feedback WHERE `+ofIncidents+`) AS said
		WHERE place = 1 AND verdict <> '' GROUP BY verdict
		ORDER BY CASE verdict WHEN 'Confirmed' THEN 0 WHEN 'Likely' THEN 1 WHEN 'Lead only' THEN 2 ELSE 3 END, verdict`, b.tenant)
	if err != nil {
		return nil, fmt.Errorf("judged reports: %w", err)
	}
	return all, nil
}

// verdictOf is what a report revision said of itself; empty when there is no
// such revision, or one of an engine that said it otherwise.
func (b *Book) verdictOf(tx session, incident string, revision int) (report.VerdictWord, error) {
	var body []byte
	err := tx.row(`SELECT body FROM report WHERE incident = `+reportOf+` AND revision = ?3`, incident, b.tenant, revision).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	var said struct{ Verdict report.Verdict }
	if err == nil {
		_ = json.Unmarshal(body, &said)
	}
	return said.Verdict.Word, err
}
