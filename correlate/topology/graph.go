package topology

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Graph is who calls whom. It answers for rules, commits and questions alike
// whether one entity is reached from another; nobody calls itself.
type Graph struct {
	callees, callers map[string][]string // sorted, each once
	below            map[string]map[string]int
}

// NewGraph reads calls in any order.
func NewGraph(calls []evidence.Edge) *Graph {
	g := &Graph{callees: map[string][]string{}, callers: map[string][]string{}, below: map[string]map[string]int{}}
	for _, c := range calls {
		if c.Caller != c.Callee {
			g.callees[c.Caller] = append(g.callees[c.Caller], c.Callee)
			g.callers[c.Callee] = append(g.callers[c.Callee], c.Caller)
		}
	}
	for _, side := range []map[string][]string{g.callees, g.callers} {
		for name, list := range side { // each by itself
			slices.Sort(list)
			side[name] = slices.Compact(list)
		}
	}
	return g
}

// IsEntry reports whether an entity calls others and nobody calls it, as far as is
// known.
func (g *Graph) IsEntry(name string) bool {
	return len(g.callees[name]) > 0 && len(g.callers[name]) == 0
}

// Reaches reports whether one entity calls another, directly or through others.
func (g *Graph) Reaches(caller, callee string) bool {
	below := g.below[caller]
	if below == nil {
		below = g.Below(caller)
		g.below[caller] = below
	}
	_, ok := below[callee]
	return ok && caller != callee
}

// Below are those that some entities reach, by the number of calls from the nearest
// of them; they themselves are at 0.
func (g *Graph) Below(from ...string) map[string]int {
	return walk(from, func(at string) [][]string { return [][]string{g.callees[at]} })
}

// Around are those that calls join to some entities, whichever way they go, by the
// number of calls between.
func (g *Graph) Around(from ...string) map[string]int {
	return walk(from, func(at string) [][]string { return [][]string{g.callees[at], g.callers[at]} })
}

func walk(from []string, next func(string) [][]string) map[string]int {
	distance := map[string]int{}
	for _, name := range from {
		distance[name] = 0
	}
	for queue := slices.Clone(from); len(queue) > 0; queue = queue[1:] {
		for _, list := range next(queue[0]) {
			for _, name := range list {
				if _, seen := distance[name]; !seen {
					distance[name] = distance[queue[0]] + 1
					queue = append(queue, name)
				}
			}
		}
	}
	return distance
}

// Way are the entities on a shortest way of calls from one of the callers to an
// entity, both ends included, the last first; of ways that are equally long,
// the first by name. It is nil where there is none.
func (g *Graph) Way(callers []string, to string) []string {
	from := map[string]string{}
	for _, c := range callers {
		from[c] = ""
	}
	for queue := slices.Clone(callers); len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at == to {
			var way []string
			for ; at != ""; at = from[at] {
				way = append(way, at)
			}
			return way
		}
		for _, next := range g.callees[at] {
			if _, seen := from[next]; !seen {
				from[next] = at
				queue = append(queue, next)
			}
		}
	}
	return nil
}
