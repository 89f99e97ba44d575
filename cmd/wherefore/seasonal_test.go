package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/fixtures/testenv"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

// alerted is when the alert of the seasonal system fires.
var alerted = time.Date(2026, 3, 16, 6, 6, 0, 0, time.UTC)

// seasonalMetrics writes two weeks of a small system, a sample a minute: report
// works hard from six o'clock on, every day, and today stock does as well,
// which slows down front. OpenMetrics wants each metric in one piece.
func seasonalMetrics(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriter(f)
	write := func(metric, labels string, value func(at time.Time, peak, fault bool) float64) {
		_, _ = fmt.Fprintf(out, "# TYPE %s gauge\n", metric)
		for _, l := range strings.Split(labels, " ") {
			i := 0
			for at := alerted.Add(-15 * 24 * time.Hour); !at.After(alerted); at = at.Add(time.Minute) {
				day := at.Truncate(24 * time.Hour)
				peak := !at.Before(day.Add(6*time.Hour)) && at.Before(day.Add(7*time.Hour))
				v := value(at, peak && strings.Contains(l, "report"), at.After(alerted.Add(-6*time.Minute)) && !strings.Contains(l, "report"))
				i = (i*31 + 7) % 101
				_, _ = fmt.Fprintf(out, "%s{%s} %g %d\n", metric, l, v*(0.98+0.0004*float64(i)), at.Unix())
			}
		}
	}
	write("cpu_usage_ratio", `service="report" service="stock"`, func(_ time.Time, peak, fault bool) float64 {
		switch {
		case peak:
			return 0.95
		case fault:
			return 0.6
		}
		return 0.2
	})
	write("latency_p90_milliseconds", `service="front" service="stock"`, func(_ time.Time, _, fault bool) float64 {
		if fault {
			return 400
		}
		return 60
	})
	write("calls_per_second", `caller="front",callee="stock" caller="front",callee="report"`, func(time.Time, bool, bool) float64 { return 20 })
	_, _ = fmt.Fprintln(out, "# EOF")
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// seasonalPrometheus is a real Prometheus that holds the two weeks.
func seasonalPrometheus(t *testing.T) (*servers.Server, *prometheus.Client) {
	t.Helper()
	testenv.NeedsServers(t)
	promtool, err := servers.Find("promtool")
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	text, blocks := filepath.Join(dir, "metrics.om"), filepath.Join(dir, "blocks")
	seasonalMetrics(t, text)
	if out, err := exec.CommandContext(t.Context(), promtool, "tsdb", "create-blocks-from", "--max-block-duration", "27h", "openmetrics", "-q", text, blocks).CombinedOutput(); err != nil {
		t.Fatalf("promtool: %v\n%s", err, out)
	}
	p := servers.Start(t, servers.PrometheusOptions{DataDir: blocks}.Start)
	client, err := prometheus.New(prometheus.Config{Config: endpoint.Config{Address: p.URL("http")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return p, client
}

// TestPromisesAreLookedUpAsOfNow asks a real server whether conditions of a
// decision hold, at an hour at which one was broken and at one before.
func TestPromisesAreLookedUpAsOfNow(t *testing.T) {
	p, client := seasonalPrometheus(t)
	d := evidence.Decision{ID: "ADR-1", How: evidence.DecisionHow{Verify: []evidence.Condition{
		{Text: "stock uses less than half a CPU", Expr: `cpu_usage_ratio{service="stock"}`, Op: "<", Value: 0.5},
		{Text: "front calls stock", Expr: `calls_per_second{callee="stock"}`, Op: ">", Value: 10},
		{Text: "nobody measures this", Expr: `cpu_usage_ratio{service="nobody"}`, Op: "<", Value: 1},
	}}}
	results := func(now time.Time) string {
		var said []string
		for _, r := range correlate.New(correlate.Sources{Metrics: client}, patientOptions(config.Default())).CheckPromises(t.Context(), "stock", d, now) {
			said = append(said, r.Result)
		}
		return strings.Join(said, " ")
	}
	if got, want := results(alerted), "broken kept unknown"; got != want {
		t.Errorf("during the incident: got %s, want %s", got, want)
	}
	if got, want := results(alerted.Add(-30*time.Minute)), "kept kept unknown"; got != want {
		t.Errorf("before it: got %s, want %s", got, want)
	}
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	if got, want := results(alerted), "unknown unknown unknown"; got != want {
		t.Errorf("with the server gone: got %s, want %s", got, want)
	}
}

// TestADailyPeakIsNoAnomaly fills a Prometheus with two weeks in which one
// service is busy at the alert's hour every day, beside a fault of today. It is
// asked with and without earlier days, and recorded both ways.
func TestADailyPeakIsNoAnomaly(t *testing.T) {
	p, client := seasonalPrometheus(t)
	dir := t.TempDir()
	ask := func(days []int) report.Report {
		o := patientOptions(config.Default())
		o.EarlierDays = days
		r, err := correlate.New(correlate.Sources{Metrics: client}, o).Investigate(t.Context(), correlate.Request{Alert: seasonalAlert(), Now: alerted, Revision: 1})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	blames(t, "without earlier days", ask([]int{}), "report")
	blames(t, "with earlier days", ask(nil), "stock")

	cfg, question := written(t, fmt.Sprintf("sources:\n  prometheus: {address: %q}\n", p.URL("http"))), filepath.Join(dir, "alert.json")
	put(t, question, fmt.Sprintf(`{"version":"4","status":"firing","receiver":"r","groupKey":"g","alerts":[{"status":"firing","startsAt":%q,"labels":{"alertname":"FrontIsSlow","service":"front"}}]}`, alerted.Format(time.RFC3339)))
	for days, want := range map[string]string{"0": "report", "1,7": "stock"} {
		b := filepath.Join(dir, "bundle-"+days[:1])
		if stdout, stderr, code := runApp(t, "bundle", "record", "--config", cfg, "--alert", question, "--earlier-days", days, "-o", b,
			"--from", alerted.Add(-46*time.Minute).Format(time.RFC3339), "--to", alerted.Add(time.Second).Format(time.RFC3339)); code != exitOK {
			t.Fatalf("record: exit code %d, %s%s", code, stdout, stderr)
		}
		first, _, _ := runApp(t, "replay", b)
		second, _, _ := runApp(t, "replay", b)
		if first != second {
			t.Errorf("recorded with earlier days %s: two replays differ", days)
		}
		r, err := replayBundle(t.Context(), b, config.Default(), nil)
		if err != nil {
			t.Fatal(err)
		}
		blames(t, "recorded with earlier days "+days, r, want)
	}
}

func seasonalAlert() evidence.Alert {
	labels := map[string]string{"alertname": "FrontIsSlow", "service": "front"}
	return evidence.Alert{Receiver: "r", GroupKey: "g", Status: evidence.StatusFiring, Labels: labels,
		Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, Labels: labels, StartsAt: alerted}}}
}

func blames(t *testing.T, what string, r report.Report, want string) {
	t.Helper()
	if got := r.Causes[0].Entity.Name; got != want {
		t.Errorf("%s: got %s first, want %s", what, got, want)
		for _, c := range r.Causes[:min(3, len(r.Causes))] {
			t.Logf("  %s %s %d", c.Entity.Name, c.Mechanism, c.Score)
			for _, term := range c.Terms {
				t.Logf("    %5d %s %s", term.Points, term.ID, term.Why)
			}
		}
		for _, c := range r.Coverage {
			t.Logf("  %s %q %s %d %s", c.Source, c.Query, c.Status, c.Count, c.Detail)
		}
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
