package signal

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// steady is a measure that had one level before and has another during.
func steady(name, stat, unit string, kind evidence.MetricKind, before, during float64) gathered.Series {
	m := casetest.MetricOf("shop", name, before, during, during, during, during, during, during)
	m.Stat, m.Unit, m.Kind = stat, unit, kind
	return m
}

// TestWhatIsNotFeltIsNoUseOfAResource has measures of one service, of which one
// speaks of a resource: what is left of it as a cause.
func TestWhatIsNotFeltIsNoUseOfAResource(t *testing.T) {
	latency := func(before, during float64) gathered.Series {
		return steady("http_request_latency_seconds", "p99", "s", evidence.MetricHistogram, before, during)
	}
	for _, c := range []struct {
		name   string
		series []gathered.Series
		least  float64 // of the strength
		most   float64
	}{
		{"memory is held by no request", []gathered.Series{steady("process_resident_memory_bytes", "", "By", evidence.MetricGauge, 1e8, 9e8), latency(1, 5)}, 0.5, 1},
		{"what is allocated a second is work", []gathered.Series{steady("go_memstats_alloc_bytes_total", "rate", "By/s", evidence.MetricCounter, 1e5, 9e6), latency(1, 1)}, 0, 0},
		{"memory that is given back", []gathered.Series{steady("go_memstats_heap_inuse_bytes", "", "By", evidence.MetricGauge, 9e8, 1e8), latency(1, 1)}, 0, 0},
		{"pauses that are long and rare", []gathered.Series{
			steady("go_gc_duration_seconds", "mean", "s", evidence.MetricSummary, 1e-4, 2e-2), steady("go_gc_duration_seconds", "rate", "1/s", evidence.MetricSummary, 0.02, 0.06), latency(1e-3, 7e-3),
		}, 0, 0},
		{"pauses without end", []gathered.Series{
			steady("go_gc_duration_seconds", "mean", "s", evidence.MetricSummary, 1e-4, 5e-2), steady("go_gc_duration_seconds", "rate", "1/s", evidence.MetricSummary, 0.02, 9), latency(1e-3, 1e-1),
		}, 0.2, 1},
	} {
		v := view.New(&gathered.Evidence{Entities: casetest.Entities("shop"), Metrics: c.series})
		strength := 0.0
		for _, f := range ResourceUsage(v) {
			strength = max(strength, f.Strength)
		}
		if strength < c.least || strength > c.most {
			t.Errorf("%s: got a strength of %.2f, want %.2f to %.2f", c.name, strength, c.least, c.most)
		}
	}
}
