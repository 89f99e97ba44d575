package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/telemetry"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestMetricsTellWhatHappened(t *testing.T) {
	m := telemetry.NewMetrics("v1", func() float64 { return 3 })
	m.Alert("accepted")
	m.Investigated(report.Report{Verdict: report.Verdict{Word: report.Inconclusive}}, time.Second, nil)
	m.Investigated(report.Report{}, time.Second, errors.New("no"))
	m.Source("loki", false)
	if err := m.Register(telemetry.Unfiled(func() int { return 7 })); err != nil {
		t.Fatal(err)
	}
	rec := httptest.NewRecorder()
	m.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		`wherefore_alerts_total{outcome="accepted"} 1`, `wherefore_investigations_total{verdict="Inconclusive"} 1`,
		`wherefore_investigations_total{verdict="failed"} 1`, `wherefore_investigation_duration_seconds_count 1`,
		`wherefore_source_up{source="loki"} 0`, `wherefore_queue_length 3`, `wherefore_inbox_length 7`, `wherefore_build_info{version="v1"} 1`, `go_goroutines`,
	} {
		if !strings.Contains(rec.Body.String(), want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}

func TestTracesSayWhichVersionRunsWhere(t *testing.T) {
	got := make(chan []byte, 1)
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/v1/traces" {
			got <- body
		}
	}))
	defer collector.Close()
	tp, flush, err := telemetry.Tracing{Endpoint: collector.URL, Environment: "staging"}.Start(t.Context(), "v1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	_, span := tp.Tracer("test").Start(context.Background(), "investigate")
	span.End()
	if err := flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case body := <-got:
		// Texts stand in protobuf as they are.
		for _, want := range []string{"service.version", "v1.2.3", "deployment.environment.name", "staging", "wherefore", "investigate"} {
			if !bytes.Contains(body, []byte(want)) {
				t.Errorf("the exported trace lacks %q", want)
			}
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("nothing was exported")
	}
}

func TestWithoutAnEndpointNothingIsRecorded(t *testing.T) {
	tp, flush, err := telemetry.Tracing{}.Start(t.Context(), "v1")
	if err != nil {
		t.Fatal(err)
	}
	_, span := tp.Tracer("test").Start(t.Context(), "x")
	if span.IsRecording() {
		t.Error("a span is recorded with nowhere to send it")
	}
	if err := flush(t.Context()); err != nil {
		t.Error(err)
	}
}
