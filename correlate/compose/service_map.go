package compose

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// shownNodes bounds a service map to what a person takes in at a look.
const shownNodes = 12

// serviceMap is who calls whom among the entities that the incident concerns:
// those that alert, the causes, those on the way from the one to the other, and
// whoever else is hit, in this order of importance. It is nil where no call
// between them is known.
func serviceMap(c *gathered.Evidence, way []string, causes []report.Cause, hit []string) *report.ServiceMap {
	names := slices.Concat(c.Alerting, way)
	for _, cause := range causes[:min(len(causes), shownCauses)] {
		names = append(names, cause.Entity.Name)
	}
	shown := firstOnes(append(names, hit...), shownNodes)
	m := &report.ServiceMap{}
	for _, e := range c.Edges {
		if slices.Contains(shown, e.Caller) && slices.Contains(shown, e.Callee) {
			m.Edges = append(m.Edges, e)
		}
	}
	if len(m.Edges) == 0 {
		return nil
	}
	m.Measured = measuredCalls(c, m.Edges)
	for _, name := range shown {
		joined := slices.ContainsFunc(m.Edges, func(e evidence.Edge) bool { return e.Caller == name || e.Callee == name })
		if !joined && !slices.Contains(c.Alerting, name) {
			continue
		}
		m.Nodes = append(m.Nodes, report.MapNode{
			Entity: name, Alerting: slices.Contains(c.Alerting, name), Hit: 1 + slices.Index(hit, name),
			Rank: 1 + slices.IndexFunc(causes, func(x report.Cause) bool { return x.Entity.Name == name && x.Score > 0 }),
		})
	}
	return m
}

// firstOnes are the first n different names.
func firstOnes(names []string, n int) []string {
	var out []string
	for _, name := range names {
		if name != "" && !slices.Contains(out, name) && len(out) < n {
			out = append(out, name)
		}
	}
	return out
}
