package sourcestest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TraceSource is the engine's port of that name; the suite does not import the
// engine.
type TraceSource interface {
	Trace(ctx context.Context, id string) (evidence.Trace, error)
	FindTraces(ctx context.Context, q evidence.TraceQuery) (traces []evidence.Trace, truncated bool, err error)
	Services(ctx context.Context) ([]string, error)
}

// GraphSource is the engine's port of that name.
type GraphSource interface {
	Dependencies(ctx context.Context, w evidence.Window) ([]evidence.Edge, error)
}

// Traces runs the contract of TraceSource against a source that holds the data
// set.
func Traces(t *testing.T, d Dataset, src TraceSource) {
	t.Run("by ID", func(t *testing.T) { tracesByID(t, d, src) })
	t.Run("by query", func(t *testing.T) { tracesByQuery(t, d, src) })
	t.Run("by window", func(t *testing.T) { tracesByWindow(t, d, src) })
	ended(t, map[string]func(context.Context) error{
		"trace":    func(ctx context.Context) error { _, err := src.Trace(ctx, traceIDOf(0)); return err },
		"services": func(ctx context.Context) error { _, err := src.Services(ctx); return err },
		"find": func(ctx context.Context) error {
			_, _, err := src.FindTraces(ctx, evidence.TraceQuery{Service: "cart", Window: d.Window, Limit: 5})
			return err
		},
	})
}

// find runs a query that must not fail.
func find(t *testing.T, src TraceSource, q evidence.TraceQuery) ([]evidence.Trace, bool) {
	t.Helper()
	got, truncated, err := src.FindTraces(t.Context(), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	return got, truncated
}

// tracesByID asks for one trace.
func tracesByID(t *testing.T, d Dataset, src TraceSource) {
	ctx := t.Context()
	t.Run("a trace has every span in order", func(t *testing.T) {
		for i := range traceCount {
			got, err := src.Trace(ctx, traceIDOf(i))
			if err != nil {
				t.Fatal(err)
			}
			same(t, traceIDOf(i), d.trace(i), got)
		}
	})
	t.Run("a trace as senders write it", func(t *testing.T) {
		got, err := src.Trace(ctx, rawTraceID)
		if err != nil {
			t.Fatal(err)
		}
		same(t, rawTraceID, rawTrace(), got)
	})
	t.Run("an unknown trace is not found, a malformed ID is invalid", func(t *testing.T) {
		if _, err := src.Trace(ctx, "00000000000000000000000000000abc"); !errors.Is(err, evidence.ErrNotFound) {
			t.Errorf("unknown: got %v, want ErrNotFound", err)
		}
		for _, id := range []string{"", "xyz", "00000000000000000000000000000000", `5ca1ab1e"} or {`} {
			if _, err := src.Trace(ctx, id); !errors.Is(err, evidence.ErrInvalid) {
				t.Errorf("%q: got %v, want ErrInvalid", id, err)
			}
		}
	})
}

// tracesByQuery asks what matches, how many, and in which order.
func tracesByQuery(t *testing.T, d Dataset, src TraceSource) {
	all := d.Window
	t.Run("whole traces, in order of first start", func(t *testing.T) {
		got, truncated := find(t, src, evidence.TraceQuery{Service: "store", Window: all, Limit: 100})
		same(t, "traces of store", d.traces(func(int) bool { return true }), got)
		if truncated {
			t.Error("truncated, though all were returned")
		}
	})
	t.Run("over the limit the newest are returned and it is said", func(t *testing.T) {
		for _, limit := range []int{1, 7, traceCount - 1} {
			got, truncated := find(t, src, evidence.TraceQuery{Service: "cart", Window: all, Limit: limit})
			same(t, "newest", d.traces(func(i int) bool { return i >= traceCount-limit }), got)
			if !truncated {
				t.Errorf("limit %d of %d: not truncated", limit, traceCount)
			}
		}
		if got, truncated := find(t, src, evidence.TraceQuery{Service: "cart", Window: all, Limit: traceCount}); len(got) != traceCount || truncated {
			t.Errorf("limit of exactly all: got %d, truncated %v", len(got), truncated)
		}
		if got, _ := find(t, src, evidence.TraceQuery{Service: "cart", Window: all}); len(got) != traceCount {
			t.Errorf("limit 0: got %d, want all %d, as they are few", len(got), traceCount)
		}
	})
	t.Run("failing, slow and named ones", func(t *testing.T) {
		got, _ := find(t, src, evidence.TraceQuery{Service: "cart", Window: all, Tags: map[string]string{"error": "true"}, Limit: 100})
		same(t, "failing", d.traces(func(i int) bool { return i%failsEvery == failsEvery-1 }), got)
		got, _ = find(t, src, evidence.TraceQuery{Service: "gateway", Window: all, MinDuration: 60 * time.Millisecond, Limit: 100})
		same(t, "slow", d.traces(func(i int) bool { return i >= 20 }), got)
		got, _ = find(t, src, evidence.TraceQuery{Service: "gateway", Operation: "cart.Get", Window: all, Limit: 100})
		same(t, "by operation", d.traces(func(int) bool { return true }), got)
		if got, _ = find(t, src, evidence.TraceQuery{Service: "gateway", Operation: "SELECT", Window: all, Limit: 100}); len(got) != 0 {
			t.Errorf("another service's operation: got %d traces, want none", len(got))
		}
		got, _ = find(t, src, evidence.TraceQuery{Service: "cart", Window: all, Tags: map[string]string{"service.version": "1.4.4"}, Limit: 100})
		same(t, "by resource attribute", d.traces(func(int) bool { return true }), got)
	})
}

// tracesByWindow asks about time, and for what is not there.
func tracesByWindow(t *testing.T, d Dataset, src TraceSource) {
	ctx, all := t.Context(), d.Window
	t.Run("a window includes its start and not its end", func(t *testing.T) {
		w := evidence.Window{Start: start().Add(3 * traceEvery), End: start().Add(6 * traceEvery)}
		got, _ := find(t, src, evidence.TraceQuery{Service: "gateway", Window: w, Limit: 100})
		same(t, "traces 3, 4 and 5", d.traces(func(i int) bool { return i >= 3 && i < 6 }), got)
	})
	t.Run("a window's time zone changes nothing", func(t *testing.T) {
		zone := time.FixedZone("east", 9*3600+1800)
		w := evidence.Window{Start: all.Start.In(zone), End: all.End.In(zone)}
		got, _ := find(t, src, evidence.TraceQuery{Service: "store", Window: w, Limit: 100})
		same(t, "traces of store", d.traces(func(int) bool { return true }), got)
		for _, tr := range got {
			for _, s := range tr.Spans {
				if s.Start.Location() != time.UTC {
					t.Fatalf("span %s starts in %v, want UTC", s.SpanID, s.Start.Location())
				}
			}
		}
	})
	t.Run("nothing there is no error", func(t *testing.T) {
		for name, q := range map[string]evidence.TraceQuery{
			"unknown service": {Service: "nobody", Window: all, Limit: 5},
			"a day before":    {Service: "cart", Window: evidence.Window{Start: all.Start.AddDate(0, 0, -1), End: all.End.AddDate(0, 0, -1)}, Limit: 5},
		} {
			if got, truncated := find(t, src, q); len(got) != 0 || truncated {
				t.Errorf("%s: got %d traces, truncated %v; want none", name, len(got), truncated)
			}
		}
	})
	t.Run("no service is invalid", func(t *testing.T) {
		if _, _, err := src.FindTraces(ctx, evidence.TraceQuery{Window: all, Limit: 1}); !errors.Is(err, evidence.ErrInvalid) {
			t.Errorf("got %v, want ErrInvalid", err)
		}
	})
	t.Run("services are sorted", func(t *testing.T) {
		got, err := src.Services(ctx)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "services", []string{"cart", "gateway", "store", "worker"}, got)
	})
}

