package pprof_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	nethttppprof "net/http/pprof"
	rpprof "runtime/pprof"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/pprof"
	"github.com/wherefore-dev/wherefore/sources/sourcestest"
)

func clientOf(t *testing.T, c endpoint.Config) *pprof.Client {
	t.Helper()
	list, err := pprof.Clients(pprof.Config{CPU: time.Second, Targets: []pprof.Target{{Config: c, Service: "cart"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = list[0].Close() })
	return list[0]
}

// TestTheClientFailsAsASourceShould: down, silent, garbage, 401, redirects and more.
func TestTheClientFailsAsASourceShould(t *testing.T) {
	sourcestest.HTTPFailures(t, func(t *testing.T, c endpoint.Config) sourcestest.Calls {
		client := clientOf(t, c)
		calls := sourcestest.Calls{}
		for _, kind := range evidence.ProfileKinds() {
			calls[string(kind)] = func(ctx context.Context) error {
				_, _, err := client.Take(ctx, kind)
				return err
			}
		}
		return calls
	})
}

// spun keeps the compiler from leaving the work out.
var spun atomic.Int64

// TestARealProcessIsProfiled takes every kind of this very process, labels included.
func TestARealProcessIsProfiled(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/profile", nethttppprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", nethttppprof.Trace)
	mux.HandleFunc("/debug/pprof/", nethttppprof.Index)
	s := httptest.NewServer(mux)
	defer s.Close()
	stop := make(chan struct{})
	defer close(stop)
	go rpprof.Do(context.Background(), rpprof.Labels("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"), func(context.Context) {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
				spun.Store(int64(spin(n)))
			}
		}
	})
	client := clientOf(t, endpoint.Config{Address: s.URL})
	for _, kind := range evidence.ProfileKinds() {
		_, p, err := client.Take(t.Context(), kind)
		if err != nil {
			t.Fatal(err)
		}
		if p.Kind != kind || p.Service != "cart" || p.Total <= 0 || len(p.Samples) == 0 || time.Since(p.Start) > time.Hour {
			t.Errorf("%s: got %d samples of %d in all, at %s", kind, len(p.Samples), p.Total, p.Start)
		}
		if kind == evidence.ProfileCPU && !labelledIn(p, "4bf92f3577b34da6a3ce929d0e0e4736") {
			t.Errorf("no sample has the trace ID: %+v", p.Samples[:min(len(p.Samples), 3)])
		}
	}
	if _, _, err := clientOf(t, endpoint.Config{Address: s.URL + "/elsewhere"}).Take(t.Context(), evidence.ProfileHeap); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("got %v from a folder that is none", err)
	}
}

//go:noinline
func spin(n int) int {
	for i := range 100_000 {
		n += i * n
	}
	return n
}

func labelledIn(p evidence.Profile, id string) bool {
	for _, s := range p.Samples {
		if s.TraceID == id && strings.Contains(s.Stack[0].Function+s.Stack[len(s.Stack)-1].Function, "pprof") {
			return true
		}
	}
	return false
}

func TestAConfigurationIsChecked(t *testing.T) {
	target := []pprof.Target{{Service: "cart", Config: endpoint.Config{Address: "http://cart:6060"}}}
	for _, c := range []struct {
		config pprof.Config
		want   string
	}{
		{pprof.Config{}, "targets is empty"},
		{pprof.Config{Targets: []pprof.Target{{}}}, "targets[0] names no service"},
		{pprof.Config{Targets: target, CPU: time.Hour}, "cpu 1h0m0s is not from 1s to 1m0s"},
		{pprof.Config{Targets: target, CoolDown: -1}, "cool_down -1ns is negative"},
		{pprof.Config{Targets: []pprof.Target{{Service: "cart", Config: endpoint.Config{Address: "cart:6060"}}}}, "targets[0]"},
	} {
		if _, err := pprof.Clients(c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

// TestAShelfAnswersForWhatItKeeps puts more than fits and asks for windows.
func TestAShelfAnswersForWhatItKeeps(t *testing.T) {
	s, err := pprof.OpenShelf(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	put := func(service string, role pprof.Role, minutes int) {
		raw := profileAt(taken.Add(time.Duration(minutes) * time.Minute))
		p, err := pprof.Parse(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		p.Service = service
		if err := s.Put(p, role, []byte(raw)); err != nil {
			t.Fatal(err)
		}
	}
	put("cart", pprof.Baseline, -600)
	for i := range 7 {
		put("cart", pprof.Incident, i*10)
	}
	put("shop/till", pprof.Incident, 5)
	ask := func(from, to, limit int) (starts []int) {
		list, _, err := s.Profiles(t.Context(), evidence.ProfileQuery{Service: "cart", Kind: evidence.ProfileCPU, Limit: limit,
			Window: evidence.Window{Start: taken.Add(time.Duration(from) * time.Minute), End: taken.Add(time.Duration(to) * time.Minute)}})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			starts = append(starts, int(p.Start.Sub(taken).Minutes()))
		}
		return starts
	}
	for _, c := range []struct {
		from, to, limit int
		want            string
	}{{-10000, 0, 1, "[-600]"}, {25, 100, 9, "[30 40 50 60]"}, {25, 100, 1, "[60]"}, {35, 55, 9, "[40 50]"}, {0, 25, 9, "[]"}, {40, 40, 9, "[]"}} {
		if got := ints(ask(c.from, c.to, c.limit)); got != c.want {
			t.Errorf("from %d to %d, %d: got %s, want %s", c.from, c.to, c.limit, got, c.want)
		}
	}
	if names, err := s.Profiled(t.Context()); err != nil || strings.Join(names, " ") != "cart shop/till" {
		t.Errorf("got %v, %v", names, err)
	}
}

// TestAShelfSaysWhyItHasNothing tells of profiles under way and of those that could
// not be taken, in the window that they belong to.
func TestAShelfSaysWhyItHasNothing(t *testing.T) {
	s, err := pprof.OpenShelf(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(from time.Time) error {
		_, _, err := s.Profiles(t.Context(), evidence.ProfileQuery{Service: "cart", Kind: evidence.ProfileCPU, Limit: 1, Window: evidence.Window{Start: from, End: from.Add(time.Hour)}})
		return err
	}
	s.Taking("cart", taken)
	if err := ask(taken); !errors.Is(err, evidence.ErrNotFound) || !strings.Contains(err.Error(), "are being taken") {
		t.Errorf("got %v, want that they are being taken", err)
	}
	s.Taking("cart", time.Time{})
	s.Failed("cart", taken, evidence.ErrUnavailable)
	if err := ask(taken); !errors.Is(err, evidence.ErrUnavailable) {
		t.Errorf("got %v, want the failure", err)
	}
	if err := ask(taken.Add(-2 * time.Hour)); err != nil {
		t.Errorf("got %v of a time in which nobody tried", err)
	}
	if names, _ := s.Profiled(t.Context()); len(names) != 1 {
		t.Errorf("got %v, want the service that failed", names)
	}
}
