package correlate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// alerted is a series of the alerting entity that the alert's rule looks at.
func alerted(m CaseMetric, stat string) CaseMetric {
	m.Alerting, m.Stat = true, stat
	return m
}

func TestTheAlertsOwnExpressionIsNoSecondMeasureThatNobodyExplains(t *testing.T) {
	c := &Case{Entities: entities("site", "search", "store"), Alerting: []string{"site"}, Edges: edgesOf("site>search", "search>store")}
	c.Metrics = []CaseMetric{
		alerted(metricOf("site", "errors_ratio", 0.01, 0.3, 0.31, 0.3), ""),
		alerted(metricOf("site", "errors_ratio", 0.01, 0.3, 0.31, 0.3), statExpr),
		metricOf("search", "errors_ratio", 0.01, 0.3, 0.31, 0.3),
		metricOf("store", "errors_ratio", 0.01, 0.3, 0.31, 0.3),
	}
	wantFirst(t, c, "store", MechanismError)
}

func TestTheAlertingMeasureWeighsLessThanAnothersWithoutACallGraph(t *testing.T) {
	c := &Case{Entities: entities("site", "store"), Alerting: []string{"site"}}
	c.Metrics = []CaseMetric{
		alerted(metricOf("site", "latency-90", 40, 400, 410, 405), ""),
		metricOf("site", "latency-50", 20, 200, 210, 205),
		metricOf("store", "cpu", 0.2, 1.9, 1.95, 1.97), metricOf("store", "latency-90", 20, 40, 41, 42),
	}
	wantFirst(t, c, "store", MechanismResource)
}

func TestARareErrorIsHeldAgainstEarlierRareErrors(t *testing.T) {
	base := make([]float64, 60)
	base[7], base[31] = 2, 3
	m := CaseMetric{Entity: "a", Name: "errors", Baseline: sampled(false, base...), Incident: sampled(true, 0, 1, 0, 0, 0, 0)}
	if got := measure(&m, 0); got.up > noiseZ {
		t.Errorf("one more rare error: got %.1f scales, want no more than noise, %d", got.up, noiseZ)
	}
	m.Baseline = sampled(false, make([]float64, 60)...)
	if got := measure(&m, 0); got.up < noiseZ {
		t.Errorf("the first error ever: got %.1f scales, want more than noise, %d", got.up, noiseZ)
	}
}

func TestTheWorkloadAmongGivenCandidatesNeedsNoCaller(t *testing.T) {
	v := &investigation{req: Request{Candidates: []string{"site", evidence.Workload}}}
	c := &Case{}
	v.joinEntities(c, nil)
	for _, e := range c.Entities {
		if e.Name == evidence.Workload && e.Kind != evidence.KindWorkload {
			t.Errorf("got kind %s, want %s", e.Kind, evidence.KindWorkload)
		}
	}
}

func TestAnImpatientCallerIsBlamedAndNotACalleeAsFastAsEver(t *testing.T) {
	build := func(callee float64) *Case {
		c := &Case{Entities: entities("front", "orders", "stock"), Alerting: []string{"front"}}
		for i := range 24 {
			bad, ms, text, below := i >= 12, 50.0, "", ""
			if bad {
				ms, text, below = callee, "context deadline exceeded", "context canceled"
			}
			addTrace(c, traceID(i), !bad, call{service: "front", op: "GET /", ms: ms + 20, failed: bad, calls: []call{{service: "orders", op: "list", at: 5, ms: ms + 2, failed: bad, text: text,
				calls: []call{{service: "stock", op: "read", at: 6, ms: ms, failed: bad, text: below}}}}})
		}
		return c
	}
	if got := first(t, build(30)); got.Entity.Name != "orders" {
		t.Errorf("given up after 30 ms where 50 ms were usual: got %s, want orders", got.Entity.Name)
	}
	if got := first(t, build(900)); got.Entity.Name != "stock" {
		t.Errorf("given up after 900 ms where 50 ms were usual: got %s, want stock", got.Entity.Name)
	}
}

func TestInputsAreNamedInTheWaysOfLogs(t *testing.T) {
	for body, want := range map[string][]string{
		"record 1003: field amount out of range": {"record=1003"},
		"cannot decode message offset=88123":     {"offset=88123"},
		"handled 12 requests in 1003 ms":         nil,
	} {
		if diff := cmp.Diff(want, inputIDs(body)); diff != "" {
			t.Errorf("%q: %s", body, diff)
		}
	}
}

func TestResolversComplaintsAreAboutTheBoundary(t *testing.T) {
	for line, want := range map[string]bool{
		"lookup api.partner.example: i/o timeout":                true,
		"lookup api.partner.example on 10.0.0.2:53: no answer":   true,
		"dial tcp 10.0.0.7:5432: connect: connection refused":    true,
		"lookup of the price failed: i/o timeout":                false,
		"cannot price basket: unexpected negative discount of 3": false,
	} {
		if got := atBoundary(line); got != want {
			t.Errorf("%q: got %v, want %v", line, got, want)
		}
	}
}
