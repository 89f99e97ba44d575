package view

import (
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// waitedFor is the entity that a failed span was waiting for when it gave up, or
// -1: the span failed by a time-out, and a call to another entity below it took
// most of its time, and more than it used to. The one that gave up is not where
// such a failure comes from, unless it lost its patience with a callee that is
// as fast as ever.
func (v *View) waitedFor(node int) int {
	n := &v.Traces.Nodes[node]
	if !gaveUp(n.Span) {
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

// asUsual reports whether a span took no longer than such spans took at times
// when all was well. It is false where too few of them were seen.
func (v *View) asUsual(node int) bool {
	n := &v.Traces.Nodes[node]
	before := v.Traces.Ops[n.Op].lasted
	return len(before) >= v.By.View.Calls.Least && Millis(n.Span.Duration) <= v.By.View.Waiting.Usual*stat.Quantile(before, v.By.View.Waiting.UsualQuantile)
}

// gaveUp reports whether a span failed because it waited too long.
func gaveUp(sp *evidence.Span) bool {
	text := strings.ToLower(sp.StatusMessage + " " + sp.Attributes["error"] + " " + sp.Attributes["error.type"] + " " + sp.Attributes["exception.type"] + " " + sp.Attributes["exception.message"])
	for _, e := range sp.Events {
		text += " " + strings.ToLower(e.Attributes["exception.type"]+" "+e.Attributes["exception.message"])
	}
	return saysTimeout(text)
}

// WaitedForBy is the entity that a line without a trace speaks of when it says
// that an answer did not come in time, or -1: the one callee of its service
// that the alert names, else the only callee.
func (v *View) WaitedForBy(e int, line string) int {
	if e < 0 || !saysTimeout(strings.ToLower(line)) {
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

func saysTimeout(text string) bool {
	for _, phrase := range []string{"deadline exceeded", "deadline_exceeded", "timed out", "timeout", "time-out", "context canceled"} {
		if strings.Contains(text, phrase) {
			return true
		}
	}
	return false
}
