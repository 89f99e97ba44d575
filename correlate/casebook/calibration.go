package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate"
)

// Calibration is how often people found a verdict's first cause right.
type Calibration struct {
	Verdict correlate.VerdictWord
	// Judged reports had a judgment, Right of them the newest one confirmed.
	Judged, Right int
}

// Calibration counts judged reports by the verdict that they gave. Of several
// judgments of one report the newest counts. It reads what people said and
// changes no ranking.
func (b *Book) Calibration(ctx context.Context) ([]Calibration, error) {
	rows, err := b.read.QueryContext(ctx, `
		SELECT verdict, count(*), sum(judgment = 'confirm') FROM (
			SELECT verdict, judgment, row_number() OVER (PARTITION BY incident, revision ORDER BY made_at DESC, id DESC) AS place FROM feedback)
		WHERE place = 1 AND verdict <> '' GROUP BY verdict
		ORDER BY CASE verdict WHEN 'Confirmed' THEN 0 WHEN 'Likely' THEN 1 WHEN 'Lead only' THEN 2 ELSE 3 END, verdict`)
	if err != nil {
		return nil, fmt.Errorf("calibration: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var list []Calibration
	for rows.Next() {
		var c Calibration
		if err := rows.Scan(&c.Verdict, &c.Judged, &c.Right); err != nil {
			return nil, fmt.Errorf("calibration: %w", err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// verdictOf is what a report revision said of itself; empty when there is no
// such revision.
func verdictOf(tx *sql.Tx, incident string, revision int) (word string, err error) {
	err = tx.QueryRow(`SELECT coalesce(json_extract(CAST(body AS TEXT), '$.verdict.word'), '') FROM report WHERE incident = ? AND revision = ?`, incident, revision).Scan(&word)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return word, err
}
