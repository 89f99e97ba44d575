package gather

import (
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// peerEntities are the dependencies that client spans name and that have no
// spans of their own, by name.
func (v *Investigation) peerEntities(c *gathered.Evidence) map[string]evidence.EntityKind {
	peers := map[string]evidence.EntityKind{}
	topology.EachSpan(c, func(t *gathered.Trace, s *evidence.Span, children []int) {
		p, ok := topology.PeerOf(*s)
		if !ok || p.Kind == evidence.KindExternal && topology.IsAddress(p.Name) {
			return
		}
		for _, child := range children {
			if t.Spans[child].Service != s.Service {
				return // the callee speaks for itself
			}
		}
		name := v.names.Name(p.Name)
		if have, seen := peers[name]; !seen || p.Kind < have {
			peers[name] = p.Kind
		}
	})
	for _, s := range v.answers.services {
		delete(peers, v.names.Name(s))
	}
	return peers
}
