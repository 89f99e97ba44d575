package kit

import (
	"context"
	"encoding/json"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"
)

// caller is the program counter of who called, skip frames up.
func caller(skip int) uintptr {
	var pcs [1]uintptr
	runtime.Callers(skip+1, pcs[:])
	return pcs[0]
}

// Health answers whether a service can do its work: 200 with ok, or with degraded
// and the reasons; 503 only where something vital is gone.
type Health struct {
	mu     sync.Mutex
	checks []check
	states map[string]bool
}

type check struct {
	name  string
	vital bool
	limit time.Duration
	ask   func(context.Context) error
}

// Add has something asked whenever health is. Within limit it has to answer: after
// it the reason is NAME_latency_high, with an error NAME_unavailable. Names are
// short and of one word, as etcd. Without what is vital the service can do nothing.
func (h *Health) Add(name string, vital bool, limit time.Duration, ask func(context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks = append(h.checks, check{name, vital, limit, ask})
}

// Set says or takes back a reason that the service knows by itself, as
// recommendations_off.
func (h *Health) Set(reason string, on bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.states == nil {
		h.states = map[string]bool{}
	}
	h.states[reason] = on
}

// State is how a service is.
type State struct {
	Status  string   `json:"status"` // ok, degraded or down
	Reasons []string `json:"reasons"`
}

// State asks everything at once; it takes no longer than the longest limit, also
// where a check does not heed its context.
func (h *Health) State(ctx context.Context) State {
	h.mu.Lock()
	checks := slices.Clone(h.checks)
	out := State{Status: "ok", Reasons: []string{}}
	for reason, on := range h.states {
		if on {
			out.Reasons = append(out.Reasons, reason)
		}
	}
	h.mu.Unlock()
	reasons := make([]string, len(checks))
	var wg sync.WaitGroup
	for i, c := range checks {
		wg.Go(func() { reasons[i] = c.run(ctx) })
	}
	wg.Wait()
	down := false
	for i, r := range reasons {
		if r != "" {
			out.Reasons = append(out.Reasons, r)
			down = down || checks[i].vital
		}
	}
	slices.Sort(out.Reasons)
	if len(out.Reasons) > 0 {
		out.Status = "degraded"
	}
	if down {
		out.Status = "down"
	}
	return out
}

func (c check) run(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- c.ask(ctx) }()
	select {
	case err := <-done:
		if err == nil {
			return ""
		}
		if ctx.Err() == nil {
			return c.name + "_unavailable"
		}
	case <-ctx.Done():
	}
	return c.name + "_latency_high"
}

// ServeHTTP answers GET /health.
func (h *Health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := h.State(r.Context())
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if s.Status == "down" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(s) // the client has gone
}
