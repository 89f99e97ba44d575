package slo_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/slo"
)

const minute, hour, day = time.Minute, time.Hour, 24 * time.Hour

// The rules are those of Sloth's getting-started example, of Pyrra's README, of
// awesome lists and SRE workbook, with their own constants and windows.
const (
	sloth = `(
    max(slo:sli_error:ratio_rate5m{sloth_id="myservice-requests-availability", sloth_service="myservice", sloth_slo="requests-availability"} > (14.4 * 0.0009999999999999432)) without (sloth_window)
    and
    max(slo:sli_error:ratio_rate1h{sloth_id="myservice-requests-availability", sloth_service="myservice", sloth_slo="requests-availability"} > (14.4 * 0.0009999999999999432)) without (sloth_window)
)
or
(
    max(slo:sli_error:ratio_rate30m{sloth_id="myservice-requests-availability", sloth_service="myservice", sloth_slo="requests-availability"} > (6 * 0.0009999999999999432)) without (sloth_window)
    and
    max(slo:sli_error:ratio_rate6h{sloth_id="myservice-requests-availability", sloth_service="myservice", sloth_slo="requests-availability"} > (6 * 0.0009999999999999432)) without (sloth_window)
)`
	pyrra = `prometheus_http_requests:burnrate3m{job="prometheus",slo="prometheus-api-query"} > (14 * (1-0.99)) and prometheus_http_requests:burnrate30m{job="prometheus",slo="prometheus-api-query"} > (14 * (1-0.99))`
	seed  = `(sum(rate(http_request_duration_seconds_count{job="api",status=~"5.."}[6h])) / sum(rate(http_request_duration_seconds_count{job="api"}[6h]))) / (1 - 0.999) > 5`
)

type pair struct {
	Factor      float64
	Short, Long time.Duration
}

func TestObjectivesAreReadFromTheRule(t *testing.T) {
	sli := `sum(rate(e[5m])) / sum(rate(a[5m]))`
	for _, c := range []struct {
		expr     string
		labels   map[string]string
		name     string
		target   float64
		period   time.Duration
		pairs    []pair
		in, burn float64 // a value measured over the shortest window, and its burn
	}{
		{sloth, map[string]string{"sloth_slo": "requests-availability", "sloth_service": "myservice"}, "requests-availability", .999, 30 * day,
			[]pair{{14.4, 5 * minute, hour}, {6, 30 * minute, 6 * hour}}, .016, 16},
		{pyrra, map[string]string{"slo": "prometheus-api-query", "exhaustion": "2d"}, "prometheus-api-query", .99, 28 * day,
			[]pair{{14, 3 * minute, 30 * minute}}, .16, 16},
		{seed, map[string]string{"slo_target": "99.9"}, "", .999, 30 * day, []pair{{5, 6 * hour, 6 * hour}}, 5, 5},
		// Divided already, and below one: never divided again.
		{`job:late:ratio5m / (1 - 0.995) > 0.5`, map[string]string{"slo_target": "99.5"}, "", .995, 30 * day, []pair{{.5, 5 * minute, 5 * minute}}, .6, .6},
		{`(` + sli + `) / 0.01 > 2`, nil, "", .99, 30 * day, []pair{{2, 5 * minute, 5 * minute}}, 3, 3},
		{`slo:sli_error:ratio_rate5m / on (sloth_id) slo:error_budget:ratio > 14.4`, map[string]string{"objective": "99"}, "", .99, 30 * day, []pair{{14.4, 5 * minute, 5 * minute}}, 20, 20},
		{`slo:http:burn_rate_5m > 14.4 and slo:http:burn_rate_1h > 14.4`, nil, "", 0, 30 * day, []pair{{14.4, 5 * minute, hour}}, 20, 20},
		// The constant, however it is written and on whichever side.
		{`14.4 * (1 - 0.995) < job:late:ratio5m`, nil, "", .995, 30 * day, []pair{{14.4, 5 * minute, 5 * minute}}, .08, 16},
		{`100 * (` + sli + `) > 6 * (100 - 99.5)`, nil, "", .995, 30 * day, []pair{{6, 5 * minute, 5 * minute}}, 8, 16},
		{`1 - (` + sli + `) > 6 * 0.001`, nil, "", .999, 30 * day, []pair{{6, 5 * minute, 5 * minute}}, .016, 16},
		{`(` + sli + `) > (1 - 0.999)`, nil, "", .999, 30 * day, []pair{{1, 5 * minute, 5 * minute}}, .016, 16},
		// A plain threshold needs a label; the factor follows.
		{`(` + sli + `) > 0.03`, map[string]string{"slo": "x", "objective": "99 %"}, "x", .99, 30 * day, []pair{{3, 5 * minute, 5 * minute}}, .16, 16},
		{`(` + sli + `) < 0.97`, map[string]string{"objective": "0.99"}, "", .99, 30 * day, []pair{{3, 5 * minute, 5 * minute}}, .84, 16},
	} {
		o, err := slo.OfAlert(c.expr, c.labels, nil, nil)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		var pairs []pair
		for _, a := range o.Alternatives {
			pairs = append(pairs, pair{round(a.Factor), a.Legs[0].Window, a.Legs[len(a.Legs)-1].Window})
		}
		if diff := cmp.Diff(c.pairs, pairs); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.expr, diff)
		}
		if o.Name != c.name || round(o.Target) != c.target || o.Period != c.period {
			t.Errorf("%s: got %q %v over %v, want %q %v over %v", c.expr, o.Name, o.Target, o.Period, c.name, c.target, c.period)
		}
		if got, ok := o.Burn(o.Alternatives[0].Legs[0], c.in); !ok || round(got) != c.burn {
			t.Errorf("%s: %v burns at %v, want %v", c.expr, c.in, got, c.burn)
		}
	}
}

