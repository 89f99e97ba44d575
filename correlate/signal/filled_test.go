package signal

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestAPoolThatFillsWhileOthersAreSlow has a shop whose pool of ten is full, and calls
// to a store that has no spans of its own.
func TestAPoolThatFillsWhileOthersAreSlow(t *testing.T) {
	for name, c := range map[string]struct {
		store float64 // milliseconds of a call during the incident; 14 before
		limit []float64
		want  bool
	}{
		"the store is slow":       {1400, []float64{10, 10, 10, 10}, true},
		"a little":                {28, []float64{10, 10, 10, 10}, false},
		"the store is as ever":    {14, []float64{10, 10, 10, 10}, false},
		"the pool was made small": {1400, []float64{40, 10, 10, 10}, false},
	} {
		e := &gathered.Evidence{Entities: casetest.Entities("shop", "store"), Alerting: []string{"shop"}, Edges: casetest.EdgesOf("shop>store")}
		e.Metrics = append(e.Metrics, casetest.MetricOf("shop", "hikaricp_connections_active", 2, 10, 10, 10),
			casetest.MetricOf("shop", "hikaricp_connections_max", c.limit[0], c.limit[1:]...))
		for i := range 40 {
			took := 14.0
			if i >= 20 {
				took = c.store
			}
			casetest.AddTrace(e, casetest.TraceID(i), i < 20, casetest.Call{Service: "shop", Op: "GET /", Ms: 6 + took + float64(i%3), Calls: []casetest.Call{
				{Service: "shop", Op: "SELECT", Kind: evidence.SpanClient, Peer: "store", At: 1, Ms: took + float64(i%3)}}})
		}
		v := view.New(e)
		f, ok := filledByWaiting(v, v.Entity("shop"), 0.8)
		if ok != c.want || ok && f.Strength > -0.5 {
			t.Errorf("%s: got %v, %.2f (%s), want %v", name, ok, f.Strength, f.Why, c.want)
		}
	}
}
