package correlate

import (
	"cmp"
	"context"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Bounds of what is asked of history: the most telling places, whose lines'
// past is read, and the newest commits, that go through the checkpoint.
const (
	votingFrames  = 6
	checkedCommit = 50
)

// history asks how the suspect lines came to be and which decisions the
// candidates broke. Both are optional parts of the ports; a source without them
// leaves the terms that they feed to the blame of the line alone.
func (v *investigation) history(ctx context.Context, c *Case) {
	var steps []func()
	if h, ok := v.sources.Code.(HistorySource); ok {
		asked := 0
		for i := range c.Frames {
			f := &c.Frames[i]
			rev := c.RevisionOf(f.Service).Revision
			if f.Blame == nil || rev == "" || !f.suspect() || asked == votingFrames {
				continue
			}
			asked++
			steps = append(steps, func() {
				f.Votes, _ = ask(ctx, v.asker, question{source: "code", text: "history of the suspect lines"}, func(ctx context.Context) answer[[]evidence.LineVote] {
					list, err := h.LineVotes(ctx, f.Service, []evidence.Frame{f.Frame}, rev)
					return many(list, false, err)
				})
			})
		}
	}
	commits := c.Commits[:min(len(c.Commits), checkedCommit)]
	broken := make([][]evidence.BrokenCheck, len(commits))
	if k, ok := v.sources.Decisions.(CheckSource); ok {
		for i, commit := range commits {
			steps = append(steps, func() {
				broken[i], _ = ask(ctx, v.asker, question{source: "decisions", text: "checks of the decisions over the commits"}, func(ctx context.Context) answer[[]evidence.BrokenCheck] {
					service := c.serviceOf(commit)
					list, err := k.BrokenChecks(ctx, service, c.RevisionOf(service).Revision, commit)
					return many(list, false, err)
				})
			})
		}
	}
	v.together(steps...)
	c.Broken = map[string][]evidence.BrokenCheck{}
	for i, commit := range commits {
		if len(broken[i]) > 0 {
			c.Broken[commit.SHA] = broken[i]
		}
	}
}

// suspect reports a place that the failure names more than normal work did.
func (f *CaseFrame) suspect() bool { return f.Failing || f.Seen > f.Before }

// vote is how much a place's line speaks for a commit, from 0 to 1: by its
// history, with 1/rank for the rank-th commit back, else by blame alone.
func (f *CaseFrame) vote(sha string) float64 {
	if i := slices.IndexFunc(f.Votes, func(v evidence.LineVote) bool { return v.Commit == sha }); i >= 0 {
		return float64(f.Votes[i].Votes) / 1000
	}
	if len(f.Votes) == 0 && f.Blame != nil && blamed(f.Blame, sha) {
		return 1
	}
	return 0
}

// decidedBy is a decision's ID and which service's running revision its record
// is read at.
type decidedBy struct{ id, service string }

// compareDecided orders by ID; of one ID the service that comes first counts.
func compareDecided(a, b decidedBy) int {
	return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.service, b.service))
}
