package view_test

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

func TestARiseFromZeroIsHeldAgainstWhatMatters(t *testing.T) {
	set := weights.Default()
	for _, c := range []struct {
		name, stat, unit string
		kind             evidence.MetricKind
		to               float64
		hurts            bool
	}{
		{"widgets_blocked", "", "", evidence.MetricGauge, 0.001, true}, // nobody knows what matters
		{"container_cpu_cfs_throttled_seconds_total", "rate", "1/s", evidence.MetricCounter, 0.001, false},
		{"container_cpu_cfs_throttled_seconds_total", "rate", "1/s", evidence.MetricCounter, 0.2, true},
		{"http_request_duration_seconds", "p99", "s", evidence.MetricHistogram, 0.0005, false},
		{"http_request_duration_seconds", "p99", "s", evidence.MetricHistogram, 0.5, true},
		{"http_request_duration_milliseconds", "mean", "ms", evidence.MetricHistogram, 0.5, false},
		{"container_fs_reads_bytes_total", "rate", "By/s", evidence.MetricCounter, 3189, false},
		{"process_heap_bytes", "", "By", evidence.MetricGauge, 800 << 10, false},
		{"process_heap_bytes", "", "By", evidence.MetricGauge, 80 << 20, true},
		{"disk_used_percent", "", "%", evidence.MetricGauge, 0.5, false},
		{"http_errors_total", "rate", "1/s", evidence.MetricCounter, 0.001, false},
		{"http_errors_total", "rate", "1/s", evidence.MetricCounter, 0.5, true},
		{"pool_wait_time_ns", "rate", "1/s", evidence.MetricCounter, 1e6, false}, // a thousandth of each second
		{"pool_wait_time_ns", "rate", "1/s", evidence.MetricCounter, 2e8, true},
		{"pool_wait_milliseconds_total", "rate", "1/s", evidence.MetricCounter, 1, false},
		{"pool_wait_milliseconds_total", "rate", "1/s", evidence.MetricCounter, 200, true},
		{"request_time_ms", "rate", "1/s", evidence.MetricHistogram, 5, true}, // a count
		{"go_goroutines", "", "", evidence.MetricGauge, 2, false},
		{"pool_utilization", "", "", evidence.MetricGauge, 0.005, false},
	} {
		m := casetest.MetricOf("a", c.name, 0, c.to, c.to, c.to)
		m.Stat, m.Unit, m.Kind = c.stat, c.unit, c.kind
		if f := view.Measure(&m, 0, set); f.Hurts() != c.hurts {
			t.Errorf("%s from 0 to %g: got a deviation of %.1f, noise is %g", c.name, c.to, f.HarmfulDeviation(), set.Scale.Noise)
		}
	}
}

// TestFailuresOfNormalTimeSayNothing has a check that fails in one request of four
// all the time, and a payment that fails since the onset.
func TestFailuresOfNormalTimeSayNothing(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("shop")}
	for i := range 40 {
		before := i < 20
		casetest.AddTrace(c, casetest.TraceID(i), before, casetest.Call{Service: "shop", Op: "GET /", Ms: 10, Calls: []casetest.Call{
			{Service: "shop", Op: "check", Ms: 1, Failed: i%4 == 0, Text: "no answer from 10.0.0.7 within 250 ms"},
			{Service: "shop", Op: "pay", Ms: 1, Failed: !before && i%5 == 0, Text: "declined"},
		}})
	}
	unusual := view.Unusual(c)
	for _, s := range []evidence.Span{{Service: "shop", Operation: "check", StatusMessage: "no answer from 10.0.0.9 within 250 ms"}, {Service: "shop", Operation: "pay", StatusMessage: "declined"}} {
		if got, want := unusual(&s), s.Operation == "pay"; got != want {
			t.Errorf("%s: got unusual %v, want %v", s.Operation, got, want)
		}
	}
}

func TestTimeSpentIsToldOfEachSecond(t *testing.T) {
	m := casetest.MetricOf("shop", "pool_wait_time_ns", 0, 1, 1, 1)
	m.Stat, m.Unit, m.Kind = "rate", "1/s", evidence.MetricCounter
	if got := gathered.AmountOf(&m, 2.0502358e7); got != "20 ms of each second" {
		t.Errorf("got %q", got)
	}
}
