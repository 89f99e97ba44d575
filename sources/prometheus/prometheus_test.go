package prometheus_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
	"github.com/wherefore-dev/wherefore/sources/sourcestest"
)

func window() evidence.Window {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	return evidence.Window{Start: at, End: at.Add(time.Hour)}
}

func open(t *testing.T, c prometheus.Config) *prometheus.Client {
	t.Helper()
	p, err := prometheus.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestFailuresAreThePorts(t *testing.T) {
	sourcestest.HTTPFailures(t, func(t *testing.T, c endpoint.Config) sourcestest.Calls {
		p, w := open(t, prometheus.Config{Config: c}), window()
		return sourcestest.Calls{
			"ping":      p.Ping,
			"series":    func(ctx context.Context) error { _, _, err := p.ListSeries(ctx, []string{"up"}, w); return err },
			"range":     func(ctx context.Context) error { _, err := p.QueryRange(ctx, "up", w, time.Minute); return err },
			"samples":   func(ctx context.Context) error { _, err := p.Samples(ctx, "up", w); return err },
			"names":     func(ctx context.Context) error { _, err := p.Names(ctx, w); return err },
			"metadata":  func(ctx context.Context) error { _, err := p.Kinds(ctx); return err },
			"exemplars": func(ctx context.Context) error { _, err := p.Exemplars(ctx, "up", w); return err },
			"rules":     func(ctx context.Context) error { _, err := p.Rules(ctx); return err },
		}
	})
}

// answering is a Prometheus that answers by path.
func answering(t *testing.T, byPath map[string]string) *prometheus.Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, ok := byPath[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if strings.HasPrefix(data, "{\"status\"") {
			w.WriteHeader(http.StatusUnprocessableEntity)
			fmt.Fprint(w, data)
			return
		}
		fmt.Fprintf(w, `{"status":"success","data":%s}`, data)
	}))
	t.Cleanup(s.Close)
	return open(t, prometheus.Config{Config: endpoint.Config{Address: s.URL}})
}

func TestKindsComeFromMetadataElseFromSuffixes(t *testing.T) {
	p := answering(t, map[string]string{
		"/api/v1/series": `[{"__name__":"a_total"},{"__name__":"b_bucket","le":"1"},{"__name__":"b_count"},{"__name__":"c"},{"__name__":"c_sum"},
			{"__name__":"d","quantile":"0.5"},{"__name__":"e_count"},{"__name__":"f_total"},{"__name__":"g"},{"__name__":"h"}]`,
		"/api/v1/metadata": `{"c":[{"type":"summary"}],"e":[{"type":"unknown"},{"type":"summary"}],"f":[{"type":"counter"}],"h":[{"type":"gauge"}]}`,
	})
	series, _, err := p.ListSeries(t.Context(), []string{"x"}, window())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]evidence.MetricKind{}
	for _, s := range series {
		got[s.Name] = s.Kind
	}
	want := map[string]evidence.MetricKind{
		"a_total": evidence.MetricCounter, "b_bucket": evidence.MetricHistogram, "b_count": evidence.MetricHistogram, "c": evidence.MetricSummary,
		"c_sum": evidence.MetricSummary, "d": evidence.MetricSummary, "e_count": evidence.MetricSummary, "f_total": evidence.MetricCounter,
		"g": evidence.MetricUnknown, "h": evidence.MetricGauge,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestMetadataThatFailsLeavesTheSuffixes(t *testing.T) {
	p := answering(t, map[string]string{"/api/v1/series": `[{"__name__":"a_total"}]`})
	if got, _, err := p.ListSeries(t.Context(), []string{"x"}, window()); err != nil || got[0].Kind != evidence.MetricCounter {
		t.Errorf("got %v, %v; want a counter by its suffix", got, err)
	}
}

func TestSamplesLieInTheWindow(t *testing.T) {
	w := window()
	at := func(d time.Duration) string { return fmt.Sprintf("%.3f", float64(w.Start.Add(d).UnixMilli())/1000) }
	p := answering(t, map[string]string{"/api/v1/query": fmt.Sprintf(
		`{"resultType":"matrix","result":[{"metric":{"__name__":"x"},"values":[[%s,"1"],[%s,"2"],[%s,"NaN"],[%s,"+Inf"],[%s,"5"],[%s,"6"]]},{"metric":{"__name__":"y"},"values":[[%s,"1"]]}]}`,
		at(-time.Millisecond), at(0), at(1*time.Second), at(2*time.Second), at(time.Hour-time.Millisecond), at(time.Hour), at(time.Hour))})
	got, err := p.Samples(t.Context(), "x", w)
	want := []evidence.Series{{Name: "x", Samples: []evidence.Sample{{Time: w.Start, Value: 2}, {Time: w.End.Add(-time.Millisecond), Value: 5}}}}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
}

func TestTheServersRefusalsKeepTheirKind(t *testing.T) {
	for kind, body := range map[error]string{
		evidence.ErrInvalid:     `{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory"}`,
		evidence.ErrUnavailable: `{"status":"error","errorType":"timeout","error":"query timed out"}`,
	} {
		p := answering(t, map[string]string{"/api/v1/query_range": body})
		if _, err := p.QueryRange(t.Context(), "up", window(), time.Minute); !errors.Is(err, kind) || !strings.Contains(err.Error(), "too many samples") && !strings.Contains(err.Error(), "timed out") {
			t.Errorf("got %v, want %v with the server's words", err, kind)
		}
	}
}

func TestAServerWithoutExemplarsSaysSo(t *testing.T) {
	p := answering(t, map[string]string{"/api/v1/query_exemplars": `[]`, "/api/v1/status/flags": `{"enable-feature":""}`})
	if _, err := p.Exemplars(t.Context(), "up", window()); !errors.Is(err, evidence.ErrUnsupported) || !strings.Contains(err.Error(), "exemplar-storage") {
		t.Errorf("got %v, want ErrUnsupported that names the feature", err)
	}
	p = answering(t, map[string]string{"/api/v1/query_exemplars": `[]`, "/api/v1/status/flags": `{"enable-feature":"exemplar-storage"}`})
	if got, err := p.Exemplars(t.Context(), "up", window()); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v; want none", got, err)
	}
}

