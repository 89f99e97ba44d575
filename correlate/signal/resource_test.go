package signal

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestMoreWorkIsHeldAgainstHowLongRequestsTake has a shop that gets ten requests a
// second, each of which used to take 20 milliseconds.
func TestMoreWorkIsHeldAgainstHowLongRequestsTake(t *testing.T) {
	for name, c := range map[string]struct {
		cores     float64 // used during the incident; .02 before
		ms        float64 // of a request during the incident
		requests  string
		throttled bool
		left      float64 // of a strength of 1, about
	}{
		"10 ms more work, 1 s longer":       {.12, 1020, "http_requests_total", false, .01},
		"as much work as requests lose":     {.42, 60, "http_requests_total", false, 1},
		"more work than requests lose":      {.42, 40, "http_requests_total", false, 1},
		"half of what requests lose":        {.22, 60, "http_requests_total", false, .5},
		"a processor that is used up":       {1.98, 5020, "http_requests_total", false, 1},
		"as fast as before":                 {.12, 20, "http_requests_total", false, 1},
		"nobody counts the requests":        {.12, 1020, "orders_stored_bytes_total", false, 1},
		"the processor time is taken away":  {.12, 1020, "http_requests_total", true, 1},
		"it uses less than before, somehow": {.01, 1020, "http_requests_total", false, 1},
	} {
		e := &gathered.Evidence{Entities: casetest.Entities("shop"), Alerting: []string{"shop"}}
		add := func(name string, before, during float64) {
			m := casetest.MetricOf("shop", name, before, during, during, during)
			m.Stat, m.Kind = "rate", evidence.MetricCounter
			e.Metrics = append(e.Metrics, m)
		}
		add("process_cpu_seconds_total", .02, c.cores)
		add(c.requests, 10, 10)
		if c.throttled {
			add("container_cpu_cfs_throttled_seconds_total", 0, .8)
		}
		for i := range 40 {
			before, took := i < 20, c.ms
			if before {
				took = 20
			}
			casetest.AddTrace(e, casetest.TraceID(i), before, casetest.Call{Service: "shop", Op: "GET /", Ms: took + float64(i%3)})
		}
		v := view.New(e)
		var top *view.Metric
		for i := range v.Metrics {
			if v.Metrics[i].Series.Name == "process_cpu_seconds_total" {
				top = &v.Metrics[i]
			}
		}
		f, _ := cpuPerRequest(v, v.Entity("shop"), top, 1)
		if left := 1 + f.Strength; left < c.left-.1 || left > c.left+.1 {
			t.Errorf("%s: got %.2f left, want about %.2f: %s", name, left, c.left, f.Why)
		}
	}
}
