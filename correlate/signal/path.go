package signal

import (
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
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
// them has a client's in normal time, so that what none of them leads to is not called.
func callsShow(v *view.View) bool {
	for e := range v.Names {
		if v.Alerting[e] && !slices.ContainsFunc(v.Traces.ByEntity[e], func(i int) bool {
			n := &v.Traces.Nodes[i]
			return n.Span.Kind == evidence.SpanClient && v.Evidence.Traces[n.Trace].Baseline
		}) {
			return false
		}
	}
	return true
}
