package observe

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
	"github.com/wherefore-dev/wherefore/correlate/port"
	"github.com/wherefore-dev/wherefore/correlate/slo"
)

var now = time.Date(2026, 3, 29, 12, 30, 0, 0, time.UTC)

// metrics answers each query with a share of bad events at every step; at says
// which.
type metrics struct {
	at     func(query string, t time.Time) (float64, bool)
	series []evidence.Series
	err    error
}

func (m metrics) ListSeries(context.Context, []string, evidence.Window) ([]evidence.Series, bool, error) {
	return m.series, false, m.err
}

func (m metrics) QueryRange(_ context.Context, expr string, w evidence.Window, step time.Duration) ([]evidence.Series, error) {
	var s evidence.Series
	for t := w.Start; !t.After(w.End); t = t.Add(step) {
		if x, ok := m.at(expr, t); ok {
			s.Samples = append(s.Samples, evidence.Sample{Time: t, Value: x})
		}
	}
	if m.err != nil || len(s.Samples) == 0 {
		return nil, m.err
	}
	return []evidence.Series{s}, nil
}

type changes []evidence.Change

func (c changes) Changes(context.Context, evidence.Window) ([]evidence.Change, error) { return c, nil }

func specs(t *testing.T) []slo.Spec {
	t.Helper()
	var list []slo.Definition
	if err := yaml.Unmarshal([]byte(`[{name: up, service: shop, target: 99, bad: e_total, all: a_total}]`), &list); err != nil {
		t.Fatal(err)
	}
	out, errs := slo.Specs("w.yaml", list)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return out
}

func judged(o Observer, level int) map[string]casefile.CheckResult {
	in := &maturity.Input{Request: maturity.Request{CheckRequest: casefile.CheckRequest{Level: level, Service: "shop"}}, Now: now}
	o.Observe(context.Background(), in)
	out := map[string]casefile.CheckResult{}
	for _, r := range maturity.Run(in) {
		out[r.ID] = r
	}
	return out
}

// TestAttainmentIsMeasuredHourByHour is about the hours that are asked for and how
// they are told apart.
func TestAttainmentIsMeasuredHourByHour(t *testing.T) {
	for _, c := range []struct {
		name, status, says string
		at                 func(string, time.Time) (float64, bool)
		err                error
	}{
		{"all met", maturity.Pass, "up in 672 of 672 hours", func(string, time.Time) (float64, bool) { return .009, true }, nil},
		{"three missed", maturity.Pass, "669 of 672", func(_ string, t time.Time) (float64, bool) {
			return map[bool]float64{true: .02}[now.Sub(t) < 3*time.Hour], true
		}, nil},
		{"four missed", maturity.Fail, "668 of 672", func(_ string, t time.Time) (float64, bool) {
			return map[bool]float64{true: .02}[now.Sub(t) < 4*time.Hour], true
		}, nil},
		{"15 days", maturity.Inconclusive, "15 of 28 days are kept", func(_ string, t time.Time) (float64, bool) { return 0, now.Sub(t) < 15*24*time.Hour }, nil},
		{"at night nothing", maturity.Pass, "308 of 308", func(_ string, t time.Time) (float64, bool) { return 0, t.Hour() >= 8 && t.Hour() < 19 }, nil},
		{"nothing but NaN", maturity.Inconclusive, "nothing was measured of up", func(string, time.Time) (float64, bool) { return math.NaN(), true }, nil},
		{"NaN at night", maturity.Pass, "308 of 308", func(_ string, t time.Time) (float64, bool) {
			return map[bool]float64{false: math.NaN()}[t.Hour() >= 8 && t.Hour() < 19], true
		}, nil},
		{"less than none", maturity.Inconclusive, "nothing was measured of up", func(string, time.Time) (float64, bool) { return -.5, true }, nil},
		{"more than all", maturity.Fail, "0 of 672", func(string, time.Time) (float64, bool) { return 2, true }, nil},
		{"down", maturity.Inconclusive, "connection refused", func(string, time.Time) (float64, bool) { return 0, false }, errors.New("connection refused")},
	} {
		o := Observer{Sources: port.Sources{Metrics: metrics{at: c.at, err: c.err}}, SLOs: specs(t)}
		if got := judged(o, 3)["slo-attained"]; got.Status != c.status || !strings.Contains(got.Message, c.says) {
			t.Errorf("%s: got %s %q, want %s %q", c.name, got.Status, got.Message, c.status, c.says)
		}
	}
}

