package correlate

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// seasonal is a series that is at one level before the onset and at another
// after it, today and on each earlier day.
func seasonal(entity, name string, today [2]float64, earlier ...[2]float64) CaseMetric {
	level := func(around float64, n int) []float64 {
		var xs []float64
		for i := range n {
			xs = append(xs, around*(1+0.02*float64(i%5-2)))
		}
		return xs
	}
	m := CaseMetric{Entity: entity, Name: name, Baseline: sampled(false, level(today[0], 20)...), Incident: sampled(true, level(today[1], 6)...)}
	for i, d := range earlier {
		m.Earlier = append(m.Earlier, EarlierDay{Days: 1 + 6*i, Before: sampled(false, level(d[0], 20)...), During: sampled(true, level(d[1], 12)...)})
	}
	return m
}

func TestAnEarlierDayAsHighTakesBackWhatAMeasureSpeaksFor(t *testing.T) {
	same, flat := [2]float64{100, 400}, [2]float64{100, 100}
	for _, c := range []struct {
		name        string
		metric      CaseMetric
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
		f := measure(&c.metric, 0)
		if taken := 1 - f.kept(); taken < c.least || taken > c.most+1e-9 {
			t.Errorf("%s: got %.2f taken back, want %.2f to %.2f", c.name, taken, c.least, c.most)
		}
		if c.says != "" && (len(f.discounts) != 1 || !strings.Contains(f.discounts[0].why, c.says)) {
			t.Errorf("%s: got %v, want %q", c.name, f.discounts, c.says)
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
		f := measure(&m, 0)
		if got := f.up > noiseZ; got != c.want {
			t.Errorf("%s: got a deviation of %.1f, want one: %v", c.name, f.up, c.want)
		}
		if c.want && !strings.Contains(f.season, "yesterday and 7 days ago") {
			t.Errorf("%s: got %q, want the days named", c.name, f.season)
		}
	}
}

func TestADailyPeakIsNotBlamedBesideAFault(t *testing.T) {
	peak := [2]float64{0.1, 0.9}
	build := func(known bool) *Case {
		c := &Case{Entities: entities("front", "report", "stock"), Alerting: []string{"front"}, Edges: []evidence.Edge{{Caller: "front", Callee: "stock"}, {Caller: "front", Callee: "report"}}}
		c.Metrics = []CaseMetric{
			seasonal("report", "cpu_usage_ratio", peak), seasonal("stock", "cpu_usage_ratio", [2]float64{0.3, 0.7}),
			seasonal("front", "latency_p90_ms", [2]float64{60, 400}),
		}
		if known {
			c.Metrics[0] = seasonal("report", "cpu_usage_ratio", peak, peak, peak)
			c.Metrics[1] = seasonal("stock", "cpu_usage_ratio", [2]float64{0.3, 0.7}, [2]float64{0.3, 0.3}, [2]float64{0.3, 0.3})
		}
		return c
	}
	wantFirst(t, build(false), "report", MechanismResource) // else nothing is shown here
	wantFirst(t, build(true), "stock", MechanismResource)
	for _, cause := range rankCauses(build(true)) {
		for _, term := range cause.Terms {
			if term.ID == "explain/earlier-day" && (cause.Entity.Name != "report" || term.Points >= 0) {
				t.Errorf("%s has %d points of %s", cause.Entity.Name, term.Points, term.ID)
			}
		}
	}
}

// past answers about earlier days as well, and counts what it is asked.
type past struct {
	*world
	days  int // how far back it remembers
	holds bool
	asked []string
}

func (p *past) Holds(evidence.Window) bool { return p.holds }

func (p *past) QueryRange(ctx context.Context, expr string, w evidence.Window, step time.Duration) ([]evidence.Series, error) {
	back := 0
	for w.End.Add(time.Duration(back) * 24 * time.Hour).Before(worldNow.Add(-12 * time.Hour)) {
		back++
	}
	if back > 0 {
		p.asked = append(p.asked, fmt.Sprint(back))
	}
	if back > p.days {
		return nil, nil
	}
	off := time.Duration(back) * 24 * time.Hour
	list, err := p.world.QueryRange(ctx, expr, evidence.Window{Start: w.Start.Add(off), End: w.End.Add(off)}, step)
	for i := range list {
		for j := range list[i].Samples {
			list[i].Samples[j].Time = list[i].Samples[j].Time.Add(-off)
		}
	}
	return list, err
}

func investigatePast(t *testing.T, p *past) Report {
	t.Helper()
	s := p.sources()
	s.Metrics = p
	r, err := New(s, Options{Concurrency: 1}).Investigate(t.Context(), p.request())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func coverageOf(r Report, query string) string {
	for _, c := range r.Coverage {
		if c.Query == query {
			return string(c.Status) + ": " + c.Detail
		}
	}
	return ""
}

func TestEarlierDaysAreAskedAsFarAsTheMetricsReachBack(t *testing.T) {
	p := &past{world: newWorld(), days: 1, holds: true}
	r := investigatePast(t, p)
	if got := strings.Join(p.asked, " "); got != "1 7" {
		t.Errorf("asked about the days before: got %q, want one query each", got)
	}
	if got := coverageOf(r, "the same hour yesterday"); got != "answered: " {
		t.Errorf("yesterday: got %q, want it answered", got)
	}
	if got := coverageOf(r, "the same hour 7 days ago"); !strings.HasPrefix(got, "empty: no samples") {
		t.Errorf("a week ago: got %q, want it empty, with the reason", got)
	}
	said := false
	for _, cause := range r.Causes {
		for _, term := range cause.Terms {
			said = said || term.ID == "explain/earlier-day" && strings.HasPrefix(strings.TrimPrefix(term.Why, inSupport), "yesterday at this hour http_errors_ratio was as high")
		}
	}
	if !said {
		t.Error("yesterday was the same: no cause says so")
	}
}

func TestARecordingWithoutEarlierDaysIsNotAskedAboutThem(t *testing.T) {
	p := &past{world: newWorld(), days: 7}
	r := investigatePast(t, p)
	if len(p.asked) > 0 || coverageOf(r, "the same hour yesterday") != "" {
		t.Errorf("asked about the days %v, and the coverage says %q; want neither", p.asked, coverageOf(r, "the same hour yesterday"))
	}
}