func round(x float64) float64 { return math.Round(x*1e6) / 1e6 }

func TestWhatIsNoObjective(t *testing.T) {
	for _, c := range []struct {
		expr, label, want string
	}{
		{`up == 0`, "", "compares no share"},
		{`node_load1 > 2 * 0.1`, "", "compares no share"},
		{`histogram_quantile(0.99, sum by (le) (rate(lat_bucket[5m]))) > 0.25`, "99", "compares no share"},
		{`a / b > 0.03`, "", "neither the alert's labels nor its expression"},
		{`a / b > 0.03`, "100", "leaves no error budget"},
		{`a / b > 0.03`, "1", "leaves no error budget"},
		{`a / b > 0.03`, "0", "asks for nothing"},
		{`a / b > 0.03`, "250", "is no share"},
		{`a / b > 14.4 * 0.01 or c / d > 14.4 * 0.001`, "", "two objectives, 99 % and 99.9 %"},
		{`(a / b) / (1 - 1) > 5`, "", "leaves no error budget"},
		{`(a / b) / (100 - 100) > 5`, "", "leaves no error budget"},
		{`a / b > 14.4 * (1 - 1)`, "", "leaves no error budget"},
		{`(a / b) / (1 - 0) > 5`, "", "asks for nothing"},
		{`a / `, "", "parse error"},
	} {
		_, err := slo.OfAlert(c.expr, map[string]string{"slo_target": c.label}, nil, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %q: got %v, want an error that says %q", c.expr, c.label, err, c.want)
		}
	}
}

func TestAContradictionIsSaid(t *testing.T) {
	o, err := slo.OfAlert(seed, map[string]string{"slo_target": "99"}, nil, nil)
	if err != nil || round(o.Target) != .999 || len(o.Notes) != 1 || !strings.Contains(o.Notes[0], "99 %") {
		t.Errorf("got %v, %v and notes %q", o.Target, err, o.Notes)
	}
}

// TestExhaustion holds that a burn of 5 uses up a budget of 30 days in six days.
func TestExhaustion(t *testing.T) {
	for _, c := range []struct {
		left, burn float64
		want       time.Duration
		ok         bool
	}{
		{1, 5, 6 * day, true}, {.5, 5, 3 * day, true}, {0, 5, 0, true}, {-.2, 5, 0, true},
		{1, 0, 0, false}, {1, math.NaN(), 0, false}, {1, 1e-300, 0, false}, {math.NaN(), 5, 0, false},
	} {
		if got, ok := slo.Exhaustion(c.left, 30*day, c.burn); got != c.want || ok != c.ok {
			t.Errorf("%v left at %v: got %v %v, want %v %v", c.left, c.burn, got, ok, c.want, c.ok)
		}
	}
}