func TestExperimentsAreHeldAgainstTheObjectives(t *testing.T) {
	kind := func(after time.Duration, until string) changes {
		return changes{{ID: "x", Kind: evidence.ChangeExperiment, Service: "shop", Time: now.Add(-after), Attributes: map[string]string{"until": until}}, {ID: "d", Kind: evidence.ChangeDeploy, Service: "shop", Time: now.Add(-after)}}
	}
	for _, c := range []struct {
		name, status, says string
		list               changes
		bad                float64
	}{
		{"survived", maturity.Pass, "was survived: 1 objectives held", kind(time.Hour, ""), .01},
		{"not", maturity.Fail, "2.00 % were bad by up, 1 % may be", kind(time.Hour, now.Add(-time.Minute).Format(time.RFC3339)), .02},
		{"not over", maturity.Inconclusive, "was announced", kind(time.Minute, ""), 0},
		{"none", maturity.Inconclusive, "was announced", nil, 0},
		{"no traffic", maturity.Inconclusive, "no objective was measured", kind(time.Hour, ""), math.NaN()},
	} {
		o := Observer{Sources: port.Sources{Metrics: metrics{at: func(string, time.Time) (float64, bool) { return c.bad, true }}, Changes: []port.ChangeSource{c.list}}, SLOs: specs(t)}
		if got := judged(o, 3)["chaos-survived"]; got.Status != c.status || !strings.Contains(got.Message, c.says) {
			t.Errorf("%s: got %s %q, want %s %q", c.name, got.Status, got.Message, c.status, c.says)
		}
	}
}

func TestWhatRunsIsLookedAt(t *testing.T) {
	m := metrics{at: func(query string, _ time.Time) (float64, bool) { return .25, !strings.Contains(query, "e_total") }, series: []evidence.Series{
		{Name: "http_requests_total", Labels: map[string]string{"job": "shop", "code": "200"}}, {Name: "rpc_requests_total", Labels: map[string]string{"job": "shop"}},
		{Name: "rpc_client_requests_total", Labels: map[string]string{"job": "shop"}}, {Name: "orders_total", Labels: map[string]string{"job": "shop"}},
		{Name: "grpc_server_handled_total", Labels: map[string]string{"job": "shop"}}, {Name: "promhttp_metric_handler_requests_total", Labels: map[string]string{"job": "shop"}},
	}}
	o := Observer{Sources: port.Sources{Metrics: m}, SLOs: specs(t), Conditions: map[string]map[string]string{"latency_p99": {"": `h{job="{entity}"}[5m]`}}}
	got := judged(o, 4)
	for id, says := range map[string]string{
		"sli-live": "1 of 1 objectives are not measured: up gives nothing", "status-labelled": "2 of 3 metrics of requests have no label for the status, so that failures look like the rest: grpc_server_handled_total, rpc_requests_total", "logs-traced": "no logs are configured",
		"version-sent": "no traces are configured",
	} {
		if !strings.Contains(got[id].Message, says) {
			t.Errorf("%s: got %s %q, want %q", id, got[id].Status, got[id].Message, says)
		}
	}
	o.Conditions["latency_p99"][""] = `rate(h{job="{entity}"}[5m])`
	if l := o.latency(t.Context(), `a"b`, now); l.P99 != 250*time.Millisecond || l.Detail != "" {
		t.Errorf("got %+v, want 250ms", l)
	}
}
