// Package health knows how the program and its sources are, by asking each
// source again and again and listening to what real questions meet, so that a
// question about health is answered from what was seen lately and never waits for a
// backend.
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

// How often is asked, and how long is waited. That a source is gone is said within
// Pulse, that it is silent within Pulse + Silence + Again, which stays below the
// 1.2 s that are promised.
const (
	Interval = 10 * time.Second       // between probes of a source that works
	Pulse    = 300 * time.Millisecond // between two beats of one
	Silence  = 400 * time.Millisecond // of a beat
	Near     = 400 * time.Millisecond // of what is on this machine
	Bad      = time.Second            // of a source that does not work
	Timeout  = 700 * time.Millisecond // of a probe
	Again    = 400 * time.Millisecond // of the second probe after one that was not answered
	// Good is how many probes in a row must be answered before a source that was
	// bad works again: one that answers now and then is no use.
	Good = 2
)

// Probe asks one source whether it works.
type Probe struct {
	Name string
	// Vital is true when alerts cannot be accepted without it.
	Vital bool
	Ping  func(ctx context.Context) error
	// Beat, when there is one, asks whether anybody is there at all, for what costs a
	// source nothing: its readiness, no query. One that fails makes a probe due.
	Beat func(ctx context.Context) error
	// Question, when there is one, asks as an investigation would: for a person who
	// wants to know whether that works.
	Question func(ctx context.Context) error
	// Near is true for what is on this machine and costs next to nothing to ask.
	Near bool
	// Hear, when there is one, calls back with the outcome of each real question to
	// the source, nil for one that was answered, until ctx ends. Real questions
	// count as probes.
	Hear func(ctx context.Context, told func(error))
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
	good   int    // probes in a row that were answered
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
	answered, failed := make(chan struct{}, 1), make(chan struct{}, 1)
	if p.Hear != nil {
		p.Hear(ctx, func(err error) {
			to := answered
			if err != nil {
				to = failed
			}
			select {
			case to <- struct{}{}:
			default: // one is waiting already
			}
		})
	}
	silent := false // a beat met silence
	for {
		var err error
		if !silent {
			err = ask(ctx, p.Ping, Timeout)
		}
		if (silent || errors.Is(err, context.DeadlineExceeded)) && ctx.Err() == nil && m.works(p) {
			// A pause of the collector or of the network is no outage.
			err = ask(ctx, p.Ping, Again)
		}
		if ctx.Err() != nil {
			return
		}
		m.set(p, err)
		drain(answered, failed) // the probe's own outcome among them
		var on bool
		if on, silent = m.rest(ctx, p, answered, failed); !on {
			return
		}
	}
}

// rest waits until the next probe is due: a question or a beat that failed makes it
// due at once, a question that was answered is as good as a probe. on is false when
// ctx ends; silent is true when a beat was not answered in time.
func (m *Monitor) rest(ctx context.Context, p Probe, answered, failed <-chan struct{}) (on, silent bool) {
	began := time.Now()
	works := m.works(p)
	pause := Interval
	switch {
	case p.Near || p.Vital:
		pause = Near
	case !works:
		pause = Bad
		failed = nil // known
	}
	due := time.NewTimer(pause)
	defer due.Stop()
	var pulse <-chan time.Time
	if p.Beat != nil && works {
		t := time.NewTicker(Pulse)
		defer t.Stop()
		pulse = t.C
	}
	for {
		select {
		case <-due.C:
			return true, false
		case <-pulse:
			if err := ask(ctx, p.Beat, Silence); err != nil {
				return ctx.Err() == nil, errors.Is(err, context.DeadlineExceeded)
			}
		case <-failed:
			return wait(ctx, Near-time.Since(began)), false // many fail at once
		case <-answered:
			if !works {
				return true, false // it may work again
			}
			due.Reset(pause)
		case <-ctx.Done():
			return false, false
		}
	}
}

func drain(channels ...chan struct{}) {
	for _, c := range channels {
		select {
		case <-c:
		default:
		}
	}
}

// wait is false when ctx ends first.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// works reports whether a source was well when it was asked last.
func (m *Monitor) works(p Probe) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.states[p.Name].reason == ""
}

// ask returns what a probe or a beat found wrong, nil when nothing is.
func ask(ctx context.Context, ping func(context.Context) error, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	err := guard.Run(func() error { return ping(ctx) })
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
	now := state{vital: p.Vital, reason: reason}
	if reason == "" {
		now.good = before.good + 1
		if before.reason != "" && now.good < Good && !p.Near && !p.Vital {
			reason, now.reason = before.reason, before.reason
		}
	}
	m.states[p.Name] = now
	m.mu.Unlock()
	if seen && before.reason == reason {
		return
	}
	if m.OnChange != nil {
		m.OnChange(p.Name, reason == "")
	}
	if reason != "" {
		m.log.Warn("source unhealthy", zap.String("source", p.Name), zap.String("reason", reason), zap.Error(err))
	} else if seen {
		m.log.Info("source healthy again", zap.String("source", p.Name))
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
