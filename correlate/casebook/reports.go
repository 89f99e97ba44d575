package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// reportOf is the incident whose reports are those of ?1, if it is the tenant's, ?2:
// of the one that it was folded into, else its own.
const reportOf = `(SELECT CASE leader WHEN '' THEN id ELSE leader END FROM incident WHERE id = ?1 AND tenant = ?2)`

// Report returns the bytes of one report revision, of the one that the incident
// goes by when revision is 0, see [casefile.Current]; evidence.ErrNotFound when there is none. Reports of older
// engines are returned as they were made.
func (b *Book) Report(ctx context.Context, id string, revision int) ([]byte, error) {
	var body []byte
	err := b.db.reading(ctx).row(`SELECT body FROM report WHERE incident = `+reportOf+` AND (revision = ?3 OR ?3 = 0 AND poorer = '')
		ORDER BY revision DESC LIMIT 1`, id, b.tenant, revision).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		if revision == 0 {
			return nil, fmt.Errorf("incident %s has no report yet: %w", id, evidence.ErrNotFound)
		}
		return nil, fmt.Errorf("incident %s has no report of revision %d: %w", id, revision, evidence.ErrNotFound)
	}
	return body, err
}

// Revisions lists an incident's reports, newest first.
func (b *Book) Revisions(ctx context.Context, id string) ([]casefile.Revision, error) {
	all, err := list(b.db.reading(ctx), func(r row) (v casefile.Revision, err error) {
		var at int64
		var poorer string
		err = r.Scan(&v.Number, &v.Engine, &at, &v.Why, &poorer, &v.Bundle, &v.BundleSHA256)
		v.At = instant(at)
		if poorer != "" {
			v.Poorer = strings.Split(poorer, ",")
		}
		return v, err
	}, `SELECT report.revision, engine, made_at, why, poorer, coalesce(state, ''), coalesce(sha256, '')
		FROM report LEFT JOIN bundle ON bundle.incident = report.incident AND bundle.revision = report.revision
		WHERE report.incident = `+reportOf+` ORDER BY report.revision DESC`, id, b.tenant)
	if err != nil {
		return nil, fmt.Errorf("revisions of %s: %w", id, err)
	}
	return all, nil
}
