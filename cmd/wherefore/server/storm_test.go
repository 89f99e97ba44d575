package server_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/jaeger"
	"github.com/wherefore-dev/wherefore/sources/loki"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
)

// hanging takes connections and never answers.
func hanging(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			if _, err := l.Accept(); err != nil {
				return
			}
		}
	}()
	return l.Addr().String()
}

// hung is a server whose sources all hang.
func hung(t *testing.T) world {
	t.Helper()
	at := hanging(t)
	cfg := config.Default()
	cfg.DataDir, cfg.Evidence.Keep = t.TempDir(), 0
	cfg.Webhook.QueueLimit, cfg.Webhook.Ignore = 5000, nil
	cfg.Sources = config.Sources{Jaeger: &jaeger.Config{Config: endpoint.Config{Address: "grpc://" + at}}, Loki: &loki.Config{Config: endpoint.Config{Address: "http://" + at}},
		Prometheus: &prometheus.Config{Config: endpoint.Config{Address: "http://" + at}}}
	s, err := server.New(t.Context(), zap.NewNop(), cfg, "test", server.Live("test", time.Now, zap.NewNop()))
	if err != nil {
		t.Fatal(err)
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = s.Run(ctx, l) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	return world{t: t, url: "http://" + l.Addr().String(), s: s}
}

// raised sends an alert of a group of its own and returns its incident.
func (w world) raised(name, severity string) string {
	w.t.Helper()
	text := strings.ReplaceAll(body(name), `"service":"shop"`, fmt.Sprintf(`"service":"%s","severity":"%s"`, name, severity))
	text = strings.Replace(text, "2026-03-01T02:51:07Z", time.Now().UTC().Format(time.RFC3339), 1)
	status, answer := w.do(http.MethodPost, "/api/v1/alerts", "", text)
	_, id, _ := strings.Cut(answer, `"incident":"`)
	id, _, _ = strings.Cut(id, `"`)
	if status != http.StatusOK {
		w.t.Fatalf("got %d %s", status, answer)
	}
	return id
}

// reportOf waits for an incident's report and says how long that took.
func (w world) reportOf(id string) (took time.Duration) {
	w.t.Helper()
	began := time.Now()
	for time.Since(began) < 5*time.Minute {
		if i, err := w.s.Book().Incident(w.t.Context(), id); err == nil && i.Revision > 0 {
			return time.Since(began)
		}
		time.Sleep(20 * time.Millisecond)
	}
	w.t.Fatalf("%s has no report", id)
	return 0
}

// TestACriticalAlertIsNotBehindAThousandOthers sends one to two servers whose
// sources hang: to one as the only alert, to the other behind many. In their order the
// many alone would take two seconds each, by two workers; the second may take no more
// than a minute longer than the first in the same run, however busy the machine is.
func TestACriticalAlertIsNotBehindAThousandOthers(t *testing.T) {
	others := 1000
	if testing.Short() {
		others = 100
	}
	alone := hung(t)
	without := alone.reportOf(alone.raised("only", "critical"))
	w := hung(t)
	for n := range others {
		w.raised(fmt.Sprint("other", n), []string{"warning", "info"}[n%2])
	}
	waiting, err := w.s.Book().Waiting(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	behind := w.reportOf(w.raised("urgent", "critical"))
	t.Logf("a critical alert with hanging sources has its report after %s alone, after %s behind %d others, of which %d waited to be investigated", without.Round(10*time.Millisecond), behind.Round(10*time.Millisecond), others, waiting)
	if behind > 2*without+time.Minute {
		t.Errorf("its report came after %s behind the others, after %s alone", behind, without)
	}
}
