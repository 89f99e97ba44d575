package health_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap/zaptest"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/health"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/ui"
)

// backend is a source that can be put into a state.
type backend struct{ state atomic.Value }

func (b *backend) ping(ctx context.Context) error {
	switch b.state.Load() {
	case "stranger":
		return fmt.Errorf("HTTP 401; %w", endpoint.ErrCredentials)
	case "full":
		return casebook.ErrOverloaded
	case "down":
		return errors.New("connection refused")
	case "slow":
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func start(t *testing.T, probes []health.Probe) *health.Monitor {
	t.Helper()
	m := health.New(zaptest.NewLogger(t))
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { m.Run(ctx, probes) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	return m
}

// eventually waits for a health, generously: the promised time is what
// TestABadSourceIsNoticedInTime is about.
func eventually(t *testing.T, m *health.Monitor, want ui.Health) {
	t.Helper()
	var got ui.Health
	for range 200 {
		if got = m.Health(t.Context()); cmp.Equal(got, want) {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Errorf("got %+v, want %+v", got, want)
}

func TestHealthFollowsTheSources(t *testing.T) {
	var loki, jaeger, book backend
	m := start(t, []health.Probe{{Name: "loki", Ping: loki.ping}, {Name: "jaeger", Ping: jaeger.ping}, {Name: "casebook", Vital: true, Ping: book.ping}})
	eventually(t, m, ui.Health{Status: "ok", Reasons: []string{}})
	loki.state.Store("slow")
	eventually(t, m, ui.Health{Status: "degraded", Reasons: []string{"loki_latency_high"}})
	jaeger.state.Store("down")
	eventually(t, m, ui.Health{Status: "degraded", Reasons: []string{"jaeger_unavailable", "loki_latency_high"}})
	book.state.Store("down")
	eventually(t, m, ui.Health{Status: "down", Reasons: []string{"casebook_unavailable", "jaeger_unavailable", "loki_latency_high"}})
	loki.state.Store("stranger")
	book.state.Store("full")
	eventually(t, m, ui.Health{Status: "down", Reasons: []string{"casebook_full", "jaeger_unavailable", "loki_credentials_refused"}})
	for _, b := range []*backend{&loki, &jaeger, &book} {
		b.state.Store("up")
	}
	eventually(t, m, ui.Health{Status: "ok", Reasons: []string{}})
}

func TestABadSourceIsNoticedInTime(t *testing.T) {
	if worst := health.Interval + health.Timeout; worst > 1200*time.Millisecond {
		t.Errorf("a source that goes bad is noticed after up to %s, want at most 1.2 s", worst)
	}
}
