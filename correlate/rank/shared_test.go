package rank

import (
	"math"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/signal"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// reading is a series of resources that rises five-fold, with noise drawn from
// a seed: the same seed is the same reading.
func reading(entity, name string, seed uint64, scale float64) gathered.Series {
	next := func(around float64) float64 {
		seed = seed*6364136223846793005 + 1442695040888963407
		return scale * around * (0.9 + 0.2*float64(seed>>40)/float64(1<<24))
	}
	var base, inc []float64
	for range 20 {
		base = append(base, next(100))
	}
	for range 8 {
		inc = append(inc, next(500))
	}
	return gathered.Series{Entity: entity, Name: name, Baseline: casetest.Sampled(false, base...), Incident: casetest.Sampled(true, inc...)}
}

func TestAReadingThatPeersShareIsNoServicesOwn(t *testing.T) {
	const name = "process_network_receive_bytes_total"
	for _, c := range []struct {
		what   string
		metric string
		other  gathered.Series
		shared bool
	}{
		{"the same counter", "process_cpu_share", reading("b", "process_cpu_share", 1, 1), true},
		{"the same network counter", name, reading("b", name, 1, 1), true},
		{"read a moment later", "process_cpu_share", reading("b", "process_cpu_share", 1, 1.02), true},
		{"the same level with noise of its own", "process_cpu_share", reading("b", "process_cpu_share", 2, 1), false},
		{"the same shape at twice the level", "process_cpu_share", reading("b", "process_cpu_share", 1, 2), false},
		{"requests, which callers and callees share", "requests_per_second", reading("b", "requests_per_second", 1, 1), false},
	} {
		c1 := &gathered.Evidence{Entities: casetest.Entities("a", "b"), Metrics: []gathered.Series{reading("a", c.metric, 1, 1), c.other}}
		v := view.New(c1)
		for i := range v.Metrics {
			f := &v.Metrics[i]
			if got := f.Kept() < 0.5; got != c.shared {
				t.Errorf("%s: %s of %s is taken for shared: %v, want %v", c.what, f.Series.Name, f.Series.Entity, got, c.shared)
			}
		}
	}
}

func TestASharedReadingLeavesFirstPlaceToTheOnesOwn(t *testing.T) {
	build := func() *gathered.Evidence {
		c := &gathered.Evidence{Entities: casetest.Entities("a", "b", "stock"), Alerting: []string{"a"}}
		c.Metrics = []gathered.Series{reading("a", "process_cpu_share", 1, 1), reading("b", "process_cpu_share", 1, 1), casetest.MetricOf("stock", "memory_usage_bytes", 100, 250, 260, 270)}
		return c
	}
	wantFirst(t, build(), "stock", report.MechanismResource)
	said := false
	for _, cause := range Causes(view.New(build())) {
		for _, term := range cause.Terms {
			said = said || term.ID == "explain/shared" && cause.Entity.Name == "a" && term.Points < 0 && strings.Contains(term.Why, "the same values at b")
		}
	}
	if !said {
		t.Error("no term says that the reading is shared")
	}
}

func TestNetworkCountersOfAProcessAreNoThreads(t *testing.T) {
	if got := metric.ClassOf("process_network_receive_bytes_total"); got != metric.ClassNetwork {
		t.Errorf("got %s, want %s", got, metric.ClassNetwork)
	}
	if d := math.Abs(stat.Pearson([]float64{1, 2, 3}, []float64{2, 4, 6}) - 1); d > 1e-9 {
		t.Errorf("correlation of a line: off by %g", d)
	}
}

func TestWhatIsTakenBackIsNotHeldAgainstAnybodyAgain(t *testing.T) {
	const name = "cpu_usage_percent" // from 2 to 10, most of it unused
	c := &gathered.Evidence{Entities: casetest.Entities("a", "b"), Alerting: []string{"a"}, Metrics: []gathered.Series{reading("a", name, 1, 0.02), reading("b", name, 1, 0.02)}}
	for i := range 20 {
		casetest.AddTrace(c, casetest.TraceID(i), i < 10, casetest.Call{Service: "a", Op: "GET /", Ms: 20 + float64(i)})
	}
	v := view.New(c)
	points, against := 0, false
	for _, f := range signal.ResourceUsage(v) {
		if term, ok := scoreFinding(v, "resource/usage", f); ok && v.Names[f.Entity] == "a" {
			points, against = points+term.term.Points, against || term.term.Points < 0
			for _, d := range term.discounted(f.Fact) {
				points += d.term.Points
			}
		}
	}
	if points < 0 || !against {
		t.Errorf("got %d points for a shared reading of a resource that is mostly unused, against it %v; want some against, and none below zero", points, against)
	}
}
