package view

import (
	"strings"
)

// Origin is the entity that a failed span without a failed span below it failed
// because of: itself, unless it gave up waiting for another one, was cancelled
// by an impatient caller, or is a call to something that has no spans of its
// own, as a database.
func (v *View) Origin(node int) int {
	n := &v.Traces.Nodes[node]
	if c := v.impatientCaller(node); c >= 0 {
		return c
	}
	if w := v.waitedFor(node); w >= 0 {
		return w
	}
	if n.Edge >= 0 && len(n.Children) == 0 && !ContainsAny(n.spanText(), OwnFault) && !(gaveUp(n.Span) && v.asUsual(node)) {
		if c := v.Traces.Edges[n.Edge].Callee; c >= 0 {
			return c
		}
	}
	return n.Entity
}

// OwnFault are words of calls that fail before anything is sent: the caller ran
// out of what it calls with, or would not try.
var OwnFault = []string{"pool", "acquir", "circuit", "breaker", "too many open files", "cannot assign requested address", "rate limit", "marshal", "invalid argument", "unsupported protocol", "no such host", "lookup", "x509", "certificate"}

// impatientCaller is the caller that cancelled a span, or -1: the span says that
// it was cancelled, and it had not been running longer than it used to at
// times, when nobody hung up. A callee that got slower is cancelled too, but only
// after longer than that.
func (v *View) impatientCaller(node int) int {
	nodes := v.Traces.Nodes
	n := &nodes[node]
	if !saysCancelled(n.spanText()) {
		return -1
	}
	top := node
	for p := n.Parent; p >= 0 && nodes[p].Entity == n.Entity; p = nodes[p].Parent {
		top = p
	}
	caller := nodes[top].Parent
	if caller < 0 || nodes[caller].Entity < 0 {
		return -1
	}
	if !v.asUsual(top) {
		return -1
	}
	return nodes[caller].Entity
}

// spanText is what a span says about its failure, in lower case.
func (n *SpanNode) spanText() string {
	sp := n.Span
	text := sp.StatusMessage + " " + sp.Attributes["error"] + " " + sp.Attributes["error.type"] + " " + sp.Attributes["exception.message"]
	for _, e := range sp.Events {
		text += " " + e.Attributes["exception.type"] + " " + e.Attributes["exception.message"]
	}
	return strings.ToLower(text)
}

// saysCancelled reports whether a text says that the other side hung up.
func saysCancelled(text string) bool {
	return ContainsAny(text, []string{"context canceled", "context cancelled", "request canceled", "request cancelled", "client disconnected", "client closed request", "operation was canceled", "broken pipe"})
}

// markConsequences marks the spans that failed, or ran differently, because of another
// entity's failure below or above them.
func (v *View) markConsequences() {
	nodes := v.Traces.Nodes
	v.Consequence = make([]bool, len(nodes))
	for _, r := range v.Traces.Ranges {
		above := map[int]bool{}
		for i := r.From; i < r.To; i++ {
			if !nodes[i].Failed {
				continue
			}
			for p := nodes[i].Parent; p >= 0 && !above[p]; p = nodes[p].Parent {
				above[p] = true
			}
		}
		for i := r.From; i < r.To; i++ {
			if !nodes[i].Failed || above[i] {
				continue
			}
			o := v.Origin(i)
			for a := i; a >= 0; a = nodes[a].Parent {
				if nodes[a].Entity != o {
					v.Consequence[a] = true
				}
			}
		}
	}
}
