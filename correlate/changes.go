package correlate

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// askChanges asks every source of changes about the time up to now.
func (v *investigation) askChanges(ctx context.Context) []evidence.Change {
	if len(v.sources.Changes) == 0 {
		v.ledger.absent("changes", "announced changes")
		return nil
	}
	w := v.span
	w.Start = w.End.Add(-max(v.options.ChangesBefore, w.Duration()))
	w.End = w.End.Add(time.Nanosecond)
	got := make([][]evidence.Change, len(v.sources.Changes))
	var steps []func()
	for i, source := range v.sources.Changes {
		steps = append(steps, func() {
			got[i], _ = ask(ctx, v.asker, question{source: "changes", text: "announced changes", window: w}, func(ctx context.Context) answer[[]evidence.Change] {
				list, err := source.Changes(ctx, w)
				return many(list, false, err)
			})
		})
	}
	v.together(steps...)
	return slices.Concat(got...)
}

// changes lists what was announced and what is inferred, and the revisions
// that follow from both.
func (v *investigation) changes(ctx context.Context, c *Case) {
	announced := v.gathered.changes
	for i := range announced {
		if announced[i].Service != "" {
			announced[i].Service = v.names.name(announced[i].Service)
		}
		announced[i].Time = announced[i].Time.UTC()
	}
	v.readInfos(ctx)
	seen := v.versionsSeen(c)
	c.Changes = sortedChanges(slices.Concat(announced, inferredDeploys(announced, seen), runtimeDecisions(c)))
	c.Revisions = v.revisions(c, seen)
}

// sortedChanges puts changes in order of time, then ID, each ID once.
func sortedChanges(list []evidence.Change) []evidence.Change {
	slices.SortStableFunc(list, func(a, b evidence.Change) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Service, b.Service))
	})
	return slices.CompactFunc(list, func(a, b evidence.Change) bool {
		return a.ID != "" && a.ID == b.ID && a.Service == b.Service && a.Time.Equal(b.Time)
	})
}
