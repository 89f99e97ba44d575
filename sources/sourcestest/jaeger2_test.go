package sourcestest_test

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/otlp"
	"github.com/wherefore-dev/wherefore/sources/push"
	"github.com/wherefore-dev/wherefore/sources/sourcestest"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

// TestJaeger2KeepsTheContract asks a Jaeger of the second generation what the
// first one is asked.
func TestJaeger2KeepsTheContract(t *testing.T) {
	d, dir := sourcestest.NewDataset(), t.TempDir()
	s := servers.Start(t, servers.Jaeger2)
	// Its memory store keeps traces in the order of their arrival, and "the
	// newest" are those that came last: one by one, as from a living system.
	for i, part := range d.ByTrace() {
		dir := filepath.Join(dir, strconv.Itoa(i))
		if err := part.WriteBundle(dir); err != nil {
			t.Fatal(err)
		}
		pushTo(t, s, dir)
	}
	j, _, _ := clients(t, s.Addresses["query"], "http://127.0.0.1:1", "http://127.0.0.1:1")
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
		if spans == len(d.Spans)+2 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the store shows %d spans, want %d", spans, len(d.Spans)+2)
		}
	}
	if got, _, err := j.FindTraces(t.Context(), evidence.TraceQuery{Service: "gateway", Window: d.Window, Tags: map[string]string{"error": "true", "http.response.status_code": "500"}, Limit: 2}); err != nil || len(got) != 2 {
		t.Errorf("failing ones by another tag too: got %d traces and %v, want the limit of 2", len(got), err)
	}
	t.Run("traces", func(t *testing.T) { sourcestest.Traces(t, d, j) })
	t.Run("graph", func(t *testing.T) { sourcestest.Graph(t, d, j) })
	if err := j.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
}

// pushTo sends the spans of a bundle.
func pushTo(t *testing.T, s *servers.Server, dir string) {
	t.Helper()
	b, err := bundle.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := push.Push(t.Context(), b, push.Targets{Jaeger: sender(t, s.URL("otlp"), otlp.TracesPath)}, nil); err != nil {
		t.Fatal(err)
	}
}
