package kit

import (
	"context"
	"encoding/json"
	"fmt"
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
	checks []*check
	states map[string]bool
}

type check struct {
	name  string
	vital bool
	limit time.Duration
	ask   func(context.Context) error

	mu  sync.Mutex
	now *asking // the last one
}

// asking is one question to something, for everybody who wants its answer.
type asking struct {
	began time.Time
	done  chan struct{}
	err   error // once done
	late  bool  // likewise
}

// Add has something asked whenever health is. Within limit it has to answer: after
// it the reason is NAME_latency_high, with an error NAME_unavailable. Names are
// short and of one word, as etcd. Without what is vital the service can do nothing.
func (h *Health) Add(name string, vital bool, limit time.Duration, ask func(context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks = append(h.checks, &check{name: name, vital: vital, limit: limit, ask: ask})
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
// where a check does not heed its context. What has not answered yet is not asked
// again: however often health is asked for, one question of a check is under way.
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

func (c *check) run(ctx context.Context) string {
	q := c.put(ctx)
	late := time.NewTimer(c.limit - time.Since(q.began))
	defer late.Stop()
	select {
	case <-q.done:
		if q.err == nil {
			return ""
		}
		if !q.late {
			return c.name + "_unavailable"
		}
	case <-late.C:
	case <-ctx.Done():
	}
	return c.name + "_latency_high"
}

// put is the question that is under way, or a new one.
func (c *check) put(ctx context.Context) *asking {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now != nil {
		select {
		case <-c.now.done:
		default:
			return c.now
		}
	}
	// Who asked first may go before it is answered, and others wait for it too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.limit)
	q := &asking{began: time.Now(), done: make(chan struct{})}
	c.now = q
	go func() {
		defer close(q.done)
		defer cancel()
		q.err = c.answer(ctx)
		q.late = ctx.Err() != nil
	}()
	return q
}

// answer asks; a check that panics has found that something is wrong, and does not
// end the service.
func (c *check) answer(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the check panicked: %v", p)
		}
	}()
	return c.ask(ctx)
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
