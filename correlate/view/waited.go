package view

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/spoken"
)

// waitedFor is the entity that a failed span was waiting for when it gave up, or
// -1: the span failed by a time-out, and a call to another entity below it took
// most of its time, and more than it used to. The one that gave up is not where
// such a failure comes from, unless it lost its patience with a callee that is
// as fast as ever.
func (v *View) waitedFor(node int) int {
	n := &v.Traces.Nodes[node]
	if !n.says.Any(spoken.GaveUp) {
		return -1
	}
	least := time.Duration(v.By.View.Waiting.Most * float64(n.Span.Duration))
	for _, c := range n.Children {
		child := &v.Traces.Nodes[c]
		if child.Entity == n.Entity {
			if w := v.slowBelow(c, n.Entity); w >= 0 && child.Span.Duration >= least {
				return w
			}
			continue
		}
		if child.Entity >= 0 && child.Span.Duration >= least && !v.asUsual(c) {
			return child.Entity
		}
	}
	return -1
}

// slowBelow is the other entity that a client span called, or -1.
func (v *View) slowBelow(node, caller int) int {
	for _, c := range v.Traces.Nodes[node].Children {
		if e := v.Traces.Nodes[c].Entity; e >= 0 && e != caller && !v.asUsual(c) {
			return e
		}
	}
	return -1
}

// WaitedForBy is the entity that a line without a trace speaks of when it says
// that an answer did not come in time, or -1: the one callee of its service
// that the alert names, else the only callee.
func (v *View) WaitedForBy(e int, line string) int {
	if e < 0 || !spoken.Says(line).Any(spoken.GaveUp) {
		return -1
	}
	only := -1
	for _, c := range v.Callees[e] {
		if v.Alerting[c] {
			return c
		}
		only = c
	}
	if len(v.Callees[e]) == 1 && !v.Alerting[e] {
		return only
	}
	return -1
}
