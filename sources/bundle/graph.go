package bundle

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Dependencies returns the recorded calls. A bundle keeps one graph, so the
// window selects nothing.
func (b *Bundle) Dependencies(ctx context.Context, w evidence.Window) ([]evidence.Edge, error) {
	if err := b.replay(ctx, SourceGraph, WindowQueryText("dependencies", w)); err != nil {
		return nil, err
	}
	edges, err := b.graph.get(b.readGraph)
	return slices.Clone(edges), err
}

// readGraph adds up the calls of edges listed more than once.
func (b *Bundle) readGraph() ([]evidence.Edge, error) {
	calls := map[[2]string]int64{}
	lost := b.tally(SourceGraph)
	err := b.lines(GraphFile, lost, func(line []byte, n int) error {
		var e evidence.Edge
		if err := json.Unmarshal(line, &e); err != nil {
			lost.leave(lostForeign, fault(GraphFile, n, "is not an edge: %s", brief(err)))
			return nil
		}
		if e.Caller == "" || e.Callee == "" || e.Calls < 0 {
			lost.leave(lostForeign, fault(GraphFile, n, "needs a caller, a callee and no negative calls"))
			return nil
		}
		lost.read++
		calls[[2]string{e.Caller, e.Callee}] += e.Calls
		return nil
	})
	edges := make([]evidence.Edge, 0, len(calls))
	for k, c := range calls {
		edges = append(edges, evidence.Edge{Caller: k[0], Callee: k[1], Calls: c})
	}
	slices.SortFunc(edges, compareEdges)
	return edges, cmp.Or(err, lost.end())
}

func compareEdges(a, b evidence.Edge) int {
	return cmp.Or(cmp.Compare(a.Caller, b.Caller), cmp.Compare(a.Callee, b.Callee))
}
