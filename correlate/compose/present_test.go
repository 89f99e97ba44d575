package compose

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/promql"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func unasked(f gathered.Fires) gathered.Fires {
	f.Unasked = true
	return f
}

// TestPresentSaysWhetherARuleStillFires of rules read every 15 s for ten minutes.
func TestPresentSaysWhetherARuleStillFires(t *testing.T) {
	now := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return now.Add(time.Duration(seconds-600) * time.Second) }
	rule := func(expr string, known, firing func(second int) bool, newest ...float64) gathered.Fires {
		f := gathered.Fires{Expr: expr}
		for s := 0; s <= 600; s += 15 {
			if known(s) {
				f.Known = append(f.Known, at(s))
			}
			if firing(s) {
				f.Firing = append(f.Firing, at(s))
			}
		}
		alternatives, err := promql.Bounds(expr)
		if err != nil {
			t.Fatal(err)
		}
		for _, bounds := range alternatives {
			for _, b := range bounds {
				bound := gathered.Bound{Bound: b}
				for _, x := range newest {
					bound.Series = append(bound.Series, []evidence.Sample{{Time: at(585), Value: 7}, {Time: at(600), Value: x}})
				}
				f.Bounds = append(f.Bounds, bound)
			}
		}
		return f
	}
	always, never := func(int) bool { return true }, func(int) bool { return false }
	before := func(end int) func(int) bool { return func(s int) bool { return s < end } }
	for _, c := range []struct {
		name  string
		fires []gathered.Fires
		want  string
		since time.Time
		says  string
	}{
		{"fires", []gathered.Fires{rule("a > 0.05", always, always, 0.12, 0.01)}, report.Yes, time.Time{}, "Still so: 0.12 now, the alert fires above 0.05."},
		{"ended", []gathered.Fires{rule("a >= 5", always, before(300), 2)}, report.No, at(300), "Not any more: 2 now, the alert fires from 5 on."},
		{"long over", []gathered.Fires{rule("up == 0", always, never, 1)}, report.No, time.Time{}, "Not any more: 1 now, the alert fires at 0."},
		{"ended, and began again", []gathered.Fires{rule("a < 1", always, func(s int) bool { return s < 300 || s == 600 }, 0.5)}, report.Yes, time.Time{}, "below 1"},
		{"one of two still fires", []gathered.Fires{rule("a > 1", always, never, 0), rule("b > 2", always, always, 3)}, report.Yes, time.Time{}, "3 now, the alert fires above 2"},
		{"one of two is not known", []gathered.Fires{rule("a > 1", always, before(300), 0), rule("b > 2", never, never)}, report.Unknown, time.Time{}, "has no value now"},
		{"fired, and nothing is known since", []gathered.Fires{rule("a > 1", before(300), before(300))}, report.Unknown, time.Time{}, "has no value now"},
		{"no value in any of the last samples", []gathered.Fires{rule("absent(a)", never, always)}, report.Yes, time.Time{}, "Still so."},
		{"the question was not answered", []gathered.Fires{unasked(rule("a > 1", always, never, 5))}, report.Unknown, time.Time{}, "did not answer"},
		{"it fires, whatever else was not answered", []gathered.Fires{rule("a > 1", always, always, 5), {Unasked: true}}, report.Yes, time.Time{}, "5 now"},
		{"a share of nothing", []gathered.Fires{rule("a / b > 1", always, never, math.NaN())}, report.No, time.Time{}, "Not any more: 7 now"},
		{"no rule", nil, report.Unknown, time.Time{}, "No rule of this alert is known"},
	} {
		p := Present(c.fires, now.Add(-30*time.Second), now)
		if p.Fires != c.want || !p.Since.Equal(c.since) || !strings.Contains(p.Says, c.says) || !p.At.Equal(now) {
			t.Errorf("%s: got %+v, want %s since %s saying %q", c.name, p, c.want, c.since, c.says)
		}
	}
}
