package blameindex

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Decisions lists every decision that is known, newest effective first, then by
// ID; superseded and deleted ones included, rules left out. A decision that two
// repositories record is listed once, as the first by service has it.
func (s *Source) Decisions(ctx context.Context) ([]evidence.Decision, error) {
	var all []evidence.Decision
	seen := map[string]bool{}
	for _, p := range s.all() {
		records, err := p.records(ctx, "")
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			if r.Kind == decision.KindDecision && !seen[r.ID] {
				seen[r.ID] = true
				all = append(all, r.Decision)
			}
		}
	}
	slices.SortFunc(all, func(a, b evidence.Decision) int {
		return cmp.Or(b.When.EffectiveAt.Compare(a.When.EffectiveAt), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// Coverage is a run of lines that a tag ties to a decision.
type Coverage struct {
	Ref evidence.CodeRef // Line is the first
	To  int              // the last, inclusive
}

// Covers lists the lines that tags tie to a decision in what was indexed last
// of each file, by path, then line, at most limit runs.
func (s *Source) Covers(ctx context.Context, id string, limit int) ([]Coverage, error) {
	var out []Coverage
	for _, p := range s.all() {
		found, err := p.db.covers(ctx, id, limit-len(out))
		if err != nil {
			return nil, fmt.Errorf("lines covered by %s: %w", clip(id), err)
		}
		out = append(out, found...)
	}
	return out, nil
}

func (db *DB) covers(ctx context.Context, id string, limit int) ([]Coverage, error) {
	if limit <= 0 {
		return nil, nil
	}
	rows, err := db.read.QueryContext(ctx, `
		SELECT path.name, tag.line, tag.until, revision.sha
		FROM tag
		JOIN entry ON entry.ownership_id = tag.ownership_id
		JOIN revision ON revision.id = entry.revision_id
		JOIN path ON path.id = entry.path_id
		WHERE tag.decision = ? AND revision.id = (SELECT max(e.revision_id) FROM entry e WHERE e.path_id = entry.path_id)
		ORDER BY path.name, tag.line LIMIT ?`, id, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []Coverage
	for rows.Next() {
		var c Coverage
		if err := rows.Scan(&c.Ref.Path, &c.Ref.Line, &c.To, &c.Ref.Revision); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}
