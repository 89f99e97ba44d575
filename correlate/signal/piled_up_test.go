package signal

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestWhatWaitsPilesUp has a shop whose threads go from 10 to 50 as its requests
// take from 20 to 100 milliseconds.
func TestWhatWaitsPilesUp(t *testing.T) {
	for name, c := range map[string]struct {
		callee           float64 // milliseconds of the call during the incident; 12 before
		traced           bool
		metric           string
		against, checked bool
	}{
		"its callee is slow":          {92, true, "go_goroutines", true, true},
		"its callee is as ever":       {12, true, "go_goroutines", false, true},
		"nobody saw the calls":        {92, false, "go_goroutines", false, false},
		"what is used does not count": {92, true, "process_cpu_seconds_total", false, true},
	} {
		e := &gathered.Evidence{Entities: casetest.Entities("shop", "stock"), Alerting: []string{"shop"}, Edges: casetest.EdgesOf("shop>stock")}
		e.Metrics = append(e.Metrics, casetest.MetricOf("shop", c.metric, 10, 50, 50, 50))
		for i := range 40 {
			before, took := i < 20, 12+c.callee-12
			if before {
				took = 12
			}
			if c.traced {
				casetest.AddTrace(e, casetest.TraceID(i), before, casetest.Call{Service: "shop", Op: "GET /", Ms: 8 + took + float64(i%3), Calls: []casetest.Call{
					{Service: "shop", Op: "stock", Kind: evidence.SpanClient, At: 1, Ms: took + 2, Calls: []casetest.Call{{Service: "stock", Op: "Count", At: 2, Ms: took}}}}})
			}
		}
		v := view.New(e)
		f, ok, unchecked := piledUp(v, v.Entity("shop"), &v.Metrics[0], 0.8)
		if ok != c.against || (unchecked == 0) != c.checked {
			t.Errorf("%s: got against %v, checked %v, want %v and %v: %s", name, ok, unchecked == 0, c.against, c.checked, f.Why)
		}
		if ok && f.Strength > -0.5 {
			t.Errorf("%s: got %.2f, want most of 0.8 taken back: %s", name, f.Strength, f.Why)
		}
	}
}

// TestWhatIsUnderWayPilesUp has a shop that calls nobody, as far as anybody sees: its
// threads, or its memory, go from 10 to 50.
func TestWhatIsUnderWayPilesUp(t *testing.T) {
	for name, c := range map[string]struct {
		ms      float64 // a request takes during the incident; 20 before
		metric  string
		against bool
	}{
		"requests take as much longer":   {100, "go_goroutines", true},
		"connections of the same":        {100, "db_open_connections", true},
		"requests are as quick as ever":  {20, "go_goroutines", false},
		"a leak, and hardly any slower":  {24, "go_goroutines", false},
		"memory may be why":              {100, "process_resident_memory_bytes", false},
		"what is used is used by itself": {100, "process_cpu_seconds_total", false},
	} {
		e := &gathered.Evidence{Entities: casetest.Entities("shop"), Alerting: []string{"shop"}}
		e.Metrics = append(e.Metrics, casetest.MetricOf("shop", c.metric, 10, 50, 50, 50))
		for i := range 40 {
			before, took := i < 20, c.ms
			if before {
				took = 20
			}
			casetest.AddTrace(e, casetest.TraceID(i), before, casetest.Call{Service: "shop", Op: "GET /", Ms: took + float64(i%3)})
		}
		v := view.New(e)
		v.Linked = true
		f, ok, unchecked := piledUp(v, v.Entity("shop"), &v.Metrics[0], 0.8)
		if ok != c.against || unchecked != 0 {
			t.Errorf("%s: got against %v (%s), unchecked %.2f", name, ok, f.Why, unchecked)
		}
	}
}
