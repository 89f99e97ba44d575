package sourcestest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// MetricSource is the engine's port of that name.
type MetricSource interface {
	ListSeries(ctx context.Context, selectors []string, w evidence.Window) (series []evidence.Series, truncated bool, err error)
	QueryRange(ctx context.Context, expr string, w evidence.Window, step time.Duration) ([]evidence.Series, error)
}

// RuleSource is the engine's port of that name.
type RuleSource interface {
	Rules(ctx context.Context) ([]evidence.Rule, error)
}

// Metrics runs the contract of MetricSource against a source that holds the
// data set.
func Metrics(t *testing.T, d Dataset, src MetricSource) {
	t.Run("listed", func(t *testing.T) { metricsListed(t, d, src) })
	t.Run("queried", func(t *testing.T) { metricsQueried(t, d, src) })
	t.Run("absent or malformed", func(t *testing.T) { metricsAbsent(t, d, src) })
	ended(t, map[string]func(context.Context) error{
		"list": func(ctx context.Context) error {
			_, _, err := src.ListSeries(ctx, []string{"up"}, d.Window)
			return err
		},
		"range": func(ctx context.Context) error {
			_, err := src.QueryRange(ctx, "queue_depth", d.Window, time.Minute)
			return err
		},
	})
}

// list runs a listing that must not fail.
func list(t *testing.T, src MetricSource, w evidence.Window, selectors ...string) []evidence.Series {
	t.Helper()
	got, truncated, err := src.ListSeries(t.Context(), selectors, w)
	if err != nil || truncated {
		t.Fatalf("%q: truncated %v, %v", selectors, truncated, err)
	}
	return got
}

// query runs a query that must not fail.
func query(t *testing.T, src MetricSource, expr string, w evidence.Window, step time.Duration) []evidence.Series {
	t.Helper()
	got, err := src.QueryRange(t.Context(), expr, w, step)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	return got
}

// metricsListed asks which series there are.
func metricsListed(t *testing.T, d Dataset, src MetricSource) {
	all := d.Window
	t.Run("series are listed once, by name, then labels", func(t *testing.T) {
		got := list(t, src, all, `http_requests_total`, `{service="cart"}`, `http_requests_total{code="500"}`)
		same(t, "series", d.listed(func(s evidence.Series) bool {
			return s.Name == "http_requests_total" || s.Labels["service"] == "cart" && s.Name != "retired"
		}), got)
		same(t, "quoted label", d.listed(func(s evidence.Series) bool { return s.Name == "queue_depth" }), list(t, src, all, `{__name__="queue_depth"}`))
	})
	t.Run("only series with samples in the window", func(t *testing.T) {
		if got := list(t, src, all, "retired"); len(got) != 0 {
			t.Errorf("got %v, want none, as it stopped a day before", got)
		}
		before := evidence.Window{Start: all.Start.AddDate(0, 0, -1), End: all.End.AddDate(0, 0, -1)}
		same(t, "a day before", d.listed(func(s evidence.Series) bool { return s.Name == "retired" }), list(t, src, before, "retired"))
	})
}

