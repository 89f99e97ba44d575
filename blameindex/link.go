package blameindex

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/blameindex/pathglob"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// link finds the decisions behind the line and puts them in order.
func (db *DB) link(ctx context.Context, a *Answer, r revision, own int64) error {
	set, err := db.wholeRecordSet(ctx, r.records)
	if err != nil {
		return err
	}
	links := linkSet{}
	if err := db.tagLinks(ctx, links, own, a.Line); err != nil {
		return err
	}
	for _, id := range decision.Trailers(a.Message) {
		links.add(id, "trailer", strengthTrailer)
	}
	for _, rec := range set.sound {
		links.addRecord(rec, a.Path, a.Line)
	}
	for _, l := range links.spelled(set).sorted() {
		a.Decisions = append(a.Decisions, withRecord(l, set))
	}
	return nil
}

func (db *DB) tagLinks(ctx context.Context, links linkSet, own int64, line int) (err error) {
	st, err := db.prepared(ctx, "SELECT line, until, decision FROM tag WHERE ownership_id = ?")
	if err != nil {
		return fmt.Errorf("index %s: %w", db.path, err)
	}
	rows, err := st.QueryContext(ctx, own)
	if err != nil {
		return fmt.Errorf("index %s: %w", db.path, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var t tag
		if err := rows.Scan(&t.line, &t.until, &t.decision); err != nil {
			return err
		}
		switch {
		case t.line == line:
			links.add(t.decision, "tag", strengthTagLine)
		case t.line < line && line <= t.until:
			links.add(t.decision, "tag", strengthTagBlock)
		default:
			links.add(t.decision, "tag", strengthTagFile)
		}
	}
	return rows.Err()
}

// linkSet keeps the strongest link to each decision.
type linkSet map[string]evidence.DecisionLink

func (s linkSet) add(id, kind string, strength int) {
	if s[id].Strength < strength {
		s[id] = evidence.DecisionLink{DecisionID: id, Kind: kind, Strength: strength}
	}
}

// spelled is the set with IDs as their records have them: a tag may spell the
// number of a record in another way. One that no record, or several, could be
// meant by stays as it is.
func (s linkSet) spelled(set recordSet) linkSet {
	unknown := false
	for id := range s {
		_, ok := slices.BinarySearchFunc(set.sound, id, func(r decision.Record, id string) int { return strings.Compare(r.ID, id) })
		unknown = unknown || !ok
	}
	if !unknown { // nearly always
		return s
	}
	byNumber, known := map[string]string{}, map[string]bool{}
	for _, r := range slices.Concat(set.sound, set.refused) {
		known[r.ID] = true
		n := decision.SameNumber(r.ID)
		if have, ok := byNumber[n]; ok && have != r.ID {
			byNumber[n] = "" // more than one
			continue
		}
		byNumber[n] = r.ID
	}
	out := linkSet{}
	for id, l := range s {
		if meant := byNumber[decision.SameNumber(id)]; !known[id] && meant != "" {
			id = meant
		}
		out.add(id, l.Kind, l.Strength)
	}
	return out
}

// addRecord links a record to a place by what the record itself says; line 0
// stands for any line of the file.
func (s linkSet) addRecord(r decision.Record, path string, line int) {
	for _, ref := range r.References {
		if ref.Path == path && (line == 0 || ref.Line == line) {
			s.add(r.ID, "reference", strengthReference)
		}
	}
	for _, g := range r.Scope {
		if g == path {
			s.add(r.ID, "scope", strengthScopeFile)
		} else if pathglob.Match(g, path) {
			s.add(r.ID, "scope", min(strengthScope+pathglob.Depth(g), strengthScopeFile-1))
		}
	}
}

func (s linkSet) sorted() []evidence.DecisionLink {
	out := make([]evidence.DecisionLink, 0, len(s))
	for _, l := range s {
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b evidence.DecisionLink) int {
		return cmp.Or(-cmp.Compare(a.Strength, b.Strength), cmp.Compare(a.DecisionID, b.DecisionID))
	})
	return out
}

func withRecord(l evidence.DecisionLink, set recordSet) Linked {
	records := set.sound
	out := Linked{DecisionLink: l}
	byID := func(id string) *decision.Record {
		i, ok := slices.BinarySearchFunc(records, id, func(r decision.Record, id string) int { return strings.Compare(r.ID, id) })
		if !ok {
			return nil
		}
		return &records[i]
	}
	out.Record = byID(l.DecisionID)
	if i := slices.IndexFunc(set.refused, func(r decision.Record) bool { return r.ID == l.DecisionID }); out.Record == nil && i >= 0 {
		out.Refused = set.refused[i].Refusal
	}
	next := out.Record
	for steps := 0; next != nil && next.SupersededBy != "" && steps < 64; steps++ {
		out.Current = next.SupersededBy
		next = byID(next.SupersededBy)
	}
	return out
}

// ResponseTime is how long after it was logged the decision took effect,
// negative when it was logged afterwards; false when the record does not say.
func (l Linked) ResponseTime() (time.Duration, bool) {
	if l.Record == nil || l.Record.When.EffectiveAt.IsZero() || l.Record.When.LoggedAt.IsZero() {
		return 0, false
	}
	return l.Record.When.EffectiveAt.Sub(l.Record.When.LoggedAt), true
}
