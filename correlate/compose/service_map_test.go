package compose

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestTheMapHoldsWhatTheIncidentConcerns(t *testing.T) {
	c := &gathered.Evidence{Alerting: []string{"front"}, Edges: casetest.EdgesOf("cart>stock", "front>cart", "front>quiet", "stock>store", "weather>wind")}
	causes := []report.Cause{{Entity: evidence.Entity{Name: "stock"}, Score: 9}, {Entity: evidence.Entity{Name: "wind"}}}
	want := &report.ServiceMap{
		Nodes: []report.MapNode{{Entity: "front", Alerting: true}, {Entity: "stock", Rank: 1}, {Entity: "cart", Hit: 1}},
		Edges: casetest.EdgesOf("cart>stock", "front>cart"), // the way to the first cause, and nothing that is quiet
	}
	if d := cmp.Diff(want, serviceMap(c, []string{"stock", "cart", "front"}, causes, []string{"cart"})); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	c.Edges = casetest.EdgesOf("weather>wind")
	if got := serviceMap(c, nil, causes, []string{"cart"}); got != nil {
		t.Errorf("without calls between them got %+v, want none", got)
	}
}

func TestTheMapIsBounded(t *testing.T) {
	c := &gathered.Evidence{Alerting: []string{"front"}}
	var hit []string
	for i := range 3 * shownNodes {
		name := fmt.Sprintf("svc-%02d", i)
		hit = append(hit, name)
		c.Edges = append(c.Edges, evidence.Edge{Caller: "front", Callee: name})
	}
	m := serviceMap(c, nil, nil, hit)
	if len(m.Nodes) != shownNodes || len(m.Edges) != shownNodes-1 || m.Nodes[0].Entity != "front" {
		t.Errorf("got %d nodes and %d edges from %s, want %d around the alerting one", len(m.Nodes), len(m.Edges), m.Nodes[0].Entity, shownNodes)
	}
}

// TestCallsOnTheMapAreMeasuredOnBothSides: by the callee's own span where there is one,
// else by the caller's, and by the unbiased sample alone.
func TestCallsOnTheMapAreMeasuredOnBothSides(t *testing.T) {
	onset := casetest.WorldOnset
	trace := func(baseline, sampled bool, took time.Duration, failed bool) gathered.Trace {
		at := onset.Add(time.Minute)
		return gathered.Trace{Baseline: baseline, Sampled: sampled, Trace: evidence.Trace{Spans: []evidence.Span{
			{SpanID: "1", Service: "front", Start: at, Duration: time.Second},
			{SpanID: "2", ParentID: "1", Service: "front", Kind: evidence.SpanClient, Start: at, Duration: time.Second, Callee: "cart"},
			{SpanID: "3", ParentID: "2", Service: "cart", Start: at, Duration: took, Failed: failed},
			{SpanID: "4", ParentID: "3", Service: "cart", Kind: evidence.SpanClient, Callee: "store", Start: at, Duration: took / 2, Failed: failed},
		}}}
	}
	c := &gathered.Evidence{Onset: report.Onset{At: onset}, Traces: []gathered.Trace{
		trace(true, true, 10*time.Millisecond, false), trace(false, true, 40*time.Millisecond, true), trace(false, true, 40*time.Millisecond, false), trace(false, false, time.Hour, true),
	}}
	want := []report.MeasuredCalls{
		{Caller: "front", Callee: "cart", Before: &report.CallsSide{Calls: 1, Median: .01}, Since: report.CallsSide{Calls: 2, Median: .04, Failed: .5}},
		{Caller: "cart", Callee: "store", Before: &report.CallsSide{Calls: 1, Median: .005}, Since: report.CallsSide{Calls: 2, Median: .02, Failed: .5}},
	}
	if d := cmp.Diff(want, measuredCalls(c, casetest.EdgesOf("front>cart", "cart>store", "cart>nobody"))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestCallsOnTheMapHaveRatesWhereRequestsAreCounted: by what the called one counts and the
// caller's share of it, else by how many calls each request of the caller makes.
func TestCallsOnTheMapHaveRatesWhereRequestsAreCounted(t *testing.T) {
	onset := time.Date(2026, 5, 1, 10, 6, 0, 0, time.UTC) // as level has it
	at := onset.Add(time.Minute)
	c := &gathered.Evidence{Onset: report.Onset{At: onset}, Traces: []gathered.Trace{
		{Sampled: true, Trace: evidence.Trace{Spans: []evidence.Span{
			{SpanID: "1", Service: "front", Start: at},
			{SpanID: "2", ParentID: "1", Service: "cart", Start: at},
			{SpanID: "3", ParentID: "2", Service: "cart", Kind: evidence.SpanClient, Callee: "store", Start: at},
			{SpanID: "4", ParentID: "2", Service: "cart", Kind: evidence.SpanClient, Callee: "store", Start: at},
		}}},
		{Sampled: true, Trace: evidence.Trace{Spans: []evidence.Span{{SpanID: "5", Service: "cart", Start: at}}}}, // asked from outside
	}}
	edges := casetest.EdgesOf("front>cart", "cart>store")
	for _, m := range measuredCalls(c, edges) {
		if m.Since.Rate != nil {
			t.Errorf("%s to %s: got %g calls a second where nothing counts requests", m.Caller, m.Callee, *m.Since.Rate)
		}
	}
	c.Metrics = []gathered.Series{level("cart", "http_requests_total", "rate", "1/s", nil, 4, 8)}
	for i, want := range []float64{4, 8} { // half of the requests to cart, two calls in two requests
		if m := measuredCalls(c, edges)[i]; m.Since.Rate == nil || *m.Since.Rate != want {
			t.Errorf("%s to %s: got %v calls a second, want %g", m.Caller, m.Callee, m.Since.Rate, want)
		}
	}
}
