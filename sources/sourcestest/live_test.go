package sourcestest_test

import (
	"context"
	"errors"
	"flag"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/jaeger"
	"github.com/wherefore-dev/wherefore/sources/loki"
	"github.com/wherefore-dev/wherefore/sources/otlp"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
	"github.com/wherefore-dev/wherefore/sources/push"
	"github.com/wherefore-dev/wherefore/sources/record"
	"github.com/wherefore-dev/wherefore/sources/sourcestest"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/recording"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

var recordTapes = flag.Bool("record", false, "record what the real servers answer to testdata")

func tape(name string) string { return filepath.Join("testdata", name+".json.gz") }

func TestRecordingsOfTheServersKeepTheContract(t *testing.T) {
	if *recordTapes {
		t.Skip("recording now")
	}
	d := sourcestest.NewDataset()
	suite(t, d, recording.ReplayGRPC(t, tape("jaeger")), recording.ReplayHTTP(t, tape("loki")), recording.ReplayHTTP(t, tape("prometheus")))
}

// TestRealServersKeepTheContract sends a bundle to empty servers and asks them
// what it asks the replayer of that bundle.
func TestRealServersKeepTheContract(t *testing.T) {
	d := sourcestest.NewDataset()
	j, l, p := pushed(t, d)
	jaegerAt, lokiAt, prometheusAt := j.Addresses["query"], l.URL("http"), p.URL("http")
	if *recordTapes {
		jaegerAt = recording.RecordGRPC(t, tape("jaeger"), jaegerAt)
		lokiAt = recording.RecordHTTP(t, tape("loki"), lokiAt)
		prometheusAt = recording.RecordHTTP(t, tape("prometheus"), prometheusAt)
	}
	suite(t, d, jaegerAt, lokiAt, prometheusAt)
	jc, lc, pc := clients(t, j.Addresses["query"], l.URL("http"), p.URL("http"))
	if got, err := jc.Operations(t.Context(), "cart"); err != nil || len(got) == 0 || !slices.IsSorted(got) {
		t.Errorf("operations of cart: %q, %v", got, err)
	}
	countsLines(t, d, lc)
	for name, c := range map[string]interface{ Ping(context.Context) error }{"jaeger": jc, "loki": lc, "prometheus": pc} {
		if err := c.Ping(t.Context()); err != nil {
			t.Errorf("ping %s: %v", name, err)
		}
	}
}

func suite(t *testing.T, d sourcestest.Dataset, jaegerAt, lokiAt, prometheusAt string) {
	j, l, p := clients(t, jaegerAt, lokiAt, prometheusAt)
	t.Run("traces", func(t *testing.T) { sourcestest.Traces(t, d, j) })
	t.Run("graph", func(t *testing.T) { sourcestest.Graph(t, d, j) })
	t.Run("logs", func(t *testing.T) { sourcestest.Logs(t, d, l) })
	t.Run("metrics", func(t *testing.T) { sourcestest.Metrics(t, d, p) })
	t.Run("rules", func(t *testing.T) { sourcestest.Rules(t, d, p) })
	t.Run("recorded", func(t *testing.T) { recorded(t, d, j, l, p) })
}

// countsLines checks that Loki counts the lines that the replayer counts.
func countsLines(t *testing.T, d sourcestest.Dataset, l *loki.Client) {
	t.Helper()
	dir := t.TempDir()
	if err := d.WriteBundle(dir); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	const query, step = `{service_name="gateway"} |= "GET /cart"`, 15 * time.Second
	want, err1 := b.CountLines(t.Context(), query, d.Window, step)
	got, err2 := l.CountLines(t.Context(), query, d.Window, step)
	if err := errors.Join(err1, err2); err != nil || len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("Loki counts %v, the replayer %v: %v", got, want, err)
	}
}

