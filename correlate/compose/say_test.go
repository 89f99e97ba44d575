package compose

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

func TestAMeasureIsSaidByWhatItMeasuresAndNotByItsName(t *testing.T) {
	for _, c := range []struct {
		name, unit string
		was, is    float64
		want       string
	}{
		{"etcd_client_pool_wait_seconds", "s", 1.52e-6, 0.2301, "shop waits 230 ms for its etcd client pool instead of under 1 ms"},
		{"go_memstats_heap_sys_bytes", "By", 7.31 * (1 << 20), 215 * (1 << 20), "memory of shop rose from 7.3 MiB to 215 MiB"},
		{"go_memstats_next_gc_bytes", "By", 5.51 * (1 << 20), 301 * (1 << 20), "the heap goal of shop rose from 5.5 MiB to 301 MiB"},
		{"go_goroutines", "", 23, 18.62, "shop holds 19 goroutines instead of 23"},
		{"process_cpu_seconds_total", "", 0.355, 1.9, "shop uses 1.9 of CPU instead of 0.35"},
		{"cache_hits_total", "1/s", 6.785, 0, "cache hits of shop fell from 6.8 a second to 0 a second"},
		{"http_server_request_duration_seconds", "s", 0.140, 0.188, "shop takes 188 ms a request instead of 140 ms"},
		{"rows_read", "", 0, 4.846, "rows read of shop rose from 0 to 4.8"},
	} {
		f := &view.Metric{Series: &gathered.Series{Name: c.name, Unit: c.unit, Entity: "shop"}, Class: metric.ClassOf(c.name), Median: c.was, Peak: c.is}
		if got := view.Moved(f, "shop"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLabelsAreSaidAsAPersonWould(t *testing.T) {
	m := &gathered.Series{Name: "milestone_total", Entity: "edge", Labels: map[string]string{"good": "false", "milestone": "ad_served", "job": "edge", "instance": "a:1", "region": "eu"}}
	if got, want := gathered.Labelled(m), "ad_served (not good, region eu)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	m.Says = "ads not served"
	if got, want := gathered.Titled(m), "ad_served (ads not served, region eu)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	m.Says = ""
	m.Labels["good"] = "true"
	m.Stat = "p99"
	if got, want := gathered.Titled(m), "ad_served (good, region eu, p99)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheQueryOfOneSeriesAsksForItAlone(t *testing.T) {
	m := &gathered.Series{Name: "hits_total", Stat: "rate", Labels: map[string]string{"job": `a"b`}, Expr: `last_over_time({__name__=~"hits_total|other"}[5s])`}
	if got, want := gathered.QueryOf(m), `rate(hits_total{job="a\"b"}[1m])`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	m.Expr = "sum by (job) (rate(hits_total[1m]))"
	if got, want := gathered.QueryOf(m), `sum by (job) (rate(hits_total{job="a\"b"}[1m]))`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	m.Expr = `label_replace(hits_total, "job", "$1", "pod", "(.*)-.*")`
	if got := gathered.QueryOf(m); got != m.Expr {
		t.Errorf("got %s, want the expression that was asked: its labels are not those of the metric", got)
	}
	all := []*gathered.Series{{Name: "hits_total", Labels: map[string]string{"job": "a", "code": "500"}}, {Name: "hits_total", Labels: map[string]string{"job": "a"}}}
	if got, want := gathered.QueryOfAll(all, "sum"), `sum(hits_total{code=~"|500",job="a"})`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestATitleNamesWhatChangedAsAPersonWould(t *testing.T) {
	for kind, want := range map[evidence.ChangeKind]string{
		evidence.ChangeMigration: "the migration", evidence.ChangeConfig: "the configuration change", evidence.ChangeScale: "the change of scale",
		evidence.ChangeDecision: "the decision at run time", evidence.ChangeExperiment: "the injected fault",
	} {
		if got := changeWords(evidence.Change{Kind: kind}); got != want {
			t.Errorf("%s: got %q, want %q", kind, got, want)
		}
	}
}

func TestATitleSaysTheStrongestClaimThatIsTheCausesOwn(t *testing.T) {
	c := &report.Cause{Entity: evidence.Entity{Name: "shop"}, Sentence: "shop is slow: x", Terms: []report.Term{
		{ID: "change/before-onset", Points: 900, Why: "shop was deployed as it began"},
		{ID: "resource/usage", Points: 85, Said: "shop holds 19 goroutines instead of 23", Why: "threads"},
		{ID: "error/innermost", Points: 500, Borrowed: true, Why: "failures start at shop", Said: "failures start at shop"},
		{ID: "change/produces", Points: 400, Said: wording.ProducesWords("shop", "a timeout was shortened: calls are now cut off")},
	}}
	if got, want := claim(c, nil), "in shop a timeout was shortened: calls are now cut off"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
