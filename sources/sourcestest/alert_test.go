package sourcestest_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/alertmanager"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

const exemplarTrace = "4bf92f3577b34da6a3ce929d0e0e4736"

// target is something to scrape: a histogram with an exemplar.
func target(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
		now := float64(time.Now().UnixMilli()) / 1000
		fmt.Fprintf(w, "# TYPE demo_seconds histogram\n# HELP demo_seconds A demonstration.\n"+
			"demo_seconds_bucket{le=\"1.0\"} 3 # {trace_id=%q,span_id=\"00f067aa0ba902b7\"} 0.5 %.3f\ndemo_seconds_bucket{le=\"+Inf\"} 4\n"+
			"demo_seconds_count 4\ndemo_seconds_sum 2.5\n# TYPE demo_jobs counter\ndemo_jobs_total 7\n# TYPE demo_queue gauge\ndemo_queue 3\n# EOF\n", exemplarTrace, now)
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// TestARealAlertIsParsed lets a real rule fire, and reads what a real
// Alertmanager makes of it.
func TestARealAlertIsParsed(t *testing.T) {
	payloads := make(chan []byte, 16)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil && r.Header.Get("Authorization") == "Bearer tok" {
			payloads <- body
		}
	}))
	defer hook.Close()
	am := servers.Start(t, servers.AlertmanagerFor(hook.URL, "tok"))
	const rule = `groups: [{name: demo, rules: [{alert: QueueDeep, expr: 'demo_queue > 2', labels: {severity: page, service: demo}, annotations: {summary: 'queue at {{ $value }}'}}]}]`
	servers.Start(t, servers.PrometheusOptions{Targets: []string{target(t)}, Alertmanager: am.Addresses["http"], Rules: rule}.Start)
	select {
	case body := <-payloads:
		a, err := alertmanager.Parse(body)
		if err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		if a.Name() != "QueueDeep" || a.Status != evidence.StatusFiring || a.Label("service") != "demo" || a.Annotation("summary") != "queue at 3" || len(a.Instances) != 1 {
			t.Errorf("got %+v", a)
		}
		i := a.Instances[0]
		if u, err := url.Parse(i.GeneratorURL); err != nil || u.Query().Get("g0.expr") != "demo_queue > 2" {
			t.Errorf("generator URL %q, %v; want the rule's expression in it", i.GeneratorURL, err)
		}
		if i.Fingerprint == "" || !i.EndsAt.IsZero() || time.Since(a.FiredAt()) > time.Minute || a.GroupKey == "" {
			t.Errorf("got %+v, fired at %v", i, a.FiredAt())
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("no alert within 30 s")
	}
}

// TestARealScrapeHasExemplarsAndMetadata: neither comes with backfilled blocks.
func TestARealScrapeHasExemplarsAndMetadata(t *testing.T) {
	s := servers.Start(t, servers.PrometheusOptions{Targets: []string{target(t)}}.Start)
	p, err := prometheus.New(prometheus.Config{Config: endpoint.Config{Address: s.URL("http")}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var window evidence.Window
	var got []evidence.Exemplar
	for deadline := time.Now().Add(2 * time.Minute); len(got) == 0; time.Sleep(200 * time.Millisecond) {
		window = evidence.Window{Start: time.Now().Add(-time.Minute), End: time.Now().Add(time.Minute)}
		got, err = p.Exemplars(t.Context(), `histogram_quantile(0.9, rate(demo_seconds_bucket[1m]))`, window)
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("got no exemplar, %v", err)
		}
	}
	if e := got[0]; e.TraceID != exemplarTrace || e.SpanID != "00f067aa0ba902b7" || e.Series != "demo_seconds_bucket" || e.Labels["le"] != "1.0" || e.Value != 0.5 {
		t.Errorf("got %+v", e)
	}
	series, _, err := p.ListSeries(t.Context(), []string{`{__name__=~"demo_.+"}`}, window)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range series {
		want := map[string]evidence.MetricKind{"demo_jobs_total": evidence.MetricCounter, "demo_queue": evidence.MetricGauge}[x.Name]
		if strings.HasPrefix(x.Name, "demo_seconds") {
			want = evidence.MetricHistogram
		}
		if x.Kind != want {
			t.Errorf("%s: got kind %q want %q", x.Name, x.Kind, want)
		}
	}
	if _, err := p.Exemplars(t.Context(), "sum(", window); !errors.Is(err, evidence.ErrInvalid) {
		t.Errorf("malformed: got %v, want ErrInvalid", err)
	}
}
