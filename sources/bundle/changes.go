package bundle

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/changes"
)

// Changes returns the announced changes in the window in order of time, then
// ID.
func (b *Bundle) Changes(ctx context.Context, w evidence.Window) ([]evidence.Change, error) {
	if err := b.replay(ctx, SourceChanges, WindowQueryText("changes", w)); err != nil {
		return nil, err
	}
	all, err := b.changes.get(b.readChanges)
	if err != nil {
		return nil, err
	}
	var found []evidence.Change
	for _, c := range all {
		if w.IsZero() || w.Contains(c.Time) {
			c.Attributes = maps.Clone(c.Attributes)
			found = append(found, c)
		}
	}
	return found, nil
}

func (b *Bundle) readChanges() ([]evidence.Change, error) {
	var found []evidence.Change
	seen, lost := map[string]bool{}, b.tally(SourceChanges)
	err := b.lines(ChangesFile, lost, func(line []byte, n int) error {
		c, err := changes.DecodeJSON(line)
		if err != nil {
			lost.leave(lostForeign, fault(ChangesFile, n, "%s", brief(err)))
			return nil
		}
		lost.read++
		if seen[c.ID] {
			lost.Add(lostTwice, "")
			return nil
		}
		seen[c.ID] = true
		if !b.hidden(c.Time) {
			found = append(found, c)
		}
		return nil
	})
	slices.SortFunc(found, func(a, b evidence.Change) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID)) })
	return found, cmp.Or(err, lost.end())
}
