package correlate

import (
	"fmt"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// onset0 is the onset of hand-built cases.
var onset0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// sampled makes samples a minute apart ending before, or starting at, onset0.
func sampled(after bool, xs ...float64) []evidence.Sample {
	out := make([]evidence.Sample, len(xs))
	for i, x := range xs {
		at := onset0.Add(time.Duration(i-len(xs)) * time.Minute)
		if after {
			at = onset0.Add(time.Duration(i) * time.Minute)
		}
		out[i] = evidence.Sample{Time: at, Value: x}
	}
	return out
}

// metricOf is a series with a steady baseline around a value.
func metricOf(entity, name string, around float64, incident ...float64) CaseMetric {
	var base []float64
	for i := range 20 {
		base = append(base, around*(1+0.02*float64(i%5-2)))
	}
	return CaseMetric{Entity: entity, Name: name, Baseline: sampled(false, base...), Incident: sampled(true, incident...)}
}

func entities(names ...string) []evidence.Entity {
	var es []evidence.Entity
	for _, n := range names {
		es = append(es, evidence.Entity{Name: n, Kind: evidence.KindService})
	}
	return es
}

// call is one span of a hand-built trace.
type call struct {
	service, op string
	at, ms      float64
	failed      bool
	calls       []call
	logs        []string
	kind        evidence.SpanKind
	peer, text  string // callee of a client span; what a failed one says
}

// addTrace appends a trace built from a tree of calls, and its log lines.
func addTrace(c *Case, id string, baseline bool, root call) {
	start := onset0.Add(time.Minute)
	if baseline {
		start = onset0.Add(-10 * time.Minute)
	}
	tr := CaseTrace{Baseline: baseline}
	tr.ID = id
	n := 0
	var walk func(parent string, k call)
	walk = func(parent string, k call) {
		n++
		span := fmt.Sprintf("%s-%03d", id, n)
		at := start.Add(time.Duration(k.at * float64(time.Millisecond)))
		tr.Spans = append(tr.Spans, evidence.Span{TraceID: id, SpanID: span, ParentID: parent, Service: k.service, Operation: k.op, Kind: k.kind,
			Start: at, Duration: time.Duration(k.ms * float64(time.Millisecond)), Failed: k.failed, StatusMessage: k.text})
		if k.peer != "" {
			tr.Spans[len(tr.Spans)-1].Attributes = map[string]string{"peer.service": k.peer}
		}
		for i, l := range k.logs {
			c.Logs = append(c.Logs, CaseLog{LogLine: evidence.LogLine{Time: at.Add(time.Duration(i+1) * time.Microsecond), Service: k.service, Body: l, TraceID: id, SpanID: span}, Baseline: baseline, Template: l})
		}
		for _, x := range k.calls {
			walk(span, x)
		}
	}
	walk("", root)
	c.Traces = append(c.Traces, tr)
}

// first is the first cause of a case, with the whole ranking in the failure.
func first(t *testing.T, c *Case) Cause {
	t.Helper()
	causes := rankCauses(c)
	if len(causes) == 0 {
		t.Fatal("got no cause at all")
	}
	return causes[0]
}

func wantFirst(t *testing.T, c *Case, entity string, m Mechanism) Cause {
	t.Helper()
	got := first(t, c)
	if got.Entity.Name != entity || got.Mechanism != m {
		for _, x := range rankCauses(c) {
			t.Logf("%s %s %d", x.Entity.Name, x.Mechanism, x.Score)
			for _, term := range x.Terms {
				t.Logf("    %5d %s %s", term.Points, term.ID, term.Why)
			}
		}
		t.Errorf("first cause: got %s/%s, want %s/%s", got.Entity.Name, got.Mechanism, entity, m)
	}
	return got
}

func TestStarvedServiceIsBlamedAndNotItsLouderCaller(t *testing.T) {
	c := &Case{Entities: entities("front", "stock"), Alerting: []string{"front"}, Edges: []evidence.Edge{{Caller: "front", Callee: "stock"}}}
	c.Metrics = []CaseMetric{
		metricOf("stock", "cpu_usage_ratio", 0.2, 0.9, 0.95, 0.97),
		metricOf("stock", "latency_p90_ms", 20, 300, 320, 310),
		metricOf("front", "latency_p90_ms", 60, 400, 420, 410),
	}
	got := wantFirst(t, c, "stock", MechanismResource)
	if got.Loci[0].Name != "cpu_usage_ratio" {
		t.Errorf("first locus: got %s, want cpu_usage_ratio", got.Loci[0].Name)
	}
}

func TestScoreIsTheSumOfItsTerms(t *testing.T) {
	c := &Case{Entities: entities("front", "stock"), Alerting: []string{"front"}, Edges: []evidence.Edge{{Caller: "front", Callee: "stock"}}}
	c.Metrics = []CaseMetric{metricOf("stock", "errors_total", 1, 40, 50), metricOf("front", "errors_total", 1, 60, 70)}
	for _, x := range rankCauses(c) {
		sum := 0
		for _, term := range x.Terms {
			sum += term.Points
		}
		if sum != x.Score {
			t.Errorf("%s: got score %d, want the sum of its terms %d", x.Entity.Name, x.Score, sum)
		}
	}
}

func TestEveryCandidateIsRankedOnceBeforeFurtherCauses(t *testing.T) {
	c := &Case{Entities: entities("a", "b", "silent")}
	c.Metrics = []CaseMetric{metricOf("a", "cpu_usage", 1, 9, 9, 9), metricOf("a", "request_errors", 1, 90, 90, 90)}
	causes := rankCauses(c)
	seen := map[string]bool{}
	for i, x := range causes {
		if x.Rank != i+1 {
			t.Errorf("rank of cause %d: got %d", i, x.Rank)
		}
		if i < 3 && seen[x.Entity.Name] {
			t.Errorf("%s comes a second time before all candidates were named", x.Entity.Name)
		}
		seen[x.Entity.Name] = true
	}
	if len(seen) != 3 {
		t.Errorf("got %d entities, want all 3", len(seen))
	}
}
