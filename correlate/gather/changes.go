package gather

import (
	"context"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// askChanges asks every source of changes about the time up to now.
func (v *Investigation) askChanges(ctx context.Context) []evidence.Change {
	if len(v.sources.Changes) == 0 {
		v.Ledger.Absent("changes", evidence.TopicChanges)
		return nil
	}
	w := v.span
	w.Start = w.End.Add(-max(v.options.ChangesBefore, w.Duration()))
	w.End = w.End.Add(time.Nanosecond)
	got := make([][]evidence.Change, len(v.sources.Changes))
	var steps []func()
	for i, source := range v.sources.Changes {
		steps = append(steps, func() {
			got[i], _ = ask.Put(ctx, v.Asker, ask.Question{Source: "changes", Topic: evidence.TopicChanges, Window: w}, func(ctx context.Context) ask.Answer[[]evidence.Change] {
				list, err := source.Changes(ctx, w)
				return ask.Many(list, false, err)
			})
		})
	}
	v.Together(steps...)
	return slices.Concat(got...)
}

// changes lists what was announced and what is inferred, and the revisions
// that follow from both.
func (v *Investigation) changes(ctx context.Context, c *gathered.Evidence) {
	announced := v.answers.changes
	for i := range announced {
		if announced[i].Service != "" {
			announced[i].Service = v.names.Name(announced[i].Service)
		}
		announced[i].Time = announced[i].Time.UTC()
	}
	v.readInfos(ctx)
	seen := v.versionsSeen(c)
	c.Changes = gathered.SortedChanges(slices.Concat(announced, inferredDeploys(v.by(), announced, seen), runtimeDecisions(c)))
	c.Returns = returns(v.by(), seen, v.span.End, c.Step)
	v.takenBack(ctx, c)
	c.Revisions = v.revisions(c, seen)
}
