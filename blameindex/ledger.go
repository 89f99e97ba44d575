package blameindex

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
)

// LedgerRow ties one tagged line to the commit that wrote it.
type LedgerRow struct {
	Commit, Decision, AuthorEmail string
	// Reviewer is who reviewed the commit, by its trailer, else who approved the
	// decision.
	Reviewer string
	File     string
	Line     int
	Title    string // of the decision, empty when no record is known
	Subject  string // of the commit
}

// Ledger lists the tagged lines of an indexed revision by file, line, decision.
func (db *DB) Ledger(ctx context.Context, rev string) ([]LedgerRow, error) {
	r, err := db.findRevision(ctx, rev)
	if err != nil {
		return nil, err
	}
	records, err := db.recordSet(ctx, r.records)
	if err != nil {
		return nil, err
	}
	places, err := db.taggedLines(ctx, r)
	if err != nil {
		return nil, err
	}
	var out []LedgerRow
	for _, p := range places {
		a, err := db.why(ctx, r, p.path, p.line)
		if err != nil {
			return nil, err
		}
		row := LedgerRow{Commit: a.Commit, Decision: p.decision, AuthorEmail: a.Email, File: p.path, Line: p.line, Subject: firstLine(a.Message)}
		for _, rec := range records {
			if rec.ID == p.decision {
				row.Title, row.Reviewer = rec.Title, rec.Who.Approver
			}
		}
		if by := decision.Reviewers(a.Message); len(by) > 0 {
			row.Reviewer = strings.Join(by, "; ")
		}
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b LedgerRow) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Decision, b.Decision))
	})
	return out, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

type taggedLine struct {
	path     string
	line     int
	decision string
}

// taggedLines finds the tags of a revision: those of the paths whose newest
// entry along the bases has them.
func (db *DB) taggedLines(ctx context.Context, r revision) (out []taggedLine, err error) {
	rows, err := db.read.QueryContext(ctx, `
		WITH RECURSIVE chain (id, base, step) AS (
			SELECT id, base_id, 0 FROM revision WHERE id = ?
			UNION ALL SELECT v.id, v.base_id, chain.step + 1 FROM revision v JOIN chain ON v.id = chain.base
		), newest (path_id, step) AS (
			SELECT e.path_id, min(chain.step) FROM entry e JOIN chain ON chain.id = e.revision_id GROUP BY e.path_id
		)
		SELECT p.name, t.line, t.decision FROM newest n
		JOIN chain c ON c.step = n.step
		JOIN entry e ON e.revision_id = c.id AND e.path_id = n.path_id
		JOIN tag t ON t.ownership_id = e.ownership_id
		JOIN path p ON p.id = n.path_id`, r.id)
	if err != nil {
		return nil, fmt.Errorf("read tags: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var t taggedLine
		if err := rows.Scan(&t.path, &t.line, &t.decision); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// Records returns the decisions of an indexed revision by ID, deleted ones
// included. The slice is shared: read only.
func (db *DB) Records(ctx context.Context, rev string) ([]decision.Record, error) {
	r, err := db.findRevision(ctx, rev)
	if err != nil {
		return nil, err
	}
	return db.recordSet(ctx, r.records)
}
