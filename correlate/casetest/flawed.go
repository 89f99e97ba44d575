package casetest

import (
	rand "math/rand/v2"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// Flawed is [Generated] evidence with one flaw that telemetry has in practice: a service
// without spans, one request of three traced, lines without a level, spans that were
// sent twice, measures that begin late. Half of the time somebody's deployment went live
// a minute before the onset, seldom that of whose fault it is.
func Flawed(seed uint64) (*gathered.Evidence, string) {
	c, culprit := Generated(seed)
	r := rand.New(rand.NewPCG(seed, 14))
	services := slices.DeleteFunc(slices.Clone(c.Entities), func(e evidence.Entity) bool { return e.Kind != evidence.KindService })
	some := services[r.IntN(len(services))].Name
	switch r.IntN(5) {
	case 0:
		eachTrace(c, func(spans []evidence.Span) []evidence.Span {
			return slices.DeleteFunc(spans, func(s evidence.Span) bool { return s.Service == some })
		})
	case 1:
		eachTrace(c, func(spans []evidence.Span) []evidence.Span {
			if r.IntN(3) > 0 {
				return nil
			}
			return spans
		})
	case 2:
		for i := range c.Logs {
			c.Logs[i].Severity = 0
		}
	case 3:
		eachTrace(c, func(spans []evidence.Span) []evidence.Span {
			twice := spans[r.IntN(len(spans))]
			return append(spans, twice)
		})
	case 4:
		for i := range c.Metrics {
			c.Metrics[i].Baseline = c.Metrics[i].Baseline[len(c.Metrics[i].Baseline)*2/3:]
		}
	}
	if deployed := services[r.IntN(len(services))].Name; r.IntN(2) == 0 {
		ch := evidence.Change{ID: "deploy", Kind: evidence.ChangeDeploy, Service: deployed, Time: Onset0.Add(-time.Minute), From: "v1", To: "v2"}
		c.Changes = append(c.Changes, ch)
		c.Deployments = append(c.Deployments, gathered.Deployment{Change: ch, Service: deployed, To: "v2"})
	}
	return c, culprit
}

// eachTrace puts others in the place of every trace's spans; a trace without any goes.
func eachTrace(c *gathered.Evidence, spans func([]evidence.Span) []evidence.Span) {
	for i := range c.Traces {
		c.Traces[i].Spans = spans(c.Traces[i].Spans)
	}
	c.Traces = slices.DeleteFunc(c.Traces, func(t gathered.Trace) bool { return len(t.Spans) == 0 })
}
