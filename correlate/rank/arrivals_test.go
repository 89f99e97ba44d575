package rank

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestWhatASurgeWouldExplainIsUncheckedWhereNobodyCountsRequests slows a service
// down without any measure of requests: the word may rest on its slowness only as
// far as lines or traces show that no more requests came than usual.
func TestWhatASurgeWouldExplainIsUncheckedWhereNobodyCountsRequests(t *testing.T) {
	build := func(sampled bool, before, during int, lines ...int) *gathered.Evidence {
		c := &gathered.Evidence{Entities: casetest.Entities("front", "stock"), Alerting: []string{"front"}}
		for i := range before + during {
			ms := 10.0
			if i >= before {
				ms = 300
			}
			casetest.AddTrace(c, casetest.TraceID(i), i < before, casetest.Call{Service: "front", Op: "GET /", Ms: 20 + ms, Calls: []casetest.Call{{Service: "stock", Op: "read", At: 5, Ms: ms}}})
		}
		for i := range c.Traces {
			c.Traces[i].Sampled = sampled
		}
		for side, times := range lines { // each a dozen lines a minute
			for range times {
				casetest.AddLines(c, "front", side == 0, 60, "serves a page")
			}
		}
		return c
	}
	counted := build(true, 40, 160)
	counted.Metrics = []gathered.Series{casetest.MetricOf("front", "http_requests_per_second", 10, 10, 10.1, 9.9)}
	cut := build(true, 40, 40)
	cut.Coverage = []evidence.Coverage{{Source: "traces", Key: evidence.TopicTraceSample, Status: evidence.CoverageTruncated}}
	for name, c := range map[string]struct {
		of   *gathered.Evidence
		want bool
	}{
		"as many traces as ever":                 {build(true, 40, 40), false},
		"four times the traces":                  {build(true, 40, 160), true},
		"traces picked for what happened":        {build(false, 40, 40), true},
		"as many lines as ever":                  {build(false, 40, 40, 1, 1), false},
		"three times the lines":                  {build(false, 40, 40, 1, 3), true},
		"as many traces as ever, but cut":        {cut, true},
		"requests are counted, and come as ever": {counted, false},
	} {
		got := first(t, c.of)
		if got.Entity.Name != "stock" || got.Mechanism != report.MechanismLatency {
			t.Fatalf("%s: got %s/%s first", name, got.Entity.Name, got.Mechanism)
		}
		if unchecked := got.Terms[0].Unchecked > 0; unchecked != c.want {
			t.Errorf("%s: %s is unchecked: %v, want %v", name, got.Terms[0].ID, unchecked, c.want)
		}
	}
}