// Graph runs the contract of GraphSource.
func Graph(t *testing.T, d Dataset, src GraphSource) {
	t.Run("edges by caller, then callee", func(t *testing.T) {
		got, err := src.Dependencies(t.Context(), d.Window.Pad(time.Second)) // Jaeger excludes both ends
		if err != nil {
			t.Fatal(err)
		}
		same(t, "edges", d.Edges, got)
	})
	ended(t, map[string]func(context.Context) error{
		"dependencies": func(ctx context.Context) error { _, err := src.Dependencies(ctx, d.Window); return err },
	})
}

// trace is the ith trace as a source gives it.
func (d Dataset) trace(i int) evidence.Trace {
	tr := evidence.Trace{ID: traceIDOf(i)}
	for _, s := range d.Spans {
		if s.TraceID == tr.ID {
			tr.Spans = append(tr.Spans, s)
		}
	}
	slices.SortFunc(tr.Spans, func(a, b evidence.Span) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.SpanID, b.SpanID))
	})
	return tr
}

// traces are those that keep says, in order of start.
func (d Dataset) traces(keep func(i int) bool) []evidence.Trace {
	var out []evidence.Trace
	for i := range traceCount {
		if keep(i) {
			out = append(out, d.trace(i))
		}
	}
	return out
}

// ended holds calls to how they end when their context does.
func ended(t *testing.T, calls map[string]func(context.Context) error) {
	t.Helper()
	for name, call := range calls {
		t.Run(name+" ends with its context", func(t *testing.T) {
			cancelled, cancel := context.WithCancel(t.Context())
			cancel()
			if err := call(cancelled); !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled: got %v, want context.Canceled", err)
			}
			late, done := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
			defer done()
			if err := call(late); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("late: got %v, want context.DeadlineExceeded", err)
			}
		})
	}
}

// same compares what a source gave with what it should have given; no entries
// are no entries, however they are held.
func same[T any](t *testing.T, what string, want, got T) {
	t.Helper()
	if d := gocmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}
