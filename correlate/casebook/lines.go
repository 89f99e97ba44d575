package casebook

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// maxSuspectLines bounds what one report adds to the hot lines.
const maxSuspectLines = 200

// keepLines replaces an incident's suspect lines by those of its newest report.
func keepLines(tx session, incident string, views []report.CodeView) error {
	if err := tx.exec(`DELETE FROM suspect_line WHERE incident = ?`, incident); err != nil {
		return err
	}
	kept := 0
	for _, v := range views {
		for _, l := range v.Lines {
			suspect := slices.Contains(v.Suspect, l.Line) || len(v.Suspect) == 0 && l.Line == v.Ref.Line
			if !suspect || kept == maxSuspectLines || len(v.Ref.Repository) > mostIndexed || len(v.Ref.Path) > mostIndexed {
				continue
			}
			kept++
			ids := slices.Clone(l.Decisions)
			for _, d := range v.Decisions {
				if !slices.Contains(ids, d.DecisionID) {
					ids = append(ids, d.DecisionID)
				}
			}
			slices.Sort(ids)
			body, err := json.Marshal(append([]string{}, ids...)) // [] and not null
			if err != nil {
				return err
			}
			if err := tx.exec(`INSERT INTO suspect_line (incident, repository, path, line, revision, decisions) VALUES (?, ?, ?, ?, ?, ?)
				ON CONFLICT DO NOTHING`, incident, v.Ref.Repository, v.Ref.Path, l.Line, v.Ref.Revision, string(body)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Hot lists the lines that the newest reports of most incidents suspect, those
// of most incidents first, then by place.
func (b *Book) Hot(ctx context.Context, limit int) ([]casefile.HotLine, error) {
	return b.lines(ctx, ``, limit)
}

// LinesOf lists the suspected lines behind which a decision stood.
func (b *Book) LinesOf(ctx context.Context, decision string, limit int) ([]casefile.HotLine, error) {
	quoted, err := json.Marshal(decision)
	if err != nil {
		return nil, err
	}
	return b.lines(ctx, ` AND replace(s.decisions, ?3, '') <> s.decisions`, limit, string(quoted))
}

func (b *Book) lines(ctx context.Context, where string, limit int, args ...any) ([]casefile.HotLine, error) {
	all, err := list(b.db.reading(ctx), scanLine, `
		SELECT s.repository, s.path, s.line, count(*) AS n,
			(SELECT t.revision FROM suspect_line t JOIN incident i ON i.id = t.incident
			 WHERE i.tenant = ?2 AND t.repository = s.repository AND t.path = s.path AND t.line = s.line ORDER BY i.started_at DESC, i.id LIMIT 1),
			'[' || string_agg(s.decisions, ',') || ']'
		FROM suspect_line s WHERE s.incident IN (SELECT id FROM incident WHERE tenant = ?2)`+where+`
		GROUP BY s.repository, s.path, s.line ORDER BY n DESC, s.repository, s.path, s.line LIMIT ?1`, append([]any{limit, b.tenant}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("hot lines: %w", err)
	}
	return all, nil
}

func scanLine(r row) (h casefile.HotLine, err error) {
	var body string
	if err := r.Scan(&h.Ref.Repository, &h.Ref.Path, &h.Ref.Line, &h.Incidents, &h.Ref.Revision, &body); err != nil {
		return h, err
	}
	var each [][]string
	if err := json.Unmarshal([]byte(body), &each); err != nil {
		return h, fmt.Errorf("decisions of %s:%d: %w", h.Ref.Path, h.Ref.Line, err)
	}
	h.Decisions = slices.Concat(each...)
	slices.Sort(h.Decisions)
	h.Decisions = slices.Compact(h.Decisions)
	return h, nil
}

// Attributed counts the incidents that each decision stands behind.
func (b *Book) Attributed(ctx context.Context) (map[string]int, error) {
	return b.counts(ctx, "incidents by decision", `SELECT decision, count(*) FROM incident WHERE tenant = ? AND decision <> '' AND leader = '' GROUP BY decision`, b.tenant)
}

// counts reads a query of names and numbers.
func (b *Book) counts(ctx context.Context, what, query string, values ...any) (map[string]int, error) {
	all := map[string]int{}
	err := b.db.reading(ctx).each(query, values, func(r row) error {
		var name string
		var n int
		err := r.Scan(&name, &n)
		all[name] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return all, nil
}
