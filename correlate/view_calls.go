package correlate

import "github.com/wherefore-dev/wherefore/correlate/evidence"

// edgeFact is one service calling another, as the caller's span sees it.
type edgeFact struct {
	caller, callee int    // callee is -1 when it is no candidate
	peer           string // the callee's name as the caller gives it when it is not traced
	// gap is what the caller's span lasted longer than the callee's, in
	// milliseconds: network, queueing before the handler, and connecting.
	gap [2][]float64
	// calls and unanswered count calls, the latter those without the callee's
	// span; failed those that failed at the caller.
	calls, unanswered, failed [2]int
}

type edgeKey struct {
	caller, callee int
	peer           string
}

// countCall adds a client span to its edge.
func (v *view) countCall(j, e, sd int) {
	t := &v.traces
	n, ed := &t.nodes[j], &t.edges[e]
	ed.calls[sd]++
	if n.failed && !saysCancelled(n.spanText()) {
		ed.failed[sd]++ // hanging up is no failure of the callee
	}
	if len(n.children) == 0 {
		ed.unanswered[sd]++
	}
}

// callEdge tells whether a span is the client's side of a call: by its kind, or
// by having nothing below it but one span of another service.
func (v *view) callEdge(j int, edges map[edgeKey]int) (int, bool) {
	t := &v.traces
	n := &t.nodes[j]
	if n.entity < 0 {
		return 0, false
	}
	key := edgeKey{caller: n.entity, callee: -1}
	switch {
	case len(n.children) == 1 && t.nodes[n.children[0]].span.Service != n.span.Service:
		key.callee = t.nodes[n.children[0]].entity
	case len(n.children) == 0 && (n.span.Kind == evidence.SpanClient || n.span.Kind == evidence.SpanProducer):
		key.peer = n.span.Peer()
		if e := v.entity(key.peer); e >= 0 {
			key.callee, key.peer = e, ""
		} else if key.peer == "" {
			return 0, false
		}
	default:
		return 0, false
	}
	e, ok := edges[key]
	if !ok {
		e = len(t.edges)
		edges[key] = e
		t.byEdge = append(t.byEdge, nil)
		t.edges = append(t.edges, edgeFact{caller: key.caller, callee: key.callee, peer: key.peer})
	}
	return e, true
}
