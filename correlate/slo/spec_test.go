package slo_test

import (
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/wherefore-dev/wherefore/correlate/slo"
)

func definitions(t *testing.T, text string) ([]slo.Spec, []error) {
	t.Helper()
	var list []slo.Definition
	if err := yaml.Unmarshal([]byte(text), &list); err != nil {
		return nil, []error{err}
	}
	return slo.Specs("w.yaml", list)
}

func TestDefinitions(t *testing.T) {
	const queries = `, bad: 'sum(rate(e[5m]))', all: 'sum(rate(a[5m]))'}`
	for _, c := range []struct {
		text   string
		target float64
		says   string
	}{
		{`[{name: n, service: s, goal: "<=0.5%"` + queries + `]`, .995, ""},
		{`[{name: n, service: s, target: 99.9` + queries + `]`, .999, ""},
		{`[{name: n, service: s, target: 0.999, period: 28d, good: g_total, all: a_total}]`, .999, ""},
		{`[{name: n, service: s, goal: p99<200ms, histogram: 'h_seconds{job="x"}'}]`, .99, ""},
		{`[{name: n, service: s, target: 0` + queries + `]`, 0, "w.yaml:1: SLO n: a target of 0 asks for nothing"},
		{`[{name: n, service: s, target: 1` + queries + `]`, 0, "w.yaml:1: SLO n: a target of 100 % leaves no error budget"},
		{`[{name: n, service: s, target: 100` + queries + `]`, 0, "leaves no error budget"},
		{`[{name: n, service: s, target: high` + queries + `]`, 0, `the target "high" is no share`},
		{`[{name: n, service: s` + queries + `]`, 0, "give one of goal"},
		{`[{name: n, goal: "<=1%"` + queries + `]`, 0, "needs a name and a service"},
		{`[{name: n, service: s, goal: p99<200ms}]`, 0, "no query says what is bad"},
		{`[{name: n, service: s, goal: "<=1%", bad: 'e_total'}]`, 0, "no query counts all events"},
		{`[{name: n, service: s, goal: "<=1%", bad: 'rate(', all: a_total}]`, 0, "query for bad events cannot be used"},
		{`[{name: n, service: s, goal: "<=1%", histogram: h}]`, 0, "a histogram measures a latency"},
		{`[{name: n, service: s, goal: "<=1%", period: soon` + queries + `]`, 0, `the period "soon" is no duration`},
		{`[{name: n, service: "{{s}}", goal: "<=1%"` + queries + `]`, 0, "holds {{"},
		{`[{name: n, service: s, goal: "<=1%", gaol: 1` + queries + `]`, 0, "field gaol not found"},
		{`[{name: n, service: s, target: 0.9` + queries + ", {name: n, service: s, target: 0.99" + queries + "]", .9, "w.yaml:1: SLO n of s stands at w.yaml:1 already"},
	} {
		specs, errs := definitions(t, c.text)
		if c.says == "" && len(errs) > 0 || c.says != "" && (len(errs) != 1 || !strings.Contains(errs[0].Error(), c.says)) {
			t.Errorf("%s\ngot %v, want an error that says %q", c.text, errs, c.says)
		}
		if (c.target > 0) != (len(specs) == 1) || len(specs) == 1 && round(specs[0].Target) != c.target {
			t.Errorf("%s\ngot %+v, want %v", c.text, specs, c.target)
		}
	}
}

func TestShare(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{name: n, service: s, target: 0.9, bad: 'sum(rate(e[5m]))', all: 'sum(rate(a[5m]))'}`, "(sum(rate(e[1h])) or vector(0)) / (sum(rate(a[1h])) > 0)"},
		{`{name: n, service: s, target: 0.9, good: 'g_total', all: 'sum by (x) (a_total)'}`, "(sum(sum by (x) (rate(a_total[1h]))) - (sum(rate(g_total[1h])) or vector(0))) / (sum(sum by (x) (rate(a_total[1h]))) > 0)"},
	} {
		specs, errs := definitions(t, "["+c.text+"]")
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		if got, err := specs[0].Share(time.Hour); got != c.want || err != nil {
			t.Errorf("%s\ngot  %s, %v\nwant %s", c.text, got, err, c.want)
		}
	}
}

// TestWhatARuleDoesNotSay is filled in from the definition that its labels name.
func TestWhatARuleDoesNotSay(t *testing.T) {
	const queries = `, bad: 'sum(rate(e[5m]))', all: 'sum(rate(a[5m]))'}`
	written, errs := definitions(t, `
- {name: up, service: shop, target: 99.5, period: 28d`+queries+`
- {name: up, service: cart, target: 99`+queries+`
- {name: fast, service: shop, target: 99`+queries)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	const ratio, burned = "sum(rate(e[1h])) / sum(rate(a[1h])) > 0.03", "sum(rate(e[1h])) / sum(rate(a[1h])) > 14.4 * 0.001"
	for _, c := range []struct {
		expr   string
		labels map[string]string
		target float64
		from   string
		period time.Duration
		says   string
	}{
		{ratio, map[string]string{"slo": "up", "service": "shop"}, .995, "definition", 28 * 24 * time.Hour, ""},
		{ratio, map[string]string{"slo": "fast"}, .99, "definition", slo.DefaultPeriod, ""},
		{burned, map[string]string{"slo": "up", "service": "shop"}, .999, "expression", 28 * 24 * time.Hour, "w.yaml:2 defines an objective of 99.5 %, the alert's rule has 99.9 %"},
		{ratio, map[string]string{"slo": "up"}, 0, "", 0, "fit 2 SLOs, up of shop (w.yaml:2) and up of cart (w.yaml:3): add the label service"},
		{ratio, map[string]string{"slo": "up", "service": "nobody"}, 0, "", 0, "neither the alert's labels nor its expression"},
	} {
		o, err := slo.OfAlert(c.expr, c.labels, nil, written)
		if c.target == 0 {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v: got %v, want %q", c.labels, err, c.says)
			}
			continue
		}
		if err != nil || round(o.Target) != c.target || o.TargetFrom != c.from || o.Period != c.period || !strings.Contains(strings.Join(o.Notes, ";"), c.says) {
			t.Errorf("%v: got %+v, %v; want %v from %s over %s, noting %q", c.labels, o, err, c.target, c.from, c.period, c.says)
		}
	}
}