// metricsQueried evaluates expressions.
func metricsQueried(t *testing.T, d Dataset, src MetricSource) {
	all := d.Window
	t.Run("a range includes both ends", func(t *testing.T) {
		w := evidence.Window{Start: all.Start.Add(time.Minute), End: all.Start.Add(2 * time.Minute)}
		got := query(t, src, `http_requests_total{service="cart",code="200"}`, w, 30*time.Second)
		want := []evidence.Series{{
			Name: "http_requests_total", Labels: map[string]string{"service": "cart", "code": "200", "job": "shop"}, Kind: evidence.MetricCounter, Expr: `http_requests_total{service="cart",code="200"}`,
			Samples: []evidence.Sample{{Time: w.Start, Value: 30}, {Time: w.Start.Add(30 * time.Second), Value: 50}, {Time: w.End, Value: 70}},
		}}
		same(t, "range", want, got)
	})
	t.Run("expressions are evaluated, in order of labels", func(t *testing.T) {
		w := evidence.Window{Start: all.Start.Add(5 * time.Minute), End: all.Start.Add(5 * time.Minute)}
		expr := `sum by (service) (rate(http_requests_total[1m]))`
		var want []evidence.Series
		for i, s := range []string{"cart", "gateway", "store"} {
			want = append(want, evidence.Series{Labels: map[string]string{"service": s}, Expr: expr, Samples: []evidence.Sample{{Time: w.Start, Value: float64(2*(10+i)-5) / 15}}})
		}
		got := query(t, src, expr, w, time.Minute)
		for i := range got {
			for j := range got[i].Samples { // sums of floats differ in their last digit
				got[i].Samples[j].Value = rounded(got[i].Samples[j].Value)
			}
		}
		for i := range want {
			want[i].Samples[0].Value = rounded(want[i].Samples[0].Value)
		}
		same(t, expr, want, got)
	})
	t.Run("what is not a number is left out", func(t *testing.T) {
		w := evidence.Window{Start: all.Start.Add(time.Minute), End: all.Start.Add(2 * time.Minute)}
		for _, expr := range []string{`queue_depth / 0`, `queue_depth * NaN`, `vector(0) / 0`} {
			if got := query(t, src, expr, w, time.Minute); len(got) != 0 {
				t.Errorf("%s: got %v, want nothing", expr, got)
			}
		}
	})
	t.Run("a window's time zone changes nothing", func(t *testing.T) {
		zone := time.FixedZone("east", 5*3600+2700)
		w := evidence.Window{Start: all.Start.Add(time.Minute), End: all.Start.Add(3 * time.Minute)}
		here := query(t, src, "queue_depth", w, time.Minute)
		there := query(t, src, "queue_depth", evidence.Window{Start: w.Start.In(zone), End: w.End.In(zone)}, time.Minute)
		same(t, "same instants", here, there)
		if len(there) != 1 || len(there[0].Samples) != 3 || there[0].Samples[0].Time.Location() != time.UTC {
			t.Errorf("got %v, want three samples in UTC", there)
		}
	})
}

// metricsAbsent asks for what is not there, and for nonsense.
func metricsAbsent(t *testing.T, d Dataset, src MetricSource) {
	ctx, all := t.Context(), d.Window
	t.Run("nothing there is no error", func(t *testing.T) {
		if got := list(t, src, all, "nothing_of_that_name"); len(got) != 0 {
			t.Errorf("got %v, want none", got)
		}
		if got := query(t, src, "nothing_of_that_name", all, time.Minute); len(got) != 0 {
			t.Errorf("got %v, want none", got)
		}
	})
	t.Run("malformed questions are invalid", func(t *testing.T) {
		long := evidence.Window{Start: all.Start, End: all.Start.Add(20_000 * time.Second)}
		for name, call := range map[string]func() error{
			"expression": func() error { _, err := src.QueryRange(ctx, "sum(", all, time.Minute); return err },
			"step":       func() error { _, err := src.QueryRange(ctx, "up", all, 0); return err },
			"reversed": func() error {
				_, err := src.QueryRange(ctx, "up", evidence.Window{Start: all.End, End: all.Start}, time.Minute)
				return err
			},
			"resolution":  func() error { _, err := src.QueryRange(ctx, "up", long, time.Second); return err },
			"selector":    func() error { _, _, err := src.ListSeries(ctx, []string{"{"}, all); return err },
			"no selector": func() error { _, _, err := src.ListSeries(ctx, nil, all); return err },
		} {
			if err := call(); !errors.Is(err, evidence.ErrInvalid) {
				t.Errorf("%s: got %v, want ErrInvalid", name, err)
			}
		}
	})
}

// Rules runs the contract of RuleSource.
func Rules(t *testing.T, d Dataset, src RuleSource) {
	t.Run("rules by group, then name", func(t *testing.T) {
		got, err := src.Rules(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		same(t, "rules", d.Rules, got)
	})
	ended(t, map[string]func(context.Context) error{
		"rules": func(ctx context.Context) error { _, err := src.Rules(ctx); return err },
	})
}

// listed are the series that keep says, as a listing gives them.
func (d Dataset) listed(keep func(evidence.Series) bool) []evidence.Series {
	var out []evidence.Series
	for _, s := range d.Series {
		if s.Samples = nil; keep(s) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b evidence.Series) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(fmt.Sprint(a.Labels), fmt.Sprint(b.Labels))) // fmt sorts keys
	})
	return out
}

func rounded(v float64) float64 { return float64(int64(v*1e9+0.5)) / 1e9 }
