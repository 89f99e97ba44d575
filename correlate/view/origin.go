package view

import (
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/spoken"
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
	if n.Edge >= 0 && len(n.Children) == 0 && !n.says.Any(spoken.NotSent) && !(n.says.Any(spoken.GaveUp) && v.asUsual(node)) {
		if c := v.Traces.Edges[n.Edge].Callee; c >= 0 {
			return c
		}
	}
	return n.Entity
}

// impatientCaller is the caller that cancelled a span, or -1: the span says that
// it was cancelled, and it had not been running longer than it used to at
// times, when nobody hung up. A callee that got slower is cancelled too, but only
// after longer than that.
func (v *View) impatientCaller(node int) int {
	nodes := v.Traces.Nodes
	n := &nodes[node]
	if !n.says.Any(spoken.HungUp) {
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

// failureOf is what a span says about its failure.
func failureOf(sp *evidence.Span) string {
	text := sp.StatusMessage
	for _, name := range []string{"error", "error.type", "exception.type", "exception.message"} {
		text += " " + sp.Attributes[name]
	}
	for _, e := range sp.Events {
		text += " " + e.Attributes["exception.type"] + " " + e.Attributes["exception.message"]
	}
	return text
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
