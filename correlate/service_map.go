package correlate

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// mapNodes bounds a service map to what a person takes in at a look.
const mapNodes = 12

// serviceMap is who calls whom among the entities that the incident concerns:
// those that alert, the causes, those on the way from the one to the other, and
// whoever else is hit, in this order of importance. It is nil where no call
// between them is known.
func serviceMap(c *Case, causes []Cause, hit []string) *ServiceMap {
	names := slices.Clone(c.Alerting)
	if len(causes) > 0 {
		names = append(names, wayTo(c, causes[0].Entity.Name)...)
	}
	for _, cause := range causes[:min(len(causes), 3)] {
		names = append(names, cause.Entity.Name)
	}
	shown := firstOnes(append(names, hit...), mapNodes)
	m := &ServiceMap{}
	for _, e := range c.Edges {
		if slices.Contains(shown, e.Caller) && slices.Contains(shown, e.Callee) {
			m.Edges = append(m.Edges, e)
		}
	}
	if len(m.Edges) == 0 {
		return nil
	}
	for _, name := range shown {
		joined := slices.ContainsFunc(m.Edges, func(e evidence.Edge) bool { return e.Caller == name || e.Callee == name })
		if !joined && !slices.Contains(c.Alerting, name) {
			continue
		}
		m.Nodes = append(m.Nodes, MapNode{
			Entity: name, Alerting: slices.Contains(c.Alerting, name), Hit: 1 + slices.Index(hit, name),
			Rank: 1 + slices.IndexFunc(causes, func(x Cause) bool { return x.Entity.Name == name && x.Score > 0 }),
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

// wayTo are the entities on a shortest way of calls from one that alerts to the
// given one; of ways that are equally long, the first by name.
func wayTo(c *Case, to string) []string {
	from := map[string]string{}
	queue := slices.Clone(c.Alerting)
	for _, a := range c.Alerting {
		from[a] = ""
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if at == to {
			var way []string
			for ; at != ""; at = from[at] {
				way = append(way, at)
			}
			return way
		}
		for _, e := range c.Edges { // in order of names
			if _, seen := from[e.Callee]; e.Caller == at && !seen {
				from[e.Callee] = at
				queue = append(queue, e.Callee)
			}
		}
	}
	return nil
}
