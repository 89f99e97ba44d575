package view

import (
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/spoken"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// EdgeFact is one service calling another, as the caller's span sees it.
type EdgeFact struct {
	Caller, Callee int    // callee is -1 when it is no candidate
	Peer           string // the callee's name as the caller gives it when it is not traced
	// Gap is what the caller's span lasted longer than the callee's, in
	// milliseconds: network, queueing before the handler, and connecting.
	Gap [2][]float64
	// Calls and unanswered count calls, the latter those without the callee's
	// span; failed those that failed at the caller.
	Calls, Unanswered, Failed [2]int
	// lasted are whole durations of the baseline's calls that did not fail, in
	// milliseconds; usual is how long they take at times.
	lasted []float64
	usual  float64
}

type edgeKey struct {
	caller, callee int
	peer           string
}

// countCall adds a client span to its edge.
func (v *View) countCall(j, e, sd int) {
	t := &v.Traces
	n, ed := &t.Nodes[j], &t.Edges[e]
	if v.unsent(n) {
		return
	}
	ed.Calls[sd]++
	if n.Failed && !n.says.Any(spoken.HungUp) {
		ed.Failed[sd]++ // hanging up is no failure of the callee
	}
	if len(n.Children) == 0 {
		ed.Unanswered[sd]++
	}
}

// callEdge tells whether a span is the client's side of a call: by its kind, or
// by having nothing below it but one span of another service.
func (v *View) callEdge(j int, edges map[edgeKey]int) (int, bool) {
	t := &v.Traces
	n := &t.Nodes[j]
	if n.Entity < 0 {
		return 0, false
	}
	key := edgeKey{caller: n.Entity, callee: -1}
	switch {
	case len(n.Children) == 1 && t.Nodes[n.Children[0]].Span.Service != n.Span.Service:
		key.callee = t.Nodes[n.Children[0]].Entity
	case len(n.Children) == 0 && (n.Span.Kind == evidence.SpanClient || n.Span.Kind == evidence.SpanProducer):
		if key.peer = topology.CalleeOf(n.Span); key.peer == "" || key.peer == n.Span.Service {
			return 0, false
		}
		if e := v.Entity(key.peer); e >= 0 {
			key.callee, key.peer = e, ""
		}
	default:
		return 0, false
	}
	e, ok := edges[key]
	if !ok {
		e = len(t.Edges)
		edges[key] = e
		t.ByEdge = append(t.ByEdge, nil)
		t.Edges = append(t.Edges, EdgeFact{Caller: key.caller, Callee: key.callee, Peer: key.peer})
	}
	return e, true
}
