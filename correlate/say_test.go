package correlate

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestAMeasureIsSaidByWhatItMeasuresAndNotByItsName(t *testing.T) {
	for _, c := range []struct {
		name, unit string
		was, is    float64
		want       string
	}{
		{"etcd_client_pool_wait_seconds", "s", 1.52e-6, 0.2301, "shop waits 230 ms for its etcd client pool instead of 1.5 µs"},
		{"go_memstats_heap_sys_bytes", "By", 7.31 * (1 << 20), 215 * (1 << 20), "memory of shop rose from 7.3 MiB to 215 MiB"},
		{"go_goroutines", "", 23, 18.62, "shop holds 19 goroutines instead of 23"},
		{"process_cpu_seconds_total", "", 0.355, 1.9, "shop uses 1.9 of CPU instead of 0.35"},
		{"cache_hits_total", "1/s", 6.785, 0, "cache hits of shop fell from 6.8 a second to 0 a second"},
		{"http_server_request_duration_seconds", "s", 0.140, 0.188, "shop takes 188 ms a request instead of 140 ms"},
		{"rows_read", "", 0, 4.846, "rows read of shop rose from 0 to 4.8"},
	} {
		f := &metricFact{m: &CaseMetric{Name: c.name, Unit: c.unit, Entity: "shop"}, class: classOf(c.name), median: c.was, peak: c.is}
		if got := moved(f, "shop"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLabelsAreSaidAsAPersonWould(t *testing.T) {
	m := &CaseMetric{Name: "milestone_total", Entity: "edge", Labels: map[string]string{"good": "false", "milestone": "ad_served", "job": "edge", "instance": "a:1", "region": "eu"}}
	if got, want := labelled(m), "ad_served (not good, region eu)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	m.Labels["good"] = "true"
	m.Stat = "p99"
	if got, want := titled(m), "ad_served (good, region eu, p99)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheQueryOfOneSeriesAsksForItAlone(t *testing.T) {
	m := &CaseMetric{Name: "hits_total", Stat: "rate", Labels: map[string]string{"job": `a"b`}, Expr: `last_over_time({__name__=~"hits_total|other"}[5s])`}
	if got, want := queryOf(m), `rate(hits_total{job="a\"b"}[1m])`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	m.Expr = "sum(rate(hits_total[1m]))"
	if got := queryOf(m); got != m.Expr {
		t.Errorf("got %s, want the expression that was asked", got)
	}
}

func TestATitleSaysTheStrongestClaimThatIsTheCausesOwn(t *testing.T) {
	c := &Cause{Entity: evidence.Entity{Name: "shop"}, Sentence: "shop is slow: x", Terms: []Term{
		{ID: "change/before-onset", Points: 900, Why: "shop was deployed as it began"},
		{ID: "resource/usage", Points: 85, Said: "shop holds 19 goroutines instead of 23", Why: "threads"},
		{ID: "error/innermost", Points: 500, Why: inSupport + "failures start at shop"},
		{ID: "change/produces", Points: 400, Said: producesWords("shop", "a timeout was shortened: calls are now cut off; timeout is what is seen")},
	}}
	if got, want := claim(c), "in shop a timeout was shortened: calls are now cut off"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