func TestExemplarsNameATraceAndAreInOrder(t *testing.T) {
	w := window()
	at := func(d time.Duration) string { return fmt.Sprintf("%.3f", float64(w.Start.Add(d).UnixMilli())/1000) }
	p := answering(t, map[string]string{"/api/v1/query_exemplars": fmt.Sprintf(`[{"seriesLabels":{"__name__":"b_bucket","le":"1"},"exemplars":[
		{"labels":{"traceID":"4BF92F3577B34DA6A3CE929D0E0E4736","spanID":"00f067aa0ba902b7"},"value":"0.5","timestamp":%s},
		{"labels":{"trace_id":"a3ce929d0e0e4736"},"value":"0.7","timestamp":%s},
		{"labels":{"user":"x"},"value":"1","timestamp":%s},{"labels":{"trace_id":"nonsense"},"value":"1","timestamp":%s}]}]`, at(2*time.Second), at(time.Second), at(0), at(0))})
	got, err := p.Exemplars(t.Context(), "b_bucket", w)
	labels := map[string]string{"le": "1"}
	want := []evidence.Exemplar{
		{Series: "b_bucket", Labels: labels, TraceID: "0000000000000000a3ce929d0e0e4736", Value: 0.7, Time: w.Start.Add(time.Second)},
		{Series: "b_bucket", Labels: labels, TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", SpanID: "00f067aa0ba902b7", Value: 0.5, Time: w.Start.Add(2 * time.Second)},
	}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
}

func TestSeriesAreCutAtTheLimit(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"status":"success","data":[{"__name__":"c"},{"__name__":"a"},{"__name__":"b"},{"__name__":"a"}]}`)
	}))
	defer s.Close()
	p := open(t, prometheus.Config{Config: endpoint.Config{Address: s.URL}, MaxSeries: 2})
	got, truncated, err := p.ListSeries(t.Context(), []string{"x"}, window())
	if err != nil || !truncated || len(got) != 2 || got[0].Name != "a" || got[1].Name != "b" {
		t.Errorf("got %v, truncated %v, %v; want a and b, truncated", got, truncated, err)
	}
}