func TestBurnOfCounts(t *testing.T) {
	for _, c := range []struct {
		bad, all, target, want float64
		says                   string
	}{
		{5, 1000, .999, 5, ""},
		{0, 1000, .999, 0, ""},
		{1, 0, .999, 0, "no event"},
		{math.NaN(), 1, .999, 0, "no share"},
		{3, 2, .999, 0, "cannot be bad"},
		{1, 2, 0, 0, "asks for nothing"},
		{1, 2, 1, 0, "no error budget"},
		{1, 2, math.NaN(), 0, "not a number"},
	} {
		got, err := slo.Burn(c.bad, c.all, c.target)
		if round(got) != c.want || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v of %v at %v: got %v, %v; want %v, %q", c.bad, c.all, c.target, got, err, c.want, c.says)
		}
	}
	if !slo.Few(60, .999, 14.4) || slo.Few(100, .999, 14.4) {
		t.Error("of 60 events a single bad one burns at 16.7, of 100 at 10")
	}
}

func TestGoals(t *testing.T) {
	for _, c := range []struct {
		text   string
		target float64
		below  time.Duration
		says   string
	}{
		{"p99<200ms", .99, 200 * time.Millisecond, ""},
		{"P99.9 <= 1.5s", .999, 1500 * time.Millisecond, ""},
		{"p999<1s", .999, time.Second, ""},
		{"≤0.5%", .995, 0, ""},
		{"<=0.005", .995, 0, ""},
		{"<=0%", 0, 0, "no error budget"},
		{"<=100%", 0, 0, "asks for nothing"},
		{"p99<0ms", 0, 0, "above zero"},
		{"99", 0, 0, "is no goal"},
	} {
		g, err := slo.ParseGoal(c.text)
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: got %v, want an error that says %q", c.text, err, c.says)
			}
			continue
		}
		if err != nil || round(g.Target) != c.target || g.Below != c.below {
			t.Errorf("%s: got %v, %v, want %v below %v", c.text, g, err, c.target, c.below)
		}
	}
}

// TestAWindowStandsAtTheEndOfAName also where it is of several units, as Pyrra's are of
// objectives over a month.
func TestAWindowStandsAtTheEndOfAName(t *testing.T) {
	for name, want := range map[string]time.Duration{
		"r:burnrate5m": 5 * time.Minute, "r:burnrate1h4m": 64 * time.Minute, "r:burnrate1d1h43m": 25*time.Hour + 43*time.Minute, "r:burnrate4d6h51m": 102*time.Hour + 51*time.Minute,
		"http_2xx:ratio_rate30m": 30 * time.Minute, "e:ratio_1h": time.Hour, "e:ratio": 0,
	} {
		o, err := slo.OfAlert(name+" > (14 * (1 - 0.99))", map[string]string{"slo": "x"}, nil, nil)
		if err != nil || o.Alternatives[0].Legs[0].Window != want {
			t.Errorf("%s: got %+v, %v, want %v", name, o.Alternatives, err, want)
		}
	}
}

// TestALabelOfMuchElseIsNoTarget where its number is none that people mean by it.
func TestALabelOfMuchElseIsNoTarget(t *testing.T) {
	for _, c := range []struct {
		label, value string
		want         float64
	}{
		{"target", "5", 0}, {"target", "0.05", 0}, {"objective", "3", 0}, {"target", "10.0.0.1:9100", 0}, {"target", "99.5", .995}, {"objective", "0.9", .9}, {"slo_target", "5", .05},
	} {
		got, _, err := slo.TargetOf(map[string]string{c.label: c.value}, nil)
		if round(got) != c.want || err != nil {
			t.Errorf("%s %s: got %v, %v, want %v", c.label, c.value, got, err, c.want)
		}
	}
}
