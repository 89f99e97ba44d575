package endpoint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// failing is a server that answers with each status in turn, and then with the last.
func failing(t *testing.T, header http.Header, statuses ...int) (address string, asked *atomic.Int64) {
	t.Helper()
	asked = &atomic.Int64{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := asked.Add(1)
		body, _ := io.ReadAll(r.Body)
		for k, v := range header {
			w.Header()[k] = v
		}
		w.WriteHeader(statuses[min(int(n), len(statuses))-1])
		_, _ = w.Write(body)
	}))
	t.Cleanup(s.Close)
	return s.URL, asked
}

func TestAQuestionIsPutAgainWhereItMayHelp(t *testing.T) {
	at := func(after string) http.Header { return http.Header{"Retry-After": {after}} }
	for name, c := range map[string]struct {
		header   http.Header
		statuses []int
		status   int
		asked    int64
	}{
		"answered":                      {nil, []int{200}, 200, 1},
		"away for a moment":             {nil, []int{503, 200}, 200, 2},
		"away for two":                  {nil, []int{502, 504, 200}, 200, 3},
		"away for good":                 {nil, []int{503}, 503, 3},
		"told to come back at once":     {at("0"), []int{429, 200}, 200, 2},
		"told to come back much later":  {at("3600"), []int{429}, 429, 1},
		"told to come back next year":   {at("Fri, 31 Dec 2100 23:59:59 GMT"), []int{503}, 503, 1},
		"told nothing that makes sense": {at("soon"), []int{503, 200}, 200, 2},
		"refused":                       {nil, []int{400}, 400, 1},
		"not let in":                    {nil, []int{403}, 403, 1},
		"broken":                        {nil, []int{500}, 500, 1},
	} {
		t.Run(name, func(t *testing.T) {
			address, asked := failing(t, c.header, c.statuses...)
			h, err := NewHTTP(Config{Address: address, Timeout: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close()
			resp, err := h.Client.Post(address, "text/plain", strings.NewReader("question"))
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != c.status || asked.Load() != c.asked || string(body) != "question" {
				t.Errorf("got status %d of %q after %d requests (%v), want %d after %d", resp.StatusCode, body, asked.Load(), err, c.status, c.asked)
			}
		})
	}
}

func TestWhatStoresSomethingIsSentOnce(t *testing.T) {
	address, asked := failing(t, nil, 503)
	h, err := NewPoster(Config{Address: address})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	for range 2 * mostFailures {
		resp, err := h.Client.Post(address, "text/plain", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	if asked.Load() != 2*mostFailures {
		t.Errorf("got %d requests, want each once", asked.Load())
	}
}

func TestAServerThatAnswersNothingIsLeftAloneUntilAProbeIsAnswered(t *testing.T) {
	var well atomic.Bool
	var asked atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if !well.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer s.Close()
	h, err := NewHTTP(Config{Address: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	question := func() error {
		resp, err := h.Client.Get(s.URL)
		if err == nil {
			err = resp.Body.Close()
		}
		return err
	}
	for range mostFailures {
		if err := question(); errors.Is(err, ErrResting) {
			t.Fatalf("it was given up after %d questions", asked.Load())
		}
	}
	err = Failure(context.Background(), "series", question())
	if !errors.Is(err, ErrResting) || !errors.Is(err, evidence.ErrUnavailable) || !strings.Contains(err.Error(), "HTTP 500") || asked.Load() != mostFailures {
		t.Errorf("got %v after %d requests, want it not asked, and why", err, asked.Load())
	}
	if h.Probe(t.Context(), "ready") == nil {
		t.Fatal("a probe was answered")
	}
	if err := question(); !errors.Is(err, ErrResting) {
		t.Errorf("got %v although the probe failed", err)
	}
	well.Store(true)
	if err := h.Probe(t.Context(), "ready"); err != nil {
		t.Fatalf("a probe is not put: %v", err)
	}
	if err := question(); err != nil {
		t.Errorf("got %v although the probe was answered", err)
	}
}

// TestAnAnswerThatNeverComesWholeCountsAsNone has every body cut off.
func TestAnAnswerThatNeverComesWholeCountsAsNone(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("{"))
	}))
	defer s.Close()
	h, err := NewHTTP(Config{Address: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	for range mostFailures {
		resp, err := h.Client.Get(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(resp.Body); err == nil {
			t.Fatal("the body came whole")
		}
		resp.Body.Close()
	}
	if _, err := h.Client.Get(s.URL); !errors.Is(err, ErrResting) { //nolint:bodyclose // there is none
		t.Errorf("got %v, want it not asked", err)
	}
}

// TestAnAskerWhoGivesUpSaysNothing cancels more questions than may fail.
func TestAnAskerWhoGivesUpSaysNothing(t *testing.T) {
	b := NewBreaker()
	for range 3 * mostFailures {
		ended, err := b.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ended(context.Canceled)
		ended(errors.New("and is told twice"))
	}
}

// TestWhoIgnoresTimeoutsKeepsNobodyFromAsking has a server hang: who waits for a moment only
// opens no breaker, who waits as long as an investigation does.
func TestWhoIgnoresTimeoutsKeepsNobodyFromAsking(t *testing.T) {
	for name, c := range map[string]struct {
		in   func(context.Context) context.Context
		rest bool
	}{
		"ignoring timeouts": {IgnoringTimeouts, false},
		"not":               {func(ctx context.Context) context.Context { return ctx }, true},
	} {
		over := make(chan struct{})
		s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
		h, err := NewHTTP(Config{Address: s.URL})
		if err != nil {
			t.Fatal(err)
		}
		question := func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
			defer cancel()
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := h.Client.Do(r)
			if err == nil {
				resp.Body.Close()
			}
			return err
		}
		for range 2 * mostFailures {
			_ = question(c.in(t.Context())) // none is answered
		}
		if err := question(t.Context()); errors.Is(err, ErrResting) != c.rest {
			t.Errorf("%s: the next question ends with %v", name, err)
		}
		close(over)
		h.Close()
		s.Close()
	}
}

// TestAServerIsTriedAgainByWhoWaits has one question find out whether a server that
// rested answers again: one that waits for a moment only would keep others from it.
func TestAServerIsTriedAgainByWhoWaits(t *testing.T) {
	b := NewBreaker()
	b.of.HalfOpen()
	if _, err := b.Begin(IgnoringTimeouts(t.Context())); !errors.Is(err, ErrResting) {
		t.Errorf("ignoring timeouts: got %v, want it not asked", err)
	}
	if _, err := b.Begin(t.Context()); err != nil {
		t.Errorf("got %v, want it asked", err)
	}
}

// TestWhatWasNotAskedIsNoFailure: of two questions in one the inner one is not asked
// any more, and what the server said last stays what is told.
func TestWhatWasNotAskedIsNoFailure(t *testing.T) {
	b := NewBreaker()
	outer, err := b.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range mostFailures {
		ended, err := b.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ended(errors.New("HTTP 401"))
	}
	_, inner := b.Begin(t.Context())
	outer(fmt.Errorf("values: %w", inner))
	if _, err := b.Begin(t.Context()); !errors.Is(err, ErrResting) || strings.Count(err.Error(), "not asked") != 1 || !strings.HasSuffix(err.Error(), "HTTP 401") {
		t.Errorf("got %v, want the server's own answer told once", err)
	}
}
