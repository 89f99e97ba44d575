package slo_test

import (
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/slo"
)

func TestAnObjectiveIsMeasuredOverFurtherWindows(t *testing.T) {
	const half, six = 30 * time.Minute, 6 * time.Hour
	labels := map[string]string{"service": "shop", "slo": "answers"}
	specs, errs := slo.Specs("f", []slo.Definition{{Name: "answers", Service: "shop", Target: "99.9", Bad: `e{job="x"}`, All: `a{job="x"}`}})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	const short, long = `sum(rate(e[30m])) / sum(rate(a[30m]))`, `sum(rate(e[6h])) / sum(rate(a[6h]))`
	for _, c := range []struct {
		name, expr string
		written    []slo.Spec
		want       []string
	}{
		{"a rule over one window", `sum(rate(e[6h])) / sum(rate(a[6h])) / (1 - 0.999) > 5`, nil, []string{short + ` / (1 - 0.999)`}},
		{"a rule over neither", `sum(rate(e[5m])) / sum(rate(a[5m])) > 14.4 * 0.001`, nil, []string{short, long}},
		{"a rule over both", long + ` > 6 * 0.001 and ` + short + ` > 6 * 0.001`, nil, nil},
		{"a recorded rule", `slo:bad:ratio_rate5m > 14.4 * 0.001`, nil, nil},
		{"a recorded rule with its definition", `slo:bad:ratio_rate5m{service="shop"} > 14.4 * 0.001`, specs,
			[]string{`(sum(rate(e{job="x"}[30m])) or vector(0)) / (sum(rate(a{job="x"}[30m])) > 0)`, `(sum(rate(e{job="x"}[6h])) or vector(0)) / (sum(rate(a{job="x"}[6h])) > 0)`}},
	} {
		o, err := slo.OfAlert(c.expr, labels, nil, c.written)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		o.AddWindows(half, six)
		var got []string
		for _, l := range o.Beside {
			got = append(got, l.Expr)
			if !slices.Contains(o.Queries(), l.Expr) || l.Total != "" && !slices.Contains(o.Queries(), l.Total) {
				t.Errorf("%s: %s is never asked", c.name, l.Expr)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
