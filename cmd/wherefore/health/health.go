// Package health knows how the program and its sources are, by asking each
// source again and again, so that a question about health is answered from
// what was seen lately and never waits for a backend.
package health

import (
	"context"
	"errors"
	"sort"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/blameindex/guard"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/ui"
)

// A source that goes bad is noticed within Interval + Timeout, which stays
// below the 1.2 s that are promised.
const (
	Interval = 400 * time.Millisecond
	Timeout  = 700 * time.Millisecond
)

// Probe asks one source whether it works.
type Probe struct {
	Name string
	// Vital is true when alerts cannot be accepted without it.
	Vital bool
	Ping  func(ctx context.Context) error
}

// Monitor keeps the state of a set of probes. It implements
// ui.HealthReporter.
type Monitor struct {
	log *zap.Logger
	// OnChange, when set before Run, is told when a probe turns good or bad.
	OnChange func(name string, up bool)

	mu     sync.Mutex
	states map[string]state
}

type state struct {
	vital  bool
	reason string // empty while it works
}

// New makes a monitor of nothing; Run gives it its probes.
func New(log *zap.Logger) *Monitor { return &Monitor{log: log, states: map[string]state{}} }

// Run asks the probes until ctx ends. What was known of other probes is
// forgotten: a reload runs a new set.
func (m *Monitor) Run(ctx context.Context, probes []Probe) {
	m.mu.Lock()
	m.states = map[string]state{}
	m.mu.Unlock()
	var wg sync.WaitGroup
	for _, p := range probes {
		wg.Go(func() { m.watch(ctx, p) })
	}
	wg.Wait()
}

func (m *Monitor) watch(ctx context.Context, p Probe) {
	tick := time.NewTicker(Interval)
	defer tick.Stop()
	for {
		err := ask(ctx, p)
		if ctx.Err() != nil {
			return
		}
		m.set(p, err)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// ask returns what the probe found wrong, nil when nothing is.
func ask(ctx context.Context, p Probe) error {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	err := guard.Run(func() error { return p.Ping(ctx) })
	if err != nil && ctx.Err() != nil {
		return ctx.Err() // whatever the client made of it
	}
	return err
}

// reasonOf is what /health says of an error, empty without one.
func reasonOf(name string, err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.DeadlineExceeded):
		return name + "_latency_high"
	case errors.Is(err, endpoint.ErrCredentials):
		return name + "_credentials_refused"
	case errors.Is(err, casefile.ErrOverloaded):
		return name + "_full"
	}
	if told, ok := errors.AsType[interface {
		error
		Reason() string
	}](err); ok {
		return name + "_" + told.Reason()
	}
	return name + "_unavailable"
}

func (m *Monitor) set(p Probe, err error) {
	reason := reasonOf(p.Name, err)
	m.mu.Lock()
	before, seen := m.states[p.Name]
	m.states[p.Name] = state{vital: p.Vital, reason: reason}
	m.mu.Unlock()
	if seen && before.reason == reason {
		return
	}
	if m.OnChange != nil {
		m.OnChange(p.Name, reason == "")
	}
	if reason != "" {
		m.log.Warn("source is bad", zap.String("source", p.Name), zap.String("reason", reason), zap.Error(err))
	} else if seen {
		m.log.Info("source works again", zap.String("source", p.Name))
	}
}

// Health implements ui.HealthReporter.
func (m *Monitor) Health(context.Context) ui.Health {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := ui.Health{Status: "ok", Reasons: []string{}}
	for _, s := range m.states {
		if s.reason == "" {
			continue
		}
		h.Reasons = append(h.Reasons, s.reason)
		switch {
		case s.vital:
			h.Status = "down"
		case h.Status == "ok":
			h.Status = "degraded"
		}
	}
	sort.Strings(h.Reasons)
	return h
}