// recorded checks that a recording of the servers answers as they do.
func recorded(t *testing.T, d sourcestest.Dataset, j *jaeger.Client, l *loki.Client, p *prometheus.Client) {
	dir := t.TempDir()
	w, err := bundle.NewWriter(dir, bundle.Manifest{ID: "recorded", Windows: map[string]evidence.Window{"data": d.Window}}, bundle.WriterOptions{Gzip: true})
	if err != nil {
		t.Fatal(err)
	}
	o := record.Options{Window: sourcestest.RecordedWindow()}
	n, coverage, err := record.Record(t.Context(), record.Sources{Traces: j, Logs: l, Metrics: p, Rules: p}, o, w)
	if err != nil {
		t.Fatal(err)
	}
	if n.Spans != len(d.Spans)+2 || n.Lines != len(d.Logs) || n.Series != len(d.Series) || n.Rules != len(d.Rules) || n.Edges != len(d.Edges) {
		t.Errorf("recorded %+v", n)
	}
	for _, c := range coverage {
		if c.Status != evidence.CoverageAnswered && c.Source != bundle.SourceExemplars {
			t.Errorf("coverage %+v, want it answered", c)
		}
	}
	alert := evidence.Alert{Status: evidence.StatusFiring, Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, StartsAt: d.Window.End}}}
	if err := errors.Join(w.Alert(alert), w.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	t.Run("traces", func(t *testing.T) { sourcestest.Traces(t, d, b) })
	t.Run("graph", func(t *testing.T) { sourcestest.Graph(t, d, b) })
	t.Run("logs", func(t *testing.T) { sourcestest.Logs(t, d, b) })
	t.Run("metrics", func(t *testing.T) { sourcestest.Metrics(t, d, b) })
	t.Run("rules", func(t *testing.T) { sourcestest.Rules(t, d, b) })
}

func clients(t *testing.T, jaegerAt, lokiAt, prometheusAt string) (*jaeger.Client, *loki.Client, *prometheus.Client) {
	t.Helper()
	j, err := jaeger.New(jaeger.Config{Config: endpoint.Config{Address: jaegerAt}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := loki.New(loki.Config{Config: endpoint.Config{Address: lokiAt}, PageSize: sourcestest.PageSize})
	if err != nil {
		t.Fatal(err)
	}
	p, err := prometheus.New(prometheus.Config{Config: endpoint.Config{Address: prometheusAt}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, c := range []interface{ Close() error }{j, l, p} {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return j, l, p
}

// pushed starts the servers and sends them the data set as a bundle.
func pushed(t *testing.T, d sourcestest.Dataset) (j, l, p *servers.Server) {
	t.Helper()
	j, l = servers.Start(t, servers.Jaeger), servers.Start(t, servers.Loki)
	dir, blocks := t.TempDir(), t.TempDir()
	if err := d.WriteBundle(dir); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	to := push.Targets{
		Jaeger:        sender(t, j.URL("otlp"), otlp.TracesPath),
		Loki:          sender(t, l.URL("http"), otlp.LogsPath),
		PrometheusDir: blocks,
	}
	n, err := push.Push(t.Context(), b, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n.Spans != len(d.Spans)+3 || n.Lines != len(d.Logs) || n.Samples == 0 {
		t.Fatalf("pushed %+v, want %d spans, %d lines and some samples", n, len(d.Spans)+3, len(d.Logs))
	}
	p = servers.Start(t, servers.PrometheusOptions{DataDir: blocks, Rules: d.RulesYAML()}.Start)
	settle(t, d, j, l)
	return j, l, p
}

func sender(t *testing.T, address, path string) *otlp.Sender {
	t.Helper()
	s, err := otlp.NewSender(otlp.Config{Config: endpoint.Config{Address: address}, Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// settle waits until the stores show everything: Jaeger stores a span some time
// after it accepted it, so that a trace may be there in part.
func settle(t *testing.T, d sourcestest.Dataset, js, ls *servers.Server) {
	t.Helper()
	j, l, _ := clients(t, js.Addresses["query"], ls.URL("http"), "http://127.0.0.1:1")
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		spans := 0
		for _, service := range []string{"gateway", "worker"} {
			traces, _, err := j.FindTraces(t.Context(), evidence.TraceQuery{Service: service, Window: d.Window, Limit: 1000})
			if err != nil {
				t.Fatal(err)
			}
			for _, tr := range traces {
				spans += len(tr.Spans)
			}
		}
		lines, _, err := l.Logs(t.Context(), evidence.LogQuery{Services: []string{"cart", "gateway", "store"}, Window: d.Window, Limit: 10_000})
		if err != nil {
			t.Fatal(err)
		}
		if spans == len(d.Spans)+2 && len(lines) == len(d.Logs) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the stores show %d spans and %d lines, want %d and %d", spans, len(lines), len(d.Spans)+2, len(d.Logs))
		}
	}
}
