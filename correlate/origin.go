package correlate

import "strings"

// origin is the entity that a failed span without a failed span below it failed
// because of: itself, unless it gave up waiting for another one, was cancelled
// by an impatient caller, or is a call to something that has no spans of its
// own, as a database.
func (v *view) origin(node int) int {
	n := &v.traces.nodes[node]
	if c := v.impatientCaller(node); c >= 0 {
		return c
	}
	if w := v.waitedFor(node); w >= 0 {
		return w
	}
	if n.edge >= 0 && len(n.children) == 0 && !containsAny(n.spanText(), ownFault) && !(gaveUp(n.span) && v.asUsual(node)) {
		if c := v.traces.edges[n.edge].callee; c >= 0 {
			return c
		}
	}
	return n.entity
}

// ownFault are words of calls that fail before anything is sent: the caller ran
// out of what it calls with, or would not try.
var ownFault = []string{"pool", "acquir", "circuit", "breaker", "too many open files", "cannot assign requested address", "rate limit", "marshal", "invalid argument", "unsupported protocol", "no such host", "lookup", "x509", "certificate"}

// impatientCaller is the caller that cancelled a span, or -1: the span says that
// it was cancelled, and it had not been running longer than it used to at
// times, when nobody hung up. A callee that got slower is cancelled too, but only
// after longer than that.
func (v *view) impatientCaller(node int) int {
	nodes := v.traces.nodes
	n := &nodes[node]
	if !saysCancelled(n.spanText()) {
		return -1
	}
	top := node
	for p := n.parent; p >= 0 && nodes[p].entity == n.entity; p = nodes[p].parent {
		top = p
	}
	caller := nodes[top].parent
	if caller < 0 || nodes[caller].entity < 0 {
		return -1
	}
	if !v.asUsual(top) {
		return -1
	}
	return nodes[caller].entity
}

// spanText is what a span says about its failure, in lower case.
func (n *spanNode) spanText() string {
	sp := n.span
	text := sp.StatusMessage + " " + sp.Attributes["error"] + " " + sp.Attributes["error.type"] + " " + sp.Attributes["exception.message"]
	for _, e := range sp.Events {
		text += " " + e.Attributes["exception.type"] + " " + e.Attributes["exception.message"]
	}
	return strings.ToLower(text)
}

// saysCancelled reports whether a text says that the other side hung up.
func saysCancelled(text string) bool {
	return containsAny(text, []string{"context canceled", "context cancelled", "request canceled", "request cancelled", "client disconnected", "client closed request", "operation was canceled", "broken pipe"})
}

// excuse marks the spans that failed, or ran differently, because of another
// entity's failure below or above them.
func (v *view) excuse() {
	nodes := v.traces.nodes
	v.excused = make([]bool, len(nodes))
	for _, r := range v.traces.ranges {
		above := map[int]bool{}
		for i := r.from; i < r.to; i++ {
			if !nodes[i].failed {
				continue
			}
			for p := nodes[i].parent; p >= 0 && !above[p]; p = nodes[p].parent {
				above[p] = true
			}
		}
		for i := r.from; i < r.to; i++ {
			if !nodes[i].failed || above[i] {
				continue
			}
			o := v.origin(i)
			for a := i; a >= 0; a = nodes[a].parent {
				if nodes[a].entity != o {
					v.excused[a] = true
				}
			}
		}
	}
}
