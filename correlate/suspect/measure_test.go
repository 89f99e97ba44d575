package suspect

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// level is so many values around a level, without a trend and with an eighth of
// noise, of which each kind has its own.
func level(around float64, n, kind int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = around * (1 + float64((i*(5+2*kind)+kind)%9-4)/32)
	}
	return xs
}

func moving(entity, name string, before, during float64, kind int) gathered.Series {
	return gathered.Series{Entity: entity, Name: name, Unit: metric.UnitOf(name, ""), Baseline: casetest.Sampled(false, level(before, 24, kind)...), Incident: casetest.Sampled(true, level(during, 12, kind)...)}
}

// TestAMeasureIsASignAsFarAsTheViewSaysThatItMoved holds the signs of commits to
// the one answer that the rules have too: its scale, its seasons, its shared
// readings, and what matters to anybody.
func TestAMeasureIsASignAsFarAsTheViewSaysThatItMoved(t *testing.T) {
	daily := func(s gathered.Series, days ...int) gathered.Series {
		for _, d := range days {
			s.Earlier = append(s.Earlier, gathered.EarlierDay{Days: d, Before: s.Baseline, During: s.Incident})
		}
		return s
	}
	const clear = 600
	for _, c := range []struct {
		name   string
		series []gathered.Series
		sign   mechanism.Signature
		least  int
		most   int
	}{
		{"it rose", []gathered.Series{moving("till", "memory_usage_bytes", 1e8, 9e8, 1)}, mechanism.MemoryGrowth, clear, 1000},
		{"as on one day before", []gathered.Series{daily(moving("till", "memory_usage_bytes", 1e8, 9e8, 1), 1)}, mechanism.MemoryGrowth, 1, 250},
		{"as on every day", []gathered.Series{daily(moving("till", "memory_usage_bytes", 1e8, 9e8, 1), 1, 7)}, mechanism.MemoryGrowth, 0, 100},
		{"as on what stands beside it", []gathered.Series{moving("till", "process_cpu_share", .1, .9, 1), moving("shop", "process_cpu_share", .1, .9, 1)}, mechanism.CPUBurn, 0, 100},
		{"like what stands beside it, with noise of its own", []gathered.Series{moving("till", "process_cpu_share", .1, .9, 1), moving("shop", "process_cpu_share", .1, .9, 2)}, mechanism.CPUBurn, clear, 1000},
		{"by less than matters", []gathered.Series{moving("till", "memory_usage_bytes", 1e3, 9e3, 1)}, mechanism.MemoryGrowth, 0, 0},
		{"it fell where a rise would tell", []gathered.Series{moving("till", "memory_usage_bytes", 9e8, 1e8, 1)}, mechanism.MemoryGrowth, 0, 0},
		{"it fell where a fall tells", []gathered.Series{moving("till", "cache_hit_ratio", .9, .1, 1)}, mechanism.CacheMiss, 200, 1000},
		{"within its noise", []gathered.Series{moving("till", "memory_usage_bytes", 1e8, 1.05e8, 1)}, mechanism.MemoryGrowth, 0, 0},
	} {
		e := &gathered.Evidence{Entities: casetest.Entities("shop", "till"), Metrics: c.series}
		s := bare(e)
		got := newSigns()
		for _, said := range s.failure.said {
			if said.entity == "till" {
				got = said.signs
			}
		}
		if x := got.strength[c.sign]; x < c.least || x > c.most {
			t.Errorf("%s: got %s at %d, want %d to %d", c.name, c.sign, x, c.least, c.most)
		}
		if refs := got.refs[c.sign]; got.strength[c.sign] > 0 && (len(refs) != 1 || refs[0].Kind != evidence.RefSeries || refs[0].Time.Before(casetest.Onset0)) {
			t.Errorf("%s: got references %v, want the series at the time when it had moved", c.name, refs)
		}
	}
}

func TestTrafficThatRisesDailyIsNoSurge(t *testing.T) {
	cause := casetest.LedgerCause("latency")
	for _, c := range []struct {
		name string
		days []int
		want bool
	}{{"nobody knows other days", nil, true}, {"as on other days", []int{1, 7}, false}} {
		m := requests("front", 100, 300)
		for _, d := range c.days {
			m.Earlier = append(m.Earlier, gathered.EarlierDay{Days: d, Before: m.Baseline, During: m.Incident})
		}
		v := view.New(&gathered.Evidence{Entities: casetest.Entities("front", "ledger"), Edges: []evidence.Edge{{Caller: "front", Callee: "ledger"}}, Metrics: []gathered.Series{m}})
		if got := New(v).Surging(cause); (got > 0) != c.want {
			t.Errorf("%s: got a surge of %d, want one: %v", c.name, got, c.want)
		}
	}
}
