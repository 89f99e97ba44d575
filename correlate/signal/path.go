package signal

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/topology"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// WhoCallsWhom is the question for the calls between services.
var WhoCallsWhom = evidence.CallID{Source: "graph", Row: evidence.TopicGraph}

// topologyPath speaks against entities that the alerting one does not depend
// on, where the calls are known: what is not called cannot fail the caller.
func topologyPath(v *view.View) []Finding {
	if !v.Linked || len(v.Alerting) == 0 {
		return nil
	}
	onPath := 0
	for _, d := range v.Distance {
		if d > 0 {
			onPath++
		}
	}
	unknown := onPath == 0 && !callsShow(v)
	var out []Finding
	for e := range v.Names {
		if unknown && !callsAlerting(v, e) {
			continue // who alerts calls nobody that is known, so only its callers are known to be none
		}
		if v.Distance[e] < 0 && v.Kinds[e] != evidence.KindWorkload {
			out = append(out, Finding{Entity: e, Strength: -1, By: []evidence.CallID{WhoCallsWhom}, Why: fmt.Sprintf("nothing that alerts is known to call %s", v.Names[e])})
		}
	}
	return out
}

// callsAlerting tells whether an entity calls one that alerts, directly or
// through others.
func callsAlerting(v *view.View, e int) bool {
	for a := range v.Names {
		if v.Alerting[a] && a != e && v.Reaches(e, a) {
			return true
		}
	}
	return false
}

// callsShow reports whether the calls of whoever alerts would show in spans: each of
// them has a client's in normal time, and all of those name whom they call, so that
// what none of them leads to is not called. An address, or nothing, may be anybody.
func callsShow(v *view.View) bool {
	for e := range v.Names {
		if !v.Alerting[e] {
			continue
		}
		named := false
		for _, i := range v.Traces.ByEntity[e] {
			n := &v.Traces.Nodes[i]
			if n.Span.Kind != evidence.SpanClient || !v.Evidence.Traces[n.Trace].Baseline {
				continue
			}
			callee := topology.CalleeOf(n.Span)
			if callee == "" || callee == "localhost" || topology.IsAddress(callee) {
				return false
			}
			named = true
		}
		if !named {
			return false
		}
	}
	return true
}
