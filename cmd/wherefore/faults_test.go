package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/jaeger"
	"github.com/wherefore-dev/wherefore/sources/loki"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
)

// hanging is the address of a server that takes connections and says nothing.
func hanging(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
		}
	}()
	return l.Addr().String()
}

// garbage is the URL of a server that answers everything with nonsense.
func garbage(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status":"success","data":[[[{"\u0000`))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// closed is the address of a port on which nobody listens.
func closed(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestBrokenSourcesStillGetAReport gives the engine sources that are down,
// that hang and that talk nonsense, in every place.
func TestBrokenSourcesStillGetAReport(t *testing.T) {
	const deadline, never = time.Second, 10 * time.Minute
	for name, c := range map[string]struct{ jaeger, loki, prometheus string }{
		"down":     {closed(t), "http://" + closed(t), "http://" + closed(t)},
		"hanging":  {hanging(t), "http://" + hanging(t), "http://" + hanging(t)},
		"nonsense": {strings.TrimPrefix(garbage(t), "http://"), garbage(t), garbage(t)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config.Default()
			cfg.Engine.Deadline, cfg.Engine.SourceDeadline = deadline, deadline/2
			cfg.Sources = config.Sources{
				Jaeger:     &jaeger.Config{Config: endpoint.Config{Address: c.jaeger, Timeout: never}},
				Loki:       &loki.Config{Config: endpoint.Config{Address: c.loki, Timeout: never}},
				Prometheus: &prometheus.Config{Config: endpoint.Config{Address: c.prometheus, Timeout: never}},
			}
			s, err := backend.Dial(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			// The bound is far above the deadline because the machine may be busy;
			// a source that is waited for would exceed it.
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			r, err := correlate.New(s.Sources, backend.EngineOptions(cfg, "test")).Investigate(ctx, correlate.Request{
				Alert: backend.Question("shop", "", time.Date(2026, 3, 1, 2, 51, 0, 0, time.UTC)), Now: time.Date(2026, 3, 1, 2, 53, 0, 0, time.UTC), Revision: 1,
			})
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict.Word != report.Inconclusive {
				t.Errorf("got verdict %s from no evidence", r.Verdict.Word)
			}
			failed := map[string]bool{}
			for _, c := range r.Coverage {
				if c.Status == evidence.CoverageFailed {
					failed[c.Source] = true
					if c.Detail == "" || strings.Contains(c.Detail, "\x00") {
						t.Errorf("%s %s failed without a readable reason: %q", c.Source, c.Query, c.Detail)
					}
				}
			}
			for _, want := range []string{"traces", "logs", "metrics"} {
				if !failed[want] {
					t.Errorf("the report does not say that %s failed; coverage %+v", want, r.Coverage)
				}
			}
		})
	}
}

// TestOneBrokenSourceLeavesTheOthers investigates a recorded incident with one
// of its sources replaced by one that is down, hangs or talks nonsense: there
// is a ranking from what is left, and the report says what is missing.
func TestOneBrokenSourceLeavesTheOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("investigates a recording nine times")
	}
	for kind, address := range map[string]string{"down": closed(t), "hanging": hanging(t), "nonsense": strings.TrimPrefix(garbage(t), "http://")} {
		// Only the broken source is given up soon: the others have all the time that a
		// busy machine takes.
		broken := dialed(t, endpoint.Config{Timeout: time.Second}, address, "http://"+address, "http://"+address)
		for source, swap := range map[string]func(*correlate.Sources){
			"traces":  func(s *correlate.Sources) { s.Traces = broken.Traces },
			"logs":    func(s *correlate.Sources) { s.Logs = broken.Logs },
			"metrics": func(s *correlate.Sources) { s.Metrics = broken.Metrics },
		} {
			t.Run(source+" "+kind, func(t *testing.T) {
				s, req, done, err := backend.OpenBundle(t.Context(), filepath.Join("..", "..", "fixtures", "recorded", "lab", "a-avalanche"))
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = done() }()
				swap(&s)
				r, err := correlate.New(s, patientOptions(config.Default())).Investigate(t.Context(), req)
				if err != nil {
					t.Fatal(err)
				}
				if len(r.Causes) == 0 {
					t.Error("got no causes from the sources that answer")
				}
				said := slices.ContainsFunc(r.Coverage, func(c evidence.Coverage) bool {
					return c.Source == source && c.Status == evidence.CoverageFailed && c.Detail != ""
				})
				if !said {
					t.Errorf("the report does not say that %s failed: %+v", source, r.Coverage)
				}
			})
		}
	}
}
