package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/jaeger"
	"github.com/wherefore-dev/wherefore/sources/loki"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

var liveCases = flag.String("live-cases", "", "recorded incidents to push into real servers, by directory, separated by commas, or all")

// TestABundleRanksTheSameLive pushes recorded incidents into empty servers and
// investigates them there. What was announced and the code come from the bundle
// both times. Scores may differ by a little: the replay hides spans that ended
// after the alert, the servers have them. One incident stands for all unless
// asked: go test ./cmd/wherefore -run RanksTheSameLive -live-cases all
func TestABundleRanksTheSameLive(t *testing.T) {
	dir := filepath.Join("..", "..", "fixtures", "recorded", "lab")
	for _, name := range liveCasesIn(t, dir, "h-outage") {
		t.Run(name, func(t *testing.T) { ranksTheSameLive(t, filepath.Join(dir, name)) })
	}
}

// liveCasesIn are the recorded incidents that the flag names, the one given when
// nobody set it.
func liveCasesIn(t *testing.T, dir, usual string) []string {
	t.Helper()
	switch *liveCases {
	case "":
		return []string{usual}
	case "all":
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
	return strings.Split(*liveCases, ",")
}

func ranksTheSameLive(t *testing.T, path string) {
	_, live := pushed(t, path)

	replayed := ranking(t, path, func(*correlate.Sources) {})
	for name, swap := range map[string]func(*correlate.Sources){
		"logs and metrics": func(s *correlate.Sources) { s.Logs, s.Metrics = live.Logs, live.Metrics },
		"everything":       func(s *correlate.Sources) { s.Logs, s.Metrics, s.Traces = live.Logs, live.Metrics, live.Traces },
	} {
		if d := unlike(t, replayed, ranking(t, path, swap)); d != "" {
			t.Errorf("%s live (-replayed +live):\n%s", name, d)
		}
	}
}

// pushed starts servers that hold a bundle's telemetry.
func pushed(t *testing.T, path string) (started []*servers.Server, live correlate.Sources) {
	t.Helper()
	j, l := servers.Start(t, servers.Jaeger), servers.Start(t, servers.Loki)
	blocks := t.TempDir()
	if stdout, stderr, code := runApp(t, "bundle", "push", path, "--jaeger-otlp", j.URL("otlp"), "--loki", l.URL("http"), "--prometheus-dir", blocks); code != exitOK {
		t.Fatalf("push: exit code %d, %s%s", code, stdout, stderr)
	}
	p := servers.Start(t, servers.PrometheusOptions{DataDir: blocks}.Start)
	live = dialed(t, endpoint.Config{}, j.Addresses["query"], l.URL("http"), p.URL("http"))
	settled(t, path, live.Traces)
	return []*servers.Server{j, l, p}, live
}

// dialed opens sources at addresses, as the configuration is besides.
func dialed(t *testing.T, c endpoint.Config, jaegerAt, lokiAt, prometheusAt string) correlate.Sources {
	t.Helper()
	at := func(address string) endpoint.Config {
		c.Address = address
		return c
	}
	j, err1 := jaeger.New(jaeger.Config{Config: at(jaegerAt)})
	l, err2 := loki.New(loki.Config{Config: at(lokiAt)})
	p, err3 := prometheus.New(prometheus.Config{Config: at(prometheusAt)})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(j.Close(), l.Close(), p.Close()); err != nil {
			t.Error(err)
		}
	})
	return correlate.Sources{Traces: j, Logs: l, Metrics: p}
}

// settled waits until Jaeger shows what it accepted.
func settled(t *testing.T, path string, src correlate.TraceSource) {
	t.Helper()
	b, err := bundle.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	w := b.Manifest().Data()
	services, err := b.Services(t.Context())
	if err != nil || len(services) == 0 {
		t.Fatalf("the bundle has services %v, %v", services, err)
	}
	count := func(src correlate.TraceSource) (n int) {
		traces, _, err := src.FindTraces(t.Context(), evidence.TraceQuery{Service: services[0], Window: w, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for _, tr := range traces {
			n += len(tr.Spans)
		}
		return n
	}
	for deadline := time.Now().Add(2 * time.Minute); count(src) < count(b); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("Jaeger shows %d spans, the bundle %d", count(src), count(b))
		}
	}
}

// ranking is the verdict, the first causes and the commit blamed for the first,
// of a bundle's alert with some of its sources swapped.
func ranking(t *testing.T, path string, swap func(*correlate.Sources)) report.Report {
	t.Helper()
	s, req, done, err := backend.OpenBundle(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	swap(&s)
	o := patientOptions(config.Default())
	r, err := correlate.New(s, o).Investigate(t.Context(), req)
	if err := errors.Join(err, done()); err != nil {
		t.Fatal(err)
	}
	return r
}

// unlike says in what two reports on the same incident differ: the verdict, the
// first cause, its commit, and the order of the first three causes as far as one is
// clearly ahead of another. Servers hold spans that ended after the alert and pick
// another sample, which moves points a little: what is nearer to each other than a
// twentieth of the first cause's points has no order.
func unlike(t *testing.T, a, b report.Report) string {
	t.Helper()
	if len(a.Causes) < 3 || len(b.Causes) < 3 {
		t.Fatalf("got %d and %d causes, want some to compare", len(a.Causes), len(b.Causes))
	}
	if d := cmp.Diff(firstOf(a), firstOf(b)); d != "" {
		return d
	}
	for _, x := range [][2]report.Report{{a, b}, {b, a}} {
		for i, ahead := range x[0].Causes[:3] {
			for _, behind := range x[0].Causes[i+1:] {
				if ahead.Score-behind.Score > x[0].Causes[0].Score/20 && standing(x[1], ahead) > standing(x[1], behind) {
					return fmt.Sprintf("%s (%d) is ahead of %s (%d) in one, not in the other", causeName(ahead), ahead.Score, causeName(behind), behind.Score)
				}
			}
		}
	}
	return ""
}

// firstOf is the verdict, the first cause and the commit blamed for it.
func firstOf(r report.Report) []string {
	list := []string{string(r.Verdict.Word), causeName(r.Causes[0])}
	if len(r.Causes[0].Commits) > 0 {
		list = append(list, "commit "+r.Causes[0].Commits[0].SHA)
	}
	return list
}

func causeName(c report.Cause) string {
	return fmt.Sprintf("%s %s %s", c.Entity.Name, c.Mechanism, c.Trigger)
}

// standing is the place of a cause in a report, behind all others where it is not.
func standing(r report.Report, c report.Cause) int {
	i := slices.IndexFunc(r.Causes, func(o report.Cause) bool { return causeName(o) == causeName(c) })
	if i < 0 {
		return len(r.Causes)
	}
	return i
}
