package slo_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/wherefore-dev/wherefore/correlate/slo"
	"github.com/wherefore-dev/wherefore/fixtures/testenv"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

func someSpecs(t *testing.T) []slo.Spec {
	t.Helper()
	specs, errs := definitions(t, `
- {name: availability, service: shop, goal: "<=0.1%", bad: 'sum(rate(http_requests_total{code=~"5.."}[5m]))', all: 'sum(rate(http_requests_total[5m]))'}
- {name: latency, service: shop, goal: "p99<200ms", period: 28d, histogram: 'http_request_duration_seconds'}
- {name: lax, service: "a \"b\"", target: 0.9, good: 'good_total', all: 'all_total'}`)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return specs
}

// TestGeneratedAlertsAreUnderstood reads the alerts as an investigation does:
// objective, factor, windows and what is left.
func TestGeneratedAlertsAreUnderstood(t *testing.T) {
	out, notes, err := slo.Rules(someSpecs(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "a budget of 10 % burns at most 10 times too fast, so that 1 of 4 alerts could never fire") {
		t.Errorf("got the notes %q", notes)
	}
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Labels      map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(out, &file); err != nil {
		t.Fatal(err)
	}
	targets := map[string]float64{"availability": .999, "latency": .99, "lax": .9}
	alerts := 0
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			alerts++
			o, err := slo.OfAlert(r.Expr, r.Labels, nil, nil)
			if err != nil || round(o.Target) != targets[o.Name] || len(o.Notes) > 0 || len(o.Alternatives) != 1 || len(o.Alternatives[0].Legs) != 2 || !strings.HasPrefix(o.Left, "slo:error_budget_left:ratio{") {
				t.Errorf("%s: got %+v, %v", r.Expr, o, err)
				continue
			}
			legs := o.Alternatives[0].Legs
			if !slices.ContainsFunc(slo.Tiers(slo.DefaultPeriod), func(x slo.Tier) bool { return x.Short == legs[0].Window && x.Long == legs[1].Window }) {
				t.Errorf("%s: got the windows %v and %v", r.Expr, legs[0].Window, legs[1].Window)
			}
		}
	}
	if alerts != 4+4+3 {
		t.Errorf("got %d alerts, want 11", alerts)
	}
}

// TestGeneratedRulesPassPrometheusOwnChecks runs the generated tests over the
// generated rules.
func TestGeneratedRulesPassPrometheusOwnChecks(t *testing.T) {
	testenv.NeedsServers(t)
	promtool, err := servers.Find("promtool")
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	specs := someSpecs(t)
	rules, _, err := slo.Rules(specs)
	if err != nil {
		t.Fatal(err)
	}
	tests, err := slo.RuleTests(filepath.Join(dir, "rules.yml"), specs)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"rules.yml": rules, "tests.yml": tests} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"check", "rules", "rules.yml"}, {"test", "rules", "tests.yml"}} {
		cmd := exec.CommandContext(t.Context(), promtool, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}

// TestNobodyIsWokenForABudgetThatLasts of a period as short or as long as it likes.
func TestNobodyIsWokenForABudgetThatLasts(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		period  time.Duration
		factors []float64
	}{
		{30 * day, []float64{14.4, 6, 3, 1}}, {28 * day, []float64{13.44, 5.6, 2.8, 1}}, {7 * day, []float64{3.36, 1.4, 1, 1}}, {day, []float64{1, 1, 1}}, {time.Hour, []float64{1}},
	} {
		var got []float64
		for _, tier := range slo.Tiers(c.period) {
			got = append(got, tier.Factor)
		}
		if !slices.Equal(got, c.factors) {
			t.Errorf("%v: got %v, want %v", c.period, got, c.factors)
		}
	}
}

// TestNoTwoGroupsHaveOneName where the names of services and objectives run together:
// Prometheus takes no such file.
func TestNoTwoGroupsHaveOneName(t *testing.T) {
	specs, errs := definitions(t, `
- {name: b-c, service: a, target: 99, bad: e_total, all: a_total}
- {name: c, service: a-b, target: 99, bad: e_total, all: a_total}
- {name: b/c, service: a, target: 99, bad: e_total, all: a_total}
- {name: c, service: a/b, target: 99, bad: e_total, all: a_total}
- {name: c, service: a%2Fb, target: 99, bad: e_total, all: a_total}`)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	out, _, err := slo.Rules(specs)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Groups []struct{ Name string } }
	if err := yaml.Unmarshal(out, &file); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, g := range file.Groups {
		if seen[g.Name] {
			t.Errorf("the group %s stands there twice", g.Name)
		}
		seen[g.Name] = true
	}
}
