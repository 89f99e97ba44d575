package rank

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// seasonal is a series that is at one level before the onset and at another
// after it, today and on each earlier day.
func seasonal(entity, name string, today [2]float64, earlier ...[2]float64) gathered.Series {
	level := func(around float64, n int) []float64 {
		var xs []float64
		for i := range n {
			xs = append(xs, around*(1+0.02*float64(i%5-2)))
		}
		return xs
	}
	m := gathered.Series{Entity: entity, Name: name, Baseline: casetest.Sampled(false, level(today[0], 20)...), Incident: casetest.Sampled(true, level(today[1], 6)...)}
	for i, d := range earlier {
		m.Earlier = append(m.Earlier, gathered.EarlierDay{Days: 1 + 6*i, Before: casetest.Sampled(false, level(d[0], 20)...), During: casetest.Sampled(true, level(d[1], 12)...)})
	}
	return m
}

func TestAnEarlierDayAsHighTakesBackWhatAMeasureSpeaksFor(t *testing.T) {
	same, flat := [2]float64{100, 400}, [2]float64{100, 100}
	for _, c := range []struct {
		name        string
		metric      gathered.Series
		least, most float64 // what is taken back
		says        string
	}{
		{"no earlier day is known", seasonal("a", "cpu_usage", same), 0, 0, ""},
		{"one day was as high", seasonal("a", "cpu_usage", same, same), 0.75, 0.8, "yesterday at this hour cpu_usage was as high: 416"},
		{"both were", seasonal("a", "cpu_usage", same, same, same), 0.9, 0.95, "yesterday at this hour"},
		{"last week was, yesterday was not", seasonal("a", "cpu_usage", same, flat, same), 0.75, 0.8, "7 days ago at this hour"},
		{"neither was", seasonal("a", "cpu_usage", same, flat, flat), 0, 0, ""},
		{"half as high", seasonal("a", "cpu_usage", same, [2]float64{100, 250}), 0.35, 0.5, "as high up to"},
		{"the same shape at half of today's level", seasonal("a", "cpu_usage", same, [2]float64{50, 200}), 0.75, 0.8, "yesterday"},
		{"a fall that comes daily", seasonal("a", "requests_per_second", [2]float64{400, 100}, [2]float64{400, 100}), 0.75, 0.8, "was as low"},
		{"a success rate that falls daily", seasonal("a", "success_ratio", [2]float64{0.9, 0.5}, [2]float64{0.9, 0.5}), 0.75, 0.8, "was as low: 0."},
	} {
		f := view.Measure(&c.metric, 0, weights.Default())
		if taken := 1 - f.Kept(); taken < c.least || taken > c.most+1e-9 {
			t.Errorf("%s: got %.2f taken back, want %.2f to %.2f", c.name, taken, c.least, c.most)
		}
		if c.says != "" && (len(f.Discounts) != 1 || !strings.Contains(f.Discounts[0].Why, c.says)) {
			t.Errorf("%s: got %v, want %q", c.name, f.Discounts, c.says)
		}
	}
}

func TestARiseInTheHourOfTheDailyDipIsSeen(t *testing.T) {
	still, dip := [2]float64{100, 100}, [2]float64{100, 20}
	for _, c := range []struct {
		name string
		days [][2]float64
		want bool
	}{
		{"both days dip here", [][2]float64{dip, dip}, true},
		{"one day is no habit", [][2]float64{dip}, false},
		{"the days do not agree", [][2]float64{dip, {100, 150}}, false},
		{"nothing is usual about this hour", [][2]float64{still, still}, false},
		{"another level without a dip is no season", [][2]float64{{20, 20}, {20, 20}}, false},
	} {
		m := seasonal("a", "requests_per_second", still, c.days...)
		f := view.Measure(&m, 0, weights.Default())
		if got := f.Up > weights.Default().Scale.Noise; got != c.want {
			t.Errorf("%s: got a deviation of %.1f, want one: %v", c.name, f.Up, c.want)
		}
		if c.want && !strings.Contains(f.Season, "yesterday and 7 days ago") {
			t.Errorf("%s: got %q, want the days named", c.name, f.Season)
		}
	}
}

func TestADailyPeakIsNotBlamedBesideAFault(t *testing.T) {
	peak := [2]float64{0.1, 0.9}
	build := func(known bool) *gathered.Evidence {
		c := &gathered.Evidence{Entities: casetest.Entities("front", "report", "stock"), Alerting: []string{"front"}, Edges: []evidence.Edge{{Caller: "front", Callee: "stock"}, {Caller: "front", Callee: "report"}}}
		c.Metrics = []gathered.Series{
			seasonal("report", "cpu_usage_ratio", peak), seasonal("stock", "cpu_usage_ratio", [2]float64{0.3, 0.7}),
			seasonal("front", "latency_p90_ms", [2]float64{60, 400}),
		}
		if known {
			c.Metrics[0] = seasonal("report", "cpu_usage_ratio", peak, peak, peak)
			c.Metrics[1] = seasonal("stock", "cpu_usage_ratio", [2]float64{0.3, 0.7}, [2]float64{0.3, 0.3}, [2]float64{0.3, 0.3})
		}
		return c
	}
	wantFirst(t, build(false), "report", report.MechanismResource) // else nothing is shown here
	wantFirst(t, build(true), "stock", report.MechanismResource)
	for _, cause := range Causes(view.New(build(true))) {
		for _, term := range cause.Terms {
			if term.ID == "explain/earlier-day" && (cause.Entity.Name != "report" || term.Points >= 0) {
				t.Errorf("%s has %d points of %s", cause.Entity.Name, term.Points, term.ID)
			}
		}
	}
}
