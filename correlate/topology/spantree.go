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
	children, roots := kin(t)
	if len(roots) == 0 {
		return nil
	}
	root := slices.MaxFunc(roots, func(a, b int) int {
		return cmp.Or(cmp.Compare(t.Spans[a].Duration, t.Spans[b].Duration), cmp.Compare(t.Spans[b].SpanID, t.Spans[a].SpanID))
	})
	var path []string
	seen := map[int]bool{}
	var walk func(i int)
	walk = func(i int) {
		if seen[i] {
			return // a cycle of parents
		}
		seen[i] = true
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

// kin finds each span's children in order of start, and the spans whose
// parent is not in the trace.
func kin(t evidence.Trace) (children [][]int, roots []int) {
	index := make(map[string]int, len(t.Spans))
	for i, s := range t.Spans {
		index[s.SpanID] = i
	}
	children = make([][]int, len(t.Spans))
	for i, s := range t.Spans {
		if p, ok := index[s.ParentID]; ok && s.ParentID != "" && p != i {
			children[p] = append(children[p], i)
		} else {
			roots = append(roots, i)
		}
	}
	return children, roots
}

// skewTolerance is how far a child may stick out of its parent before clocks
// are suspected: a batch of clocks in one data centre differs by less.
const skewTolerance = 2 * time.Millisecond

// Skews lists the spans that begin before their parents, or end long after a
// parent that waited for them. The times are shown as they were recorded.
func Skews(t evidence.Trace) []string {
	children, _ := kin(t)
	var list []string
	for p, kids := range children {
		parent := t.Spans[p]
		for _, k := range kids {
			child := t.Spans[k]
			switch early := parent.Start.Sub(child.Start); {
			case early > skewTolerance:
				list = append(list, fmt.Sprintf("%s %s begins %s before its parent in %s", child.Service, child.Operation, wording.Amount(early.Seconds(), "s"), parent.Service))
			case parent.Kind == evidence.SpanClient && child.Kind == evidence.SpanServer && child.Duration > parent.Duration+skewTolerance:
				list = append(list, fmt.Sprintf("%s %s lasts longer than the call of %s that waited for it", child.Service, child.Operation, parent.Service))
			}
		}
	}
	const few = 10
	return list[:min(len(list), few)]
}
