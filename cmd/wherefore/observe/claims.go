package observe

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

// made looks up when the revision was made that the facts are said to be of. A time
// that is only claimed stands where no repository has the revision.
func (o Observer) made(ctx context.Context, in *maturity.Input) {
	if o.Sources.Code == nil || in.Revision == "" || in.Service == "" {
		return
	}
	const some = 20 // the newest may be another one than the revision itself
	commits, err := o.Sources.Code.Commits(ctx, evidence.CommitQuery{Service: in.Service, To: in.Revision, Limit: some})
	if err != nil {
		return
	}
	for i := range commits {
		if evidence.SameRevision(in.Revision, commits[i].SHA) {
			in.RevisionAt = commits[i].Time
			return
		}
	}
}

// aroundDrill is how far the clocks of who drills and who announces may differ.
const aroundDrill = time.Minute

// drilled holds a drill against what was announced: its fault has to be an
// experiment, and what was changed until the service was well again is a hand.
// Where nobody takes announcements nothing can be held against it.
func (o Observer) drilled(ctx context.Context, service string, d *maturity.Drill) {
	if d == nil || len(o.Sources.Changes) == 0 {
		return
	}
	d.Unknown = fmt.Sprintf("no experiment on %s was announced for the time of the drill, %s; see docs/levels.md", service, d.At.UTC().Format("2006-01-02 15:04:05 UTC"))
	w := evidence.Window{Start: d.At.Add(-maturity.AttainedOver), End: d.At.Add(max(d.Healed, 0) + aroundDrill)}
	for _, source := range o.Sources.Changes {
		list, err := source.Changes(ctx, w)
		if err != nil {
			d.Unknown = "whether the fault of the drill was announced could not be asked: " + err.Error()
			return
		}
		for i := range list {
			c := &list[i]
			if !strings.EqualFold(c.Service, service) {
				continue
			}
			switch {
			case c.Kind != evidence.ChangeExperiment:
				d.ByHand = d.ByHand || d.Healed >= 0 && c.Time.After(d.At) && !c.Time.After(d.At.Add(d.Healed))
			case !c.Time.After(d.At.Add(aroundDrill)) && !endOf(c).Before(d.At.Add(-aroundDrill)):
				d.Unknown = ""
			}
		}
	}
}

// endOf is when an announced experiment ends, or ended.
func endOf(c *evidence.Change) time.Time {
	if t, err := time.Parse(time.RFC3339, c.Attributes["until"]); err == nil && t.After(c.Time) {
		return t
	}
	return c.Time.Add(usualExperiment)
}
