package topology

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// CriticalPath are the IDs of the spans that the trace's duration was spent
// on, root first: from the end of the longest root backwards, the child that
// finished last is what was waited for (Zhang et al., "CRISP: Critical Path
// Analysis of Large-Scale Microservice Architectures", USENIX ATC 2022).
func CriticalPath(t evidence.Trace) []string {
	parents := Parents(t.Spans)
	children := Children(parents)
	var roots []int
	for i, p := range parents {
		if p < 0 {
			roots = append(roots, i)
		}
	}
	if len(roots) == 0 {
		return nil
	}
	root := slices.MaxFunc(roots, func(a, b int) int {
		return cmp.Or(cmp.Compare(t.Spans[a].Duration, t.Spans[b].Duration), cmp.Compare(t.Spans[b].SpanID, t.Spans[a].SpanID))
	})
	var path []string
	var walk func(i int)
	walk = func(i int) {
		path = append(path, t.Spans[i].SpanID)
		next := slices.Clone(children[i])
		slices.SortStableFunc(next, func(a, b int) int {
			return cmp.Or(t.Spans[b].End().Compare(t.Spans[a].End()), cmp.Compare(t.Spans[a].SpanID, t.Spans[b].SpanID))
		})
		until := t.Spans[i].End()
		if len(next) > 0 && t.Spans[next[0]].End().After(until) {
			until = t.Spans[next[0]].End() // clocks differ, or it was not waited for
		}
		var waited []int
		for _, c := range next {
			s := t.Spans[c]
			if s.Kind == evidence.SpanConsumer || s.End().After(until) || s.Duration <= 0 {
				continue // runs on by itself, or beside one that is on the path
			}
			waited = append(waited, c)
			until = s.Start
		}
		slices.Reverse(waited) // in order of time
		for _, c := range waited {
			walk(c)
		}
	}
	walk(root)
	return path
}

// Parents are the indexes of the spans' parents, -1 for a span whose parent is
// not among them. Of spans that share an ID the first is meant. A parent is
// believed whatever the clocks say, since hosts disagree about the time and not
// about who called; where spans are each other's ancestors, the first of them in
// order has no parent. It takes time linear in the spans.
func Parents(spans []evidence.Span) []int {
	index := make(map[string]int, len(spans))
	for i := range spans {
		if _, dup := index[spans[i].SpanID]; !dup {
			index[spans[i].SpanID] = i
		}
	}
	parents := make([]int, len(spans))
	for i := range spans {
		parents[i] = -1
		if p, ok := index[spans[i].ParentID]; ok && spans[i].ParentID != "" && p != i {
			parents[i] = p
		}
	}
	// walk numbers the walk towards the root that first met a span: who meets its
	// own walk again is in a circle.
	walk := make([]int, len(spans))
	for i := range spans {
		for j := i; j >= 0 && walk[j] == 0; j = parents[j] {
			walk[j] = i + 1
			if p := parents[j]; p >= 0 && walk[p] == i+1 {
				parents[firstOfCircle(parents, p)] = -1
				break
			}
		}
	}
	return parents
}

// firstOfCircle is the first in order of the spans that are each other's
// ancestors, one of which is given.
func firstOfCircle(parents []int, in int) int {
	first := in
	for j := parents[in]; j != in; j = parents[j] {
		first = min(first, j)
	}
	return first
}

// Children are the indexes of each span's children in the order of the spans.
func Children(parents []int) [][]int {
	children := make([][]int, len(parents))
	for i, p := range parents {
		if p >= 0 {
			children[p] = append(children[p], i)
		}
	}
	return children
}

// Skews lists the spans that begin before their parents, or end long after a
// parent that waited for them, by more than clocks may differ. The times are shown
// as they were recorded.
func Skews(t evidence.Trace, clocks time.Duration) []string {
	children := Children(Parents(t.Spans))
	var list []string
	for p, kids := range children {
		parent := t.Spans[p]
		for _, k := range kids {
			child := t.Spans[k]
			switch early := parent.Start.Sub(child.Start); {
			case early > clocks:
				list = append(list, fmt.Sprintf("%s %s begins %s before its parent in %s", child.Service, child.Operation, wording.Amount(early.Seconds(), "s"), parent.Service))
			case parent.Kind == evidence.SpanClient && child.Kind == evidence.SpanServer && child.Duration > parent.Duration+clocks:
				list = append(list, fmt.Sprintf("%s %s lasts longer than the call of %s that waited for it", child.Service, child.Operation, parent.Service))
			}
		}
	}
	const most = 10
	return list[:min(len(list), most)]
}
