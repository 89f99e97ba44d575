package compose

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/slo"
)

var burnStart = time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)

func samplesOf(values ...float64) []evidence.Sample {
	var list []evidence.Sample
	for i, v := range values {
		list = append(list, evidence.Sample{Time: burnStart.Add(time.Duration(i) * time.Minute), Value: v})
	}
	return list
}

// burning is evidence of an alert with an expression over what gave these
// values, and with what was measured for its budget besides.
func burning(t *testing.T, expr string, labels map[string]string, values []float64, besides map[string][]float64) *gathered.Evidence {
	t.Helper()
	o, err := slo.OfAlert(expr, labels, nil, nil)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	c := &gathered.Evidence{Alerting: []string{"edge"}, Objectives: []slo.Objective{o}, Incident: evidence.Window{Start: burnStart, End: burnStart.Add(time.Hour)}}
	c.Metrics = []gathered.Series{
		{Entity: "edge", Stat: gathered.StatExpr, Expr: o.Alternatives[0].Legs[0].Expr, Labels: labels, Incident: samplesOf(values...)},
		{Entity: "edge", Stat: "rate", Incident: samplesOf(0.9)},
	}
	for _, q := range slices.Sorted(maps.Keys(besides)) {
		c.Budget = append(c.Budget, evidence.Series{Expr: q, Samples: samplesOf(besides[q]...)})
	}
	return c
}

func TestTheBudgetBurnsByWhatTheRuleMeasures(t *testing.T) {
	const ratio = `sum(rate(e[5m])) / sum(rate(a[5m]))`
	for _, x := range []struct {
		expr   string
		target string
		values []float64
		want   float64
		says   string
	}{
		{ratio + ` > 0.03`, "99", []float64{.1, .25, .2}, 25, "burned up to 25 times too fast; a whole budget lasts 1 day 12 h"},
		{`(` + ratio + `) / (1 - 0.99) > 5`, "99", []float64{10, 25, 5}, 25, "a whole budget lasts 6 days at"},
		{ratio + ` > 14.4 * 0.01`, "", []float64{.25}, 25, "(99 % over 30 days, assumed)"},
		{`(` + ratio + `) / (1 - 0.99) > 0.5`, "99", []float64{.6}, .6, "burned at 0.6 times the rate allowed"},
		{ratio + ` > 0.03`, "99", []float64{.5, 412}, 0, "was not measured"}, // no ratio
		{ratio + ` > 0.03`, "99", nil, 0, "was not measured"},
	} {
		list, worst := budgets(burning(t, x.expr, map[string]string{"slo_target": x.target}, x.values, nil))
		if d := worst - x.want; d > 1e-9 || d < -1e-9 {
			t.Errorf("%s: burns at %v, want %v", x.expr, worst, x.want)
		}
		if len(list) != 1 || !strings.Contains(list[0].Says, x.says) {
			t.Errorf("%s: got %+v, want one that says %q", x.expr, list, x.says)
		}
	}
}

func TestABudgetSaysBothWindowsWhatIsLeftAndThatTrafficIsThin(t *testing.T) {
	const at = `sum(rate(e[%])) / sum(rate(a[%])) > 14.4 * (1 - 0.99)`
	expr := strings.ReplaceAll(at, "%", "1h") + " and " + strings.ReplaceAll(at, "%", "5m")
	c := burning(t, expr, map[string]string{"slo": "answers", "sloth_id": "x"}, []float64{.2, .4}, map[string][]float64{
		"sum(rate(e[1h])) / sum(rate(a[1h]))": {.05, .1}, "sum(rate(a[5m]))": {.01}, "sum(rate(a[1h]))": {10},
		`slo:period_error_budget_remaining:ratio{sloth_id="x"}`: {.6, .5},
	})
	list, worst := budgets(c)
	b := list[0]
	if worst < 39.9 || worst > 40.1 || b.BurnShort < 39.9 || b.BurnLong < 9.9 || b.BurnLong > 10.1 || b.Short != 5*time.Minute || b.Long != time.Hour {
		t.Errorf("got %v and %+v", worst, b)
	}
	// Half a budget of 30 days at ten times the rate: a day and a half.
	if b.Left == nil || *b.Left != .5 || b.Lasts.Round(time.Minute) != 36*time.Hour || !b.ExhaustedAt.Round(time.Minute).Equal(burnStart.Add(time.Minute+36*time.Hour)) {
		t.Errorf("left %v, lasts %v, exhausted at %v", b.Left, b.Lasts, b.ExhaustedAt)
	}
	if len(b.Notes) != 1 || !strings.Contains(b.Notes[0], "about 3 events in the window") {
		t.Errorf("notes %q, want one on 3 events", b.Notes)
	}
}

func TestSeriesOfAnotherObjectiveAreNotCounted(t *testing.T) {
	c := burning(t, `a:burnrate5m{x="1"} > 14 * (1 - 0.99)`, map[string]string{"slo": "a"}, []float64{.2}, nil)
	other := c.Metrics[0]
	other.Labels, other.Incident = map[string]string{"slo": "b"}, samplesOf(.9)
	c.Metrics = append(c.Metrics, other)
	if _, worst := budgets(c); worst < 19.9 || worst > 20.1 {
		t.Errorf("got %v, want the 20 of the alert's own", worst)
	}
}

func TestEachWindowSaysItsNewestBurnRate(t *testing.T) {
	const expr = `sum(rate(e[5m])) / sum(rate(a[5m])) > 14.4 * 0.01`
	c := burning(t, expr, map[string]string{"slo": "answers"}, []float64{.4, .2}, map[string][]float64{
		"sum(rate(e[30m])) / sum(rate(a[30m]))": {.3, .1}, "sum(rate(e[6h])) / sum(rate(a[6h]))": {.05, .06},
		"sum(rate(a[30m]))": {100}, "sum(rate(a[6h]))": {.0001}})
	c.Objectives[0].AddWindows(30*time.Minute, 6*time.Hour)
	list, _ := budgets(c)
	w := list[0].Windows
	if len(w) != 3 || w[0].Window != 5*time.Minute || w[1].Window != 30*time.Minute || w[2].Window != 6*time.Hour {
		t.Fatalf("got %+v, want three windows, the shortest first", w)
	}
	for i, want := range []float64{20, 10, 6} {
		if d := w[i].Burn - want; d > 1e-6 || d < -1e-6 || !w[i].At.Equal(burnStart.Add(time.Minute)) {
			t.Errorf("over %s: got %v at %s, want the newest, %v", w[i].Window, w[i].Burn, w[i].At, want)
		}
	}
	if w[1].Few || !w[2].Few {
		t.Errorf("got %+v, want too few events over six hours alone", w)
	}
}
