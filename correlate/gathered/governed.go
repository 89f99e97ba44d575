package gathered

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// GovernedBy is the service whose code a commit changed, of those that it reached
// by its source's own word, by a deployment or by a line that it last touched:
// one that its paths name before any other, and the preferred one before others
// like it. It is empty when nobody knows.
func (c *Evidence) GovernedBy(commit *evidence.Commit, prefer string) string {
	reached := slices.Clone(commit.Services)
	for _, d := range c.Deployments {
		if slices.ContainsFunc(d.Commits, func(o evidence.Commit) bool { return o.SHA == commit.SHA }) {
			reached = append(reached, d.Service)
		}
	}
	for i := range c.Frames {
		f := &c.Frames[i]
		if f.Blame != nil && slices.ContainsFunc(f.Blame.Lines, func(l evidence.BlameLine) bool {
			return l.Line == f.Blame.Ref.Line && l.Commit == commit.SHA
		}) {
			reached = append(reached, f.Service)
		}
	}
	if len(reached) == 0 {
		return ""
	}
	named := func(service string) bool {
		return slices.ContainsFunc(commit.Files, func(file string) bool { return slices.Contains(strings.Split(file, "/"), service) })
	}
	return slices.MaxFunc(reached, func(a, b string) int { // the first of equals
		return cmp.Or(CompareBool(named(a), named(b)), CompareBool(a == prefer, b == prefer))
	})
}
