package view

import (
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// measureUsual notes, once the traces are measured, how long operations and calls
// take at times, and who took the time of calls that were never sent: both are asked
// for every failed span, and a request may have thousands of them.
func (v *View) measureUsual() {
	t := &v.Traces
	for i := range t.Ops {
		t.Ops[i].usual = stat.Quantile(t.Ops[i].lasted, v.By.View.Waiting.UsualQuantile)
	}
	for i := range t.Edges {
		t.Edges[i].usual = stat.Quantile(t.Edges[i].lasted, v.By.View.Waiting.UsualQuantile)
	}
	v.spenders = map[int][]spender{}
	for i := range t.Nodes {
		n := &t.Nodes[i]
		if _, known := v.spenders[n.Parent]; n.Parent >= 0 && !known && v.unsent(n) {
			v.spenders[n.Parent] = v.spendersOf(n.Parent)
		}
	}
}

// asUsual reports whether a span took no longer than such spans took at times
// when all was well. It is false where too few of them were seen.
func (v *View) asUsual(node int) bool {
	n := &v.Traces.Nodes[node]
	before, usual := len(v.Traces.Ops[n.Op].lasted), v.Traces.Ops[n.Op].usual
	if n.Edge >= 0 {
		before, usual = len(v.Traces.Edges[n.Edge].lasted), v.Traces.Edges[n.Edge].usual
	}
	return before >= v.By.View.Calls.Least && Millis(n.Span.Duration) <= v.By.View.Waiting.Usual*usual
}

// spender is who had taken most of a span's time, over what it used to take, by the
// end of one of the span's calls; -1 for nobody.
type spender struct {
	end time.Time
	who int
}

// spendersOf are those of a span, in order of the calls' ends.
func (v *View) spendersOf(parent int) []spender {
	nodes := v.Traces.Nodes
	calls := slices.DeleteFunc(slices.Clone(nodes[parent].Children), func(c int) bool {
		if nodes[c].Edge < 0 {
			return true
		}
		e := &v.Traces.Edges[nodes[c].Edge]
		return e.Callee < 0 || len(e.lasted) < v.By.View.Calls.Least
	})
	slices.SortStableFunc(calls, func(a, b int) int { return nodes[a].Span.End().Compare(nodes[b].Span.End()) })
	list := make([]spender, len(calls))
	over, who := map[int]float64{}, -1
	for i, c := range calls {
		n := &nodes[c]
		e := &v.Traces.Edges[n.Edge]
		over[e.Callee] += max(0, Millis(n.Span.Duration)-e.usual)
		if by := over[e.Callee]; by > 0 && (who < 0 || by > over[who] || by == over[who] && e.Callee < who) {
			who = e.Callee
		}
		list[i] = spender{n.Span.End(), who}
	}
	return list
}

// spentBefore is the entity that took the time which a call did not get, or -1:
// of the calls that its caller made before it, the ones that took longest over
// what they used to take.
func (v *View) spentBefore(node int) int {
	n := &v.Traces.Nodes[node]
	list := v.spenders[n.Parent]
	// Those that end when the call starts have ended before it.
	ended, _ := slices.BinarySearchFunc(list, n.Span.Start, func(s spender, at time.Time) int {
		if s.end.After(at) {
			return 1
		}
		return -1
	})
	if ended == 0 {
		return -1
	}
	return list[ended-1].who
}
