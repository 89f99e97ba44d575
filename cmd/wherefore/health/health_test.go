package health_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/health"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/ui"
)

// backend is a source that can be put into a state.
type backend struct {
	state atomic.Value
	asked atomic.Int64
	told  atomic.Pointer[func(error)]
}

// turns puts the backend into a state, of which a question tells.
func (b *backend) turns(state string) {
	b.state.Store(state)
	for b.told.Load() == nil { // the monitor begins to listen
		time.Sleep(time.Millisecond)
	}
	if state == "up" {
		(*b.told.Load())(nil)
	} else {
		(*b.told.Load())(errors.New(state))
	}
}

func (b *backend) hear(_ context.Context, told func(error)) { b.told.Store(&told) }

func (b *backend) ping(ctx context.Context) error {
	b.asked.Add(1)
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
	for range 4800 {
		if got = m.Health(t.Context()); cmp.Equal(got, want) {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Errorf("got %+v, want %+v", got, want)
}

func TestHealthFollowsTheSources(t *testing.T) {
	var loki, jaeger, book backend
	m := start(t, []health.Probe{{Name: "loki", Ping: loki.ping, Hear: loki.hear}, {Name: "jaeger", Ping: jaeger.ping, Hear: jaeger.hear}, {Name: "casebook", Vital: true, Ping: book.ping}})
	eventually(t, m, ui.Health{Status: "ok", Reasons: []string{}})
	loki.turns("slow")
	eventually(t, m, ui.Health{Status: "degraded", Reasons: []string{"loki_latency_high"}})
	jaeger.turns("down")
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
	const promised = 1200 * time.Millisecond
	if worst := health.Pulse + health.Silence + health.Again; worst > promised {
		t.Errorf("a source that falls silent is told of after %s, want at most %s", worst, promised)
	}
	if worst := health.Timeout + health.Again; worst > promised {
		t.Errorf("a probe without an answer is said after %s, want at most %s", worst, promised)
	}
	if worst := health.Near + health.Timeout; worst > promised {
		t.Errorf("after a question failed, a source unhealthy after %s, want at most %s", worst, promised)
	}
}

// TestASourceThatRestsIsLeftAlone counts the probes of a source that works while
// many questions to it are answered.
func TestASourceThatRestsIsLeftAlone(t *testing.T) {
	var loki backend
	m := start(t, []health.Probe{{Name: "loki", Ping: loki.ping, Hear: loki.hear}})
	for range 100 {
		loki.turns("up")
	}
	eventually(t, m, ui.Health{Status: "ok", Reasons: []string{}})
	if n := loki.asked.Load(); n > 2 {
		t.Errorf("it was asked %d times", n)
	}
}

// TestASourceThatIsGoneMakesAProbeDue has a source go that nobody asks anything.
func TestASourceThatIsGoneMakesAProbeDue(t *testing.T) {
	for state, reason := range map[string]string{"down": "loki_unavailable", "slow": "loki_latency_high"} {
		synctest.Test(t, func(t *testing.T) {
			var loki backend
			m := health.New(zap.NewNop())
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go m.Run(ctx, []health.Probe{{Name: "loki", Ping: loki.ping, Beat: loki.ping}})
			time.Sleep(5 * time.Second)
			if h := m.Health(ctx); h.Status != "ok" {
				t.Fatalf("got %+v before anything happened", h)
			}
			loki.state.Store(state)
			time.Sleep(1200 * time.Millisecond)
			if h := m.Health(ctx); !slices.Equal(h.Reasons, []string{reason}) {
				t.Errorf("%s: got %+v after 1.2 s, want %s", state, h, reason)
			}
			loki.state.Store("up")
			time.Sleep(5 * time.Second)
			if h := m.Health(ctx); h.Status != "ok" {
				t.Errorf("got %+v after it came back", h)
			}
		})
	}
}

// TestAnAnswerNowAndThenIsNoRecovery answers every other probe.
func TestAnAnswerNowAndThenIsNoRecovery(t *testing.T) {
	var n, up atomic.Int64
	m := health.New(zaptest.NewLogger(t))
	m.OnChange = func(_ string, well bool) {
		if well {
			up.Add(1)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	enough := make(chan struct{})
	wg.Go(func() {
		m.Run(ctx, []health.Probe{{Name: "loki", Ping: func(context.Context) error {
			switch k := n.Add(1); {
			case k == 5:
				close(enough)
				return errors.New("connection refused")
			case k%2 == 1:
				return errors.New("connection refused")
			}
			return nil
		}}})
	})
	<-enough
	cancel()
	wg.Wait()
	if up.Load() != 0 {
		t.Errorf("it was said to work %d times", up.Load())
	}
}
