package view_test

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestNoSpanHasMoreTimeOfItsOwnThanItTook has callers that hang up at once while
// what they called goes on, and calls side by side.
func TestNoSpanHasMoreTimeOfItsOwnThanItTook(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("front", "store")}
	hangUp := func(at float64) casetest.Call {
		return casetest.Call{Service: "front", Op: "store", Kind: evidence.SpanClient, At: at, Ms: 0.2, Failed: true, Calls: []casetest.Call{
			{Service: "store", Op: "Read", At: at + 0.1, Ms: 400, Calls: []casetest.Call{{Service: "store", Op: "query", At: at + 1, Ms: 10}}}}}
	}
	casetest.AddTrace(c, casetest.TraceID(1), false, hangUp(0))
	casetest.AddTrace(c, casetest.TraceID(2), false, casetest.Call{Service: "front", Op: "GET /", Ms: 5, Calls: []casetest.Call{hangUp(1), hangUp(2)}})
	for _, n := range view.New(c).Traces.Nodes {
		if n.Self > n.Span.Duration {
			t.Errorf("%s of %s took %s, %s of it itself", n.Span.Operation, n.Span.Service, n.Span.Duration, n.Self)
		}
	}
}
