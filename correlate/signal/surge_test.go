package signal

import (
	"math"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestACalleeGoesAlongWithASurgeByTheSameRule holds what a callee's calls in traces
// say of a surge to what its counted requests say: the same calls in each request are
// in proportion, none more than before altogether are of other requests or past a
// limit, and more in each request are a retry storm or a loop.
func TestACalleeGoesAlongWithASurgeByTheSameRule(t *testing.T) {
	const gain = 3.0 // four times the requests at the entry
	for name, c := range map[string]struct {
		before, now int // calls in 20 requests of either side
		want        func(v *view.View) float64
	}{
		"in proportion":           {20, 20, func(*view.View) float64 { return 1 }},
		"half, as when shedding":  {20, 10, func(*view.View) float64 { return 1 }},
		"no more than before":     {20, 5, func(v *view.View) float64 { return v.By.Signal.Surge.LessCounts }},
		"none":                    {20, 0, func(v *view.View) float64 { return v.By.Signal.Surge.LessCounts }},
		"twice for each request":  {20, 40, func(*view.View) float64 { return 0 }},
		"a half more, as retries": {20, 30, func(v *view.View) float64 { return (v.By.Signal.Surge.Storm/1.5 - 1) / (v.By.Signal.Surge.Storm - 1) }},
	} {
		ev := &gathered.Evidence{Entities: casetest.Entities("front", "leaf"), Alerting: []string{"front"}}
		for i := range 40 {
			calls := c.before
			if i >= 20 {
				calls = c.now
			}
			root := casetest.Call{Service: "front", Op: "GET /", Ms: 20}
			for j := i % 20; j < calls; j += 20 {
				root.Calls = append(root.Calls, casetest.Call{Service: "leaf", Op: "Ask", At: 1, Ms: 1})
			}
			casetest.AddTrace(ev, casetest.TraceID(i), i < 20, root)
		}
		v := view.New(ev)
		got, known := callsPerRequest(v, v.Entity("front"), gain)
		if want := c.want(v); !known || math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: got %v (known: %v), want %v", name, got, known, want)
		}
		if counted := goesAlong(v, (1+gain)*float64(c.now)/float64(c.before)-1, gain); math.Abs(got-counted) > 1e-9 {
			t.Errorf("%s: traces say %v, counted requests say %v", name, got, counted)
		}
	}
}
