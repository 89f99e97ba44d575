package casebook

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// maxSuspectLines bounds what one report adds to the hot lines.
const maxSuspectLines = 200

// keepLines replaces an incident's suspect lines by those of its newest report.
func keepLines(tx *sql.Tx, incident string, views []correlate.CodeView) error {
	if _, err := tx.Exec(`DELETE FROM suspect_line WHERE incident = ?`, incident); err != nil {
		return err
	}
	kept := 0
	for _, v := range views {
		for _, l := range v.Lines {
			suspect := slices.Contains(v.Suspect, l.Line) || len(v.Suspect) == 0 && l.Line == v.Ref.Line
			if !suspect || kept == maxSuspectLines {
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
			if _, err := tx.Exec(`INSERT INTO suspect_line (incident, repository, path, line, revision, decisions) VALUES (?, ?, ?, ?, ?, ?)
				ON CONFLICT DO NOTHING`, incident, v.Ref.Repository, v.Ref.Path, l.Line, v.Ref.Revision, string(body)); err != nil {
				return err
			}
		}
	}
	return nil
}

// HotLine is a line of code that reports suspected.
type HotLine struct {
	Ref       evidence.CodeRef // at the revision of the newest incident
	Incidents int
	Decisions []string // that stood behind it in any of them, sorted
}

// HotLines lists the lines that the newest reports of most incidents suspect,
// those of most incidents first, then by place.
func (b *Book) HotLines(ctx context.Context, limit int) ([]HotLine, error) {
	return b.lines(ctx, ``, limit)
}

// LinesOf lists the suspected lines behind which a decision stood.
func (b *Book) LinesOf(ctx context.Context, decision string, limit int) ([]HotLine, error) {
	return b.lines(ctx, `WHERE EXISTS (SELECT 1 FROM json_each(s.decisions) d WHERE d.value = ?2)`, limit, decision)
}

func (b *Book) lines(ctx context.Context, where string, limit int, args ...any) ([]HotLine, error) {
	rows, err := b.read.QueryContext(ctx, `
		SELECT s.repository, s.path, s.line, count(*) AS n,
			(SELECT t.revision FROM suspect_line t JOIN incident i ON i.id = t.incident
			 WHERE t.repository = s.repository AND t.path = s.path AND t.line = s.line ORDER BY i.started_at DESC, i.id LIMIT 1),
			json_group_array(json(s.decisions))
		FROM suspect_line s `+where+`
		GROUP BY s.repository, s.path, s.line ORDER BY n DESC, s.repository, s.path, s.line LIMIT ?1`, append([]any{limit}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("hot lines: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var list []HotLine
	for rows.Next() {
		var h HotLine
		var body []byte
		if err := rows.Scan(&h.Ref.Repository, &h.Ref.Path, &h.Ref.Line, &h.Incidents, &h.Ref.Revision, &body); err != nil {
			return nil, fmt.Errorf("hot lines: %w", err)
		}
		var each [][]string
		if err := json.Unmarshal(body, &each); err != nil {
			return nil, fmt.Errorf("hot lines: decisions of %s:%d: %w", h.Ref.Path, h.Ref.Line, err)
		}
		h.Decisions = slices.Concat(each...)
		slices.SortFunc(h.Decisions, cmp.Compare[string])
		h.Decisions = slices.Compact(h.Decisions)
		list = append(list, h)
	}
	return list, rows.Err()
}

// Attributed counts the incidents that each decision stands behind.
func (b *Book) Attributed(ctx context.Context) (map[string]int, error) {
	rows, err := b.read.QueryContext(ctx, `SELECT decision, count(*) FROM incident WHERE decision <> '' GROUP BY decision`)
	if err != nil {
		return nil, fmt.Errorf("incidents by decision: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out := map[string]int{}
	for rows.Next() {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, fmt.Errorf("incidents by decision: %w", err)
		}
		out[id] = n
	}
	return out, rows.Err()
}
