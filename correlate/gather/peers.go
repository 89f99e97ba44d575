package gather

import (
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

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
