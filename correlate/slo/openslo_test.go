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

func openSource(kind string) string {
	return "apiVersion: openslo/v1\nkind: DataSource\nmetadata: {name: ours}\nspec: {type: " + kind + "}\n"
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
		{openFile("28d", "target: 0.98", "indicatorRef: foo-errors") + "---\n" + openSource("Prometheus") + "---\n" + openSource("Datadog"), .98, 28 * day, "a.yaml:32: DataSource ours stands there twice"},
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

// TestOpenSLOIsCountedAsItIsWritten is about what an SLO says beyond its indicator and
// target: how its budget is counted, of whom its queries are asked, and which of its
// objectives has an indicator of its own.
func TestOpenSLOIsCountedAsItIsWritten(t *testing.T) {
	const ratio = "ratioMetric: {counter: true, bad: {metricSource: {spec: {query: e}}}, total: {metricSource: {spec: {query: a}}}}"
	const events = "(sum(rate(e[1h])) or vector(0)) / (sum(rate(a[1h])) > 0)"
	const slice = "(sum(rate(e[5m])) or vector(0)) / (sum(rate(a[5m])) > 0)"
	file := func(spec, window, method, goals string) string {
		return "# ours\n---\n# none yet\n---\napiVersion: openslo/v1\nkind: SLO\nmetadata: {name: up}\nspec:\n  service: shop\n  indicator: {spec: {" + spec +
			"}}\n  timeWindow: [" + window + "]\n  budgetingMethod: " + method + "\n  objectives: [" + goals + "]\n---\n"
	}
	const days = "{duration: 28d, isRolling: true}"
	source := func(kind string) string {
		return "apiVersion: openslo/v1\nkind: DataSource\nmetadata: {name: dd}\nspec: {type: " + kind + "}\n"
	}
	referring := file("ratioMetric: {counter: true, bad: {metricSource: {metricSourceRef: dd, spec: {query: e}}}, total: {metricSource: {metricSourceRef: dd, spec: {query: a}}}}", days, "Occurrences", "{target: 0.9}")
	for _, c := range []struct {
		name, content, share string // over an hour
		note, says           string
	}{
		{"events", file(ratio, days, "Occurrences", "{target: 0.9}"), events, "", ""},
		{"slices that are good or not", file(ratio, days, "Timeslices", "{target: 0.9, timeSliceTarget: 0.95, timeSliceWindow: 5m}"), "avg_over_time((max((" + slice + ") > bool 0.05))[1h:1m])", "", ""},
		{"slices in minutes", file(ratio, days, "Timeslices", "{target: 0.9, timeSliceTarget: 1, timeSliceWindow: 5}"), "avg_over_time((max((" + slice + ") > bool 0))[1h:1m])", "", ""},
		{"shares of slices", file(ratio, days, "RatioTimeslices", "{target: 0.9, timeSliceWindow: 5m}"), "avg_over_time((max(" + slice + "))[1h:1m])", "", ""},
		{"no slice", file(ratio, days, "Timeslices", "{target: 0.9, timeSliceTarget: 0.95}"), "", "", "timeSliceWindow"},
		{"no target of slices", file(ratio, days, "Timeslices", "{target: 0.9, timeSliceWindow: 1m}"), "", "", "needs timeSliceTarget"},
		{"a method that there is not", file(ratio, days, "Hours", "{target: 0.9}"), "", "", `a.yaml:5: SLO up: its budgetingMethod "Hours" is not one of`},
		{"by the calendar", file(ratio, "{duration: 1M, isRolling: false, calendar: {startTime: 2022-01-01 12:00:00, timeZone: America/New_York}}", "Occurrences", "{target: 0.9}"), events, "counted over the last 30 days instead", ""},
		{"a month written as a minute", file(ratio, "{duration: 1m}", "Occurrences", "{target: 0.9}"), "", "", "a month as 1M"},
		{"asked of Prometheus by reference", referring + source("Prometheus"), events, "", ""},
		{"asked of somebody else by reference", referring + source("Datadog"), "", "", "is asked of Datadog"},
		{"asked of nobody knows whom", referring, "", "", "metricSourceRef dd is no DataSource"},
		{"an indicator of the objective's own", file("", days, "Occurrences", "{target: 0.9, indicator: {spec: {"+ratio+"}}}"), events, "", ""},
		{"a reference of the objective's own", file(ratio, days, "Occurrences", "{target: 0.9, indicatorRef: nowhere}"), "", "", "indicatorRef nowhere"},
		{"a level of several series", file("thresholdMetric: {metricSource: {spec: {query: p99}}}", days, "Occurrences", "{target: 0.9, op: lte, value: 0.2}"), "avg_over_time((max((p99) > bool 0.2))[1h:1m])", "", ""},
		{"a share that may be NaN", file("ratioMetric: {rawType: success, raw: {metricSource: {spec: {query: g / a}}}}", days, "Occurrences", "{target: 0.9}"), "avg_over_time((max((1 - (g / a)) >= 0))[1h:1m])", "", ""},
	} {
		specs, errs := slo.OpenSLO(slo.File{Name: "a.yaml", Content: []byte(c.content)})
		if c.says != "" {
			if len(errs) != 1 || !strings.Contains(errs[0].Error(), c.says) || len(specs) > 0 {
				t.Errorf("%s: got %v, want an error that says %q", c.name, errs, c.says)
			}
			continue
		}
		if len(errs) > 0 || len(specs) != 1 {
			t.Errorf("%s: got %v and %v", c.name, specs, errs)
			continue
		}
		share, err := specs[0].Share(time.Hour)
		if share != c.share || err != nil || !strings.Contains(specs[0].Note, c.note) || (c.note == "") != (specs[0].Note == "") {
			t.Errorf("%s: got %s, %v, %q; want %s, %q", c.name, share, err, specs[0].Note, c.share, c.note)
		}
	}
}
