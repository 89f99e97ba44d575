package gather

import (
	"cmp"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// edges are who calls whom: from the graph source, from parents and children
// in traces, from client spans to dependencies without spans, from the links of
// messages, and from metrics that carry both ends of a call.
func (v *Investigation) edges(c *gathered.Evidence) []evidence.Edge {
	type pair struct{ caller, callee string }
	calls := map[pair]int64{}
	add := func(caller, callee string, n int64) {
		caller, callee = v.names.Name(caller), v.names.Name(callee)
		if caller != "" && callee != "" && caller != callee {
			calls[pair{caller, callee}] += n
		}
	}
	for _, e := range v.answers.edges {
		add(e.Caller, e.Callee, e.Calls)
	}
	topology.EachSpan(c, func(t *gathered.Trace, s *evidence.Span, children []int) {
		remote := false
		for _, child := range children {
			if callee := t.Spans[child].Service; callee != s.Service {
				add(s.Service, callee, 1)
				remote = true
			}
		}
		if !remote && !topology.IsAddress(s.Callee) {
			add(s.Service, s.Callee, 1)
		}
	})
	for _, e := range v.residents {
		add(e.Caller, e.Callee, 0)
	}
	for _, e := range topology.Messages(c) {
		add(e.Caller, e.Callee, e.Calls)
	}
	for _, m := range v.answers.metrics {
		for _, ends := range edgeLabels {
			caller, okCaller := v.names.Find(m.labels[ends[0]])
			callee, okCallee := v.names.Find(m.labels[ends[1]])
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

// settleCallees gives every client span that no span answers the name of whom it
// calls. It returns the dependencies among them that have no spans of their own,
// by name.
func (v *Investigation) settleCallees(c *gathered.Evidence) map[string]evidence.EntityKind {
	callees := topology.LearnCallees(c, v.answers.edges, v.names)
	peers := map[string]evidence.EntityKind{}
	topology.EachSpan(c, func(t *gathered.Trace, s *evidence.Span, children []int) {
		for _, child := range children {
			if t.Spans[child].Service != s.Service {
				return // the callee speaks for itself
			}
		}
		p, ok := callees.Of(s)
		if !ok {
			s.Callee = p.Name // the service itself, or nobody
			return
		}
		s.Callee = v.names.Name(p.Name)
		if p.Kind == evidence.KindExternal && topology.IsAddress(p.Name) {
			return // tells a reader nothing
		}
		if have, seen := peers[s.Callee]; !seen || p.Kind < have {
			peers[s.Callee] = p.Kind
		}
	})
	for _, s := range v.answers.services {
		delete(peers, v.names.Name(s))
	}
	return peers
}
