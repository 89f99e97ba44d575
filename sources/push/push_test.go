package push_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/otlp"
	"github.com/wherefore-dev/wherefore/sources/push"
	"github.com/wherefore-dev/wherefore/sources/sourcestest"
)

func open(t *testing.T, fill func(dir string) error) *bundle.Bundle {
	t.Helper()
	dir := t.TempDir()
	if err := fill(dir); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func sender(t *testing.T, address, path string) *otlp.Sender {
	t.Helper()
	s, err := otlp.NewSender(otlp.Config{Config: endpoint.Config{Address: address}, Path: path, Tries: 2, FirstWait: time.Millisecond, BatchRecords: 50})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestEachServerGetsItsPart(t *testing.T) {
	b := open(t, sourcestest.NewDataset().WriteBundle)
	requests := map[string]int{}
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { requests[r.URL.Path]++ }))
	defer s.Close()
	var told []string
	n, err := push.Push(t.Context(), b, push.Targets{Jaeger: sender(t, s.URL, otlp.TracesPath), Loki: sender(t, s.URL, otlp.LogsPath)}, func(kind string, sent, total int) {
		told = append(told, fmt.Sprintf("%s %d/%d", kind, sent, total))
	})
	if want := (push.Counts{Spans: 123, Lines: 108}); err != nil || n != want {
		t.Errorf("got %+v, %v want %+v", n, err, want)
	}
	if requests[otlp.TracesPath] != 3 || requests[otlp.LogsPath] != 3 {
		t.Errorf("got requests %v, want three batches of each", requests)
	}
	if got := strings.Join(told, ", "); got != "spans 50/123, spans 100/123, spans 123/123, log lines 50/108, log lines 100/108, log lines 108/108" {
		t.Errorf("progress: got %s", got)
	}
}

func TestAFailureSaysWhereAndHowFar(t *testing.T) {
	b := open(t, sourcestest.NewDataset().WriteBundle)
	left := 2
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if left--; left < 0 {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	defer s.Close()
	n, err := push.Push(t.Context(), b, push.Targets{Loki: sender(t, s.URL, otlp.LogsPath), PrometheusDir: t.TempDir()}, nil)
	if !errors.Is(err, evidence.ErrInvalid) || !strings.Contains(err.Error(), "push to Loki: after 100 of 108 records") || n.Lines != 100 || n.Samples != 0 {
		t.Errorf("got %+v, %v", n, err)
	}
}

func TestWhatABundleLacksIsNotSent(t *testing.T) {
	b := open(t, func(dir string) error {
		w, err := bundle.NewWriter(dir, bundle.Manifest{ID: "empty"}, bundle.WriterOptions{})
		if err != nil {
			return err
		}
		a := evidence.Alert{Status: evidence.StatusFiring, Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, StartsAt: time.Unix(1, 0)}}}
		return errors.Join(w.Alert(a), w.Close())
	})
	to := push.Targets{Jaeger: sender(t, "http://127.0.0.1:1", otlp.TracesPath), Loki: sender(t, "http://127.0.0.1:1", otlp.LogsPath), PrometheusDir: t.TempDir()}
	if n, err := push.Push(t.Context(), b, to, nil); err != nil || n != (push.Counts{}) {
		t.Errorf("got %+v, %v want nothing sent", n, err)
	}
}
