package correlate

import (
	"cmp"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// edges are who calls whom: from the graph source, from parents and children
// in traces, from client spans to dependencies without spans, and from metrics
// that carry both ends of a call.
func (v *investigation) edges(c *Case) []evidence.Edge {
	type pair struct{ caller, callee string }
	calls := map[pair]int64{}
	add := func(caller, callee string, n int64) {
		caller, callee = v.names.name(caller), v.names.name(callee)
		if caller != "" && callee != "" && caller != callee {
			calls[pair{caller, callee}] += n
		}
	}
	for _, e := range v.gathered.edges {
		add(e.Caller, e.Callee, e.Calls)
	}
	c.eachSpan(func(t *CaseTrace, s *evidence.Span, children []int) {
		remote := false
		for _, child := range children {
			if callee := t.Spans[child].Service; callee != s.Service {
				add(s.Service, callee, 1)
				remote = true
			}
		}
		if p, ok := PeerOf(*s); ok && !remote && !(p.Kind == evidence.KindExternal && isAddress(p.Name)) {
			add(s.Service, p.Name, 1)
		}
	})
	for _, m := range v.gathered.metrics {
		for _, ends := range edgeLabels {
			caller, okCaller := v.names.find(m.labels[ends[0]])
			callee, okCallee := v.names.find(m.labels[ends[1]])
			if okCaller && okCallee {
				add(caller, callee, 0)
			}
		}
	}
	list := make([]evidence.Edge, 0, len(calls))
	for p, n := range calls { // sorted below
		list = append(list, evidence.Edge{Caller: p.caller, Callee: p.callee, Calls: n})
	}
	slices.SortFunc(list, func(a, b evidence.Edge) int {
		return cmp.Or(cmp.Compare(a.Caller, b.Caller), cmp.Compare(a.Callee, b.Callee))
	})
	return list
}
