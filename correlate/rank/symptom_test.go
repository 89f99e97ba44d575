package rank

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// alerted is a series of the alerting entity that the alert's rule looks at.
func alerted(m gathered.Series, stat string) gathered.Series {
	m.Alerting, m.Stat = true, stat
	return m
}

func TestTheAlertsOwnExpressionIsNoSecondMeasureThatNobodyExplains(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("site", "search", "store"), Alerting: []string{"site"}, Edges: casetest.EdgesOf("site>search", "search>store")}
	c.Metrics = []gathered.Series{
		alerted(casetest.MetricOf("site", "errors_ratio", 0.01, 0.3, 0.31, 0.3), ""),
		alerted(casetest.MetricOf("site", "errors_ratio", 0.01, 0.3, 0.31, 0.3), gathered.StatExpr),
		casetest.MetricOf("search", "errors_ratio", 0.01, 0.3, 0.31, 0.3),
		casetest.MetricOf("store", "errors_ratio", 0.01, 0.3, 0.31, 0.3),
	}
	wantFirst(t, c, "store", report.MechanismError)
}

func TestTheAlertingMeasureWeighsLessThanAnothersWithoutACallGraph(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("site", "store"), Alerting: []string{"site"}}
	c.Metrics = []gathered.Series{
		alerted(casetest.MetricOf("site", "latency-90", 40, 400, 410, 405), ""),
		casetest.MetricOf("site", "latency-50", 20, 200, 210, 205),
		casetest.MetricOf("store", "cpu", 0.2, 1.9, 1.95, 1.97), casetest.MetricOf("store", "latency-90", 20, 40, 41, 42),
	}
	wantFirst(t, c, "store", report.MechanismResource)
}

func TestARareErrorIsHeldAgainstEarlierRareErrors(t *testing.T) {
	noise := weights.Default().Scale.Noise
	base := make([]float64, 60)
	base[7], base[31] = 2, 3
	m := gathered.Series{Entity: "a", Name: "errors", Baseline: casetest.Sampled(false, base...), Incident: casetest.Sampled(true, 0, 1, 0, 0, 0, 0)}
	if got := view.Measure(&m, 0, weights.Default()); got.Up > noise {
		t.Errorf("one more rare error: got %.1f scales, want no more than noise, %g", got.Up, noise)
	}
	m.Baseline = casetest.Sampled(false, make([]float64, 60)...)
	if got := view.Measure(&m, 0, weights.Default()); got.Up < noise {
		t.Errorf("the first error ever: got %.1f scales, want more than noise, %g", got.Up, noise)
	}
}

func TestAnImpatientCallerIsBlamedAndNotACalleeAsFastAsEver(t *testing.T) {
	build := func(callee float64) *gathered.Evidence {
		c := &gathered.Evidence{Entities: casetest.Entities("front", "orders", "stock"), Alerting: []string{"front"}}
		for i := range 24 {
			bad, ms, text, below := i >= 12, 50.0, "", ""
			if bad {
				ms, text, below = callee, "context deadline exceeded", "context canceled"
			}
			casetest.AddTrace(c, casetest.TraceID(i), !bad, casetest.Call{Service: "front", Op: "GET /", Ms: ms + 20, Failed: bad, Calls: []casetest.Call{{Service: "orders", Op: "list", At: 5, Ms: ms + 2, Failed: bad, Text: text,
				Calls: []casetest.Call{{Service: "stock", Op: "read", At: 6, Ms: ms, Failed: bad, Text: below}}}}})
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
