package sourcestest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

// LogSource is the engine's port of that name.
type LogSource interface {
	Logs(ctx context.Context, q evidence.LogQuery) (lines []evidence.LogLine, truncated bool, err error)
}

// Logs runs the contract of LogSource against a source that holds the data set.
func Logs(t *testing.T, d Dataset, src LogSource) {
	t.Run("by field", func(t *testing.T) { logsByField(t, d, src) })
	t.Run("by window", func(t *testing.T) { logsByWindow(t, d, src) })
	ended(t, map[string]func(context.Context) error{
		"logs": func(ctx context.Context) error {
			_, _, err := src.Logs(ctx, evidence.LogQuery{Services: services(), Window: d.Window, Limit: 5})
			return err
		},
		"logs of a trace": func(ctx context.Context) error {
			_, _, err := src.Logs(ctx, evidence.LogQuery{TraceID: traceIDOf(1), Window: d.Window, Limit: 5})
			return err
		},
	})
}

func services() []string { return []string{"cart", "gateway", "store"} }

// ask runs a query that must not fail.
func ask(t *testing.T, src LogSource, q evidence.LogQuery) ([]evidence.LogLine, bool) {
	t.Helper()
	got, truncated, err := src.Logs(t.Context(), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	return plain(got), truncated
}

// logsByField asks by service, trace, severity and expression.
func logsByField(t *testing.T, d Dataset, src LogSource) {
	all, everyone := d.Window, services()
	t.Run("lines of services in order", func(t *testing.T) {
		got, truncated := ask(t, src, evidence.LogQuery{Services: everyone, Window: all, Limit: 10_000})
		same(t, "all lines", d.lines(func(evidence.LogLine) bool { return true }), got)
		if truncated {
			t.Error("truncated, though all were returned")
		}
		got, _ = ask(t, src, evidence.LogQuery{Services: []string{"store"}, Window: all, Limit: 10_000})
		same(t, "store's lines", d.lines(func(l evidence.LogLine) bool { return l.Service == "store" }), got)
	})
	t.Run("a service's name is no pattern", func(t *testing.T) {
		if got, _ := ask(t, src, evidence.LogQuery{Services: []string{".*", `ca"rt`, "c.rt"}, Window: all, Limit: 10}); len(got) != 0 {
			t.Errorf("got %d lines, want none", len(got))
		}
	})
	t.Run("over the limit the earliest are returned and it is said", func(t *testing.T) {
		every := d.lines(func(evidence.LogLine) bool { return true })
		tied := slices.IndexFunc(every, func(l evidence.LogLine) bool { return l.Time.Equal(tiedAt()) })
		for _, limit := range []int{1, 5, tied + 2, tied + 7, len(every) - 1} {
			got, truncated := ask(t, src, evidence.LogQuery{Services: everyone, Window: all, Limit: limit})
			same(t, "earliest", every[:limit], got)
			if !truncated {
				t.Errorf("limit %d of %d: not truncated", limit, len(every))
			}
		}
		if got, truncated := ask(t, src, evidence.LogQuery{Services: everyone, Window: all, Limit: len(every)}); len(got) != len(every) || truncated {
			t.Errorf("limit of exactly all: got %d, truncated %v", len(got), truncated)
		}
	})
	t.Run("a trace's lines, by their field and by their text", func(t *testing.T) {
		for _, i := range []int{0, 4, traceCount - 1} {
			id := traceIDOf(i)
			got, _ := ask(t, src, evidence.LogQuery{TraceID: id, Window: all, Limit: 100})
			same(t, id, d.lines(func(l evidence.LogLine) bool { return l.TraceID == id || strings.Contains(l.Body, id) }), got)
			got, _ = ask(t, src, evidence.LogQuery{TraceID: strings.ToUpper(id), Services: []string{"cart"}, Window: all, Limit: 100})
			same(t, "cart's of "+id, d.lines(func(l evidence.LogLine) bool { return l.TraceID == id && l.Service == "cart" }), got)
		}
	})
	t.Run("from a severity upwards", func(t *testing.T) {
		got, _ := ask(t, src, evidence.LogQuery{Services: everyone, MinSeverity: evidence.SeverityError, Window: all, Limit: 100})
		same(t, "errors", d.lines(func(l evidence.LogLine) bool { return l.Severity >= evidence.SeverityError }), got)
		got, truncated := ask(t, src, evidence.LogQuery{Services: everyone, MinSeverity: evidence.SeverityWarn, Window: all, Limit: 5})
		same(t, "first warnings", d.lines(func(l evidence.LogLine) bool { return l.Severity >= evidence.SeverityWarn })[:5], got)
		if !truncated {
			t.Error("warnings over the limit: not truncated")
		}
	})
	t.Run("an expression as it stands", func(t *testing.T) {
		got, _ := ask(t, src, evidence.LogQuery{Expr: `{service_name=~"cart|store"} |= "timed out"`, Window: all, Limit: 100})
		same(t, "expression", d.lines(func(l evidence.LogLine) bool { return strings.Contains(l.Body, "timed out") }), got)
	})
}

// logsByWindow asks about time, for what is not there, and for nonsense.
func logsByWindow(t *testing.T, d Dataset, src LogSource) {
	all, everyone := d.Window, services()
	t.Run("a window includes its start and not its end", func(t *testing.T) {
		w := evidence.Window{Start: start().Add(time.Millisecond), End: start().Add(traceEvery + time.Millisecond)}
		got, _ := ask(t, src, evidence.LogQuery{Services: everyone, Window: w, Limit: 100})
		same(t, "first request", d.lines(func(l evidence.LogLine) bool { return w.Contains(l.Time) }), got)
	})
	t.Run("a window's time zone changes nothing", func(t *testing.T) {
		zone := time.FixedZone("west", -7*3600)
		w := evidence.Window{Start: all.Start.In(zone), End: all.End.In(zone)}
		got, _ := ask(t, src, evidence.LogQuery{Services: []string{"gateway"}, Window: w, Limit: 1000})
		same(t, "gateway's lines", d.lines(func(l evidence.LogLine) bool { return l.Service == "gateway" }), got)
		for _, l := range got {
			if l.Time.Location() != time.UTC {
				t.Fatalf("a line's time is in %v, want UTC", l.Time.Location())
			}
		}
	})
	t.Run("nothing there is no error", func(t *testing.T) {
		if got, truncated := ask(t, src, evidence.LogQuery{Services: []string{"nobody"}, Window: all, Limit: 5}); len(got) != 0 || truncated {
			t.Errorf("got %d lines, truncated %v; want none", len(got), truncated)
		}
	})
	t.Run("malformed questions are invalid", func(t *testing.T) {
		for name, q := range map[string]evidence.LogQuery{
			"nothing asked": {Window: all, Limit: 5},
			"trace ID":      {TraceID: `"} | x`, Window: all, Limit: 5},
			"expression":    {Expr: `{service_name=`, Window: all, Limit: 5},
		} {
			if _, _, err := src.Logs(t.Context(), q); !errors.Is(err, evidence.ErrInvalid) && !errors.Is(err, evidence.ErrUnsupported) {
				t.Errorf("%s: got %v, want ErrInvalid", name, err)
			}
		}
	})
}

// lines are those that keep says, in the port's order and as a source gives
// them.
func (d Dataset) lines(keep func(evidence.LogLine) bool) []evidence.LogLine {
	var out []evidence.LogLine
	for _, l := range d.Logs {
		logline.Default.Read(&l)
		if keep(l) {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b evidence.LogLine) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Body, b.Body))
	})
	return plain(out)
}

// plain lets names differ by what a store cannot keep: Loki has underscores for
// dots and no border between a line's attributes and its resource's.
func plain(lines []evidence.LogLine) []evidence.LogLine {
	out := slices.Clone(lines)
	for i := range out {
		joined := map[string]string{}
		for _, m := range []map[string]string{out[i].Resource, out[i].Attributes} {
			for k, v := range m {
				joined[strings.ReplaceAll(k, ".", "_")] = v
			}
		}
		out[i].Resource, out[i].Attributes = nil, joined
	}
	return out
}
