package gather

import (
	"cmp"
	"context"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/port"
)

// Bounds of what is asked of history: the most telling places, whose lines'
// past is read, and the newest commits, that go through the checkpoint.
const (
	mostVoting  = 6
	mostChecked = 50
)

// history asks how the suspect lines came to be and which decisions the
// candidates broke. Both are optional parts of the ports; a source without them
// leaves the terms that they feed to the blame of the line alone.
func (v *Investigation) history(ctx context.Context, c *gathered.Evidence) {
	var steps []func()
	votes := make([][]evidence.LineVote, len(c.Frames))
	if h, ok := v.sources.Code.(port.HistorySource); ok {
		asked := 0
		for i := range c.Frames {
			f := &c.Frames[i]
			rev := c.RevisionOf(f.Service).Revision
			if f.Blame == nil || rev == "" || !f.Suspect() || asked == mostVoting {
				continue
			}
			asked++
			steps = append(steps, func() {
				votes[i], _ = ask.Put(ctx, v.Asker, ask.Question{Source: "code", Topic: evidence.TopicHistory}, func(ctx context.Context) ask.Answer[[]evidence.LineVote] {
					list, err := h.LineVotes(ctx, f.Service, []evidence.Frame{f.Frame}, rev)
					return ask.Many(list, false, err)
				})
			})
		}
	}
	commits := c.Commits[:min(len(c.Commits), mostChecked)]
	broken := make([][]evidence.BrokenCheck, len(commits))
	if k, ok := v.sources.Decisions.(port.CheckSource); ok {
		for i, commit := range commits {
			service := c.GovernedBy(&commit, "")
			steps = append(steps, func() {
				broken[i], _ = ask.Put(ctx, v.Asker, ask.Question{Source: "decisions", Topic: evidence.TopicChecks}, func(ctx context.Context) ask.Answer[[]evidence.BrokenCheck] {
					list, err := k.BrokenChecks(ctx, service, c.RevisionOf(service).Revision, commit)
					return ask.Many(list, false, err)
				})
			})
		}
	}
	v.Together(steps...)
	for i := range votes {
		if votes[i] != nil {
			c.Frames[i].Votes = votes[i]
		}
	}
	c.Broken = map[string][]evidence.BrokenCheck{}
	for i, commit := range commits {
		if len(broken[i]) > 0 {
			c.Broken[commit.SHA] = broken[i]
		}
	}
}

// decidedBy is a decision's ID and which service's running revision its record
// is read at.
type decidedBy struct{ id, service string }

// compareDecided orders by ID; of one ID the service that comes first counts.
func compareDecided(a, b decidedBy) int {
	return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.service, b.service))
}
