package slo_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/slo"
)

// The objects follow the examples of the OpenSLO specification.
const openSLI = `apiVersion: openslo/v1
kind: SLI
metadata:
  name: foo-errors
spec:
  ratioMetric:
    counter: true
    bad:
      metricSource: {type: Prometheus, spec: {query: 'sum(rate(e[5m]))'}}
    total:
      metricSource: {type: Prometheus, spec: {query: 'sum(rate(a[5m]))'}}
`

func openFile(window, objective, ref string) string {
	return `apiVersion: openslo/v1
kind: SLO
metadata: {name: foo-slo, displayName: Foo SLO}
spec:
  service: foo
  ` + ref + `
  timeWindow:
    - duration: ` + window + `
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - displayName: Foo Total Errors
      ` + objective + `
---
` + openSLI
}

func TestOpenSLO(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		content string
		target  float64
		period  time.Duration
		says    string
	}{
		{openFile("28d", "target: 0.98", "indicatorRef: foo-errors"), .98, 28 * day, ""},
		{openFile("1M", "targetPercent: 99.5", "indicatorRef: foo-errors"), .995, 30 * day, ""},
		{openFile("1Q", "target: 0.98", "indicatorRef: foo-errors"), .98, 90 * day, ""},
		{openFile("28d", "target: 0.98", "indicator: {metadata: {name: x}, spec: {thresholdMetric: {}}}"), 0, 0, "a.yaml:1: SLO foo-slo: no query says what is bad"},
		{openFile("28d", "target: 0.98", "indicatorRef: nowhere"), 0, 0, "a.yaml:1: SLO foo-slo: its indicatorRef nowhere is no SLI of these files"},
		{openFile("28d", "target: 0.98", "description: none"), 0, 0, "neither an indicator nor an indicatorRef"},
		{openFile("28d", "target: 0", "indicatorRef: foo-errors"), 0, 0, "asks for nothing"},
		{openFile("28d", "target: 1", "indicatorRef: foo-errors"), 0, 0, "no error budget"},
		{openFile("28d", "targetPercent: 100", "indicatorRef: foo-errors"), 0, 0, "no error budget"},
		{openFile("28d", "target: 98", "indicatorRef: foo-errors"), 0, 0, "is no share"},
		{openFile("28d", "target: .nan", "indicatorRef: foo-errors"), 0, 0, "not a number"},
		{openFile("soon", "target: 0.98", "indicatorRef: foo-errors"), 0, 0, `"soon" is no duration`},
		{strings.Replace(openFile("28d", "target: 0.98", "indicatorRef: foo-errors"), "/v1", "/v1alpha", 1), 0, 0, "write openslo/v1"},
		{openFile("28d", "target: 0.98", "indicatorRef: foo-errors") + "---\n" + openSLI, .98, 28 * day, "twice"},
		{"a: [", 0, 0, "a.yaml: yaml"},
	} {
		specs, errs := slo.OpenSLO(slo.File{Name: "a.yaml", Content: []byte(c.content)})
		if c.says == "" && len(errs) > 0 || c.says != "" && (len(errs) != 1 || !strings.Contains(errs[0].Error(), c.says)) {
			t.Errorf("%s\ngot %v, want an error that says %q", c.content, errs, c.says)
		}
		if (c.target > 0) != (len(specs) == 1) || len(specs) == 1 && (specs[0].Target != c.target || specs[0].Period != c.period || specs[0].Service != "foo") {
			t.Errorf("%s\ngot %+v, want %v over %v", c.content, specs, c.target, c.period)
		}
	}
	specs, _ := slo.OpenSLO(slo.File{Name: "a.yaml", Content: []byte(openFile("28d", "target: 0.98", "indicatorRef: foo-errors"))})
	if specs[0].Bad != "sum(rate(e[5m]))" || specs[0].All != "sum(rate(a[5m]))" {
		t.Errorf("got the queries %q and %q", specs[0].Bad, specs[0].All)
	}
}
