package correlate

import (
	"math"
	"strings"
	"testing"
)

// reading is a series of resources that rises five-fold, with noise drawn from
// a seed: the same seed is the same reading.
func reading(entity, name string, seed uint64, scale float64) CaseMetric {
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
	return CaseMetric{Entity: entity, Name: name, Baseline: sampled(false, base...), Incident: sampled(true, inc...)}
}

func TestAReadingThatPeersShareIsNoServicesOwn(t *testing.T) {
	const name = "process_network_receive_bytes_total"
	for _, c := range []struct {
		what   string
		metric string
		other  CaseMetric
		shared bool
	}{
		{"the same counter", "process_cpu_share", reading("b", "process_cpu_share", 1, 1), true},
		{"the same network counter", name, reading("b", name, 1, 1), true},
		{"read a moment later", "process_cpu_share", reading("b", "process_cpu_share", 1, 1.02), true},
		{"the same level with noise of its own", "process_cpu_share", reading("b", "process_cpu_share", 2, 1), false},
		{"the same shape at twice the level", "process_cpu_share", reading("b", "process_cpu_share", 1, 2), false},
		{"requests, which callers and callees share", "requests_per_second", reading("b", "requests_per_second", 1, 1), false},
	} {
		c1 := &Case{Entities: entities("a", "b"), Metrics: []CaseMetric{reading("a", c.metric, 1, 1), c.other}}
		v := newView(c1)
		for i := range v.metrics {
			f := &v.metrics[i]
			if got := f.kept() < 0.5; got != c.shared {
				t.Errorf("%s: %s of %s is taken for shared: %v, want %v", c.what, f.m.Name, f.m.Entity, got, c.shared)
			}
		}
	}
}

func TestASharedReadingLeavesFirstPlaceToTheOnesOwn(t *testing.T) {
	build := func() *Case {
		c := &Case{Entities: entities("a", "b", "stock"), Alerting: []string{"a"}}
		c.Metrics = []CaseMetric{reading("a", "process_cpu_share", 1, 1), reading("b", "process_cpu_share", 1, 1), metricOf("stock", "memory_usage_bytes", 100, 250, 260, 270)}
		return c
	}
	wantFirst(t, build(), "stock", MechanismResource)
	said := false
	for _, cause := range rankCauses(build()) {
		for _, term := range cause.Terms {
			said = said || term.ID == "explain/shared" && cause.Entity.Name == "a" && term.Points < 0 && strings.Contains(term.Why, "the same values at b")
		}
	}
	if !said {
		t.Error("no term says that the reading is shared")
	}
}

func TestNetworkCountersOfAProcessAreNoThreads(t *testing.T) {
	if got := classOf("process_network_receive_bytes_total"); got != classNetwork {
		t.Errorf("got %s, want %s", got, classNetwork)
	}
	if d := math.Abs(pearson([]float64{1, 2, 3}, []float64{2, 4, 6}) - 1); d > 1e-9 {
		t.Errorf("correlation of a line: off by %g", d)
	}
}

func TestWhatIsTakenBackIsNotHeldAgainstAnybodyAgain(t *testing.T) {
	const name = "cpu_usage_percent" // from 2 to 10, most of it unused
	c := &Case{Entities: entities("a", "b"), Alerting: []string{"a"}, Metrics: []CaseMetric{reading("a", name, 1, 0.02), reading("b", name, 1, 0.02)}}
	for i := range 20 {
		addTrace(c, traceID(i), i < 10, call{service: "a", op: "GET /", ms: 20 + float64(i)})
	}
	v := newView(c)
	points, against := 0, false
	for _, f := range resourceUsage(v) {
		if term, ok := scoreFinding("resource/usage", f); ok && v.names[f.entity] == "a" {
			points, against = points+term.term.Points, against || term.term.Points < 0
			for _, d := range term.discounted(f.fact) {
				points += d.term.Points
			}
		}
	}
	if points < 0 || !against {
		t.Errorf("got %d points for a shared reading of a resource that is mostly unused, against it %v; want some against, and none below zero", points, against)
	}
}
