package compose

import (
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// callsOf are sampled calls while they are counted.
type callsOf struct {
	took   []float64
	failed int
}

func (o *callsOf) side() report.CallsSide {
	return report.CallsSide{Calls: len(o.took), Median: stat.Median(o.took), Failed: float64(o.failed) / float64(len(o.took))}
}

// measuredCalls is how the calls of some edges went, by the unbiased sample of traces,
// as the caller saw them where its span is there.
func measuredCalls(c *gathered.Evidence, edges []evidence.Edge) []report.MeasuredCalls {
	counts := map[[2]string]*[2]callsOf{}
	served := map[string]*[2]int{}
	for ti := range c.Traces {
		t := &c.Traces[ti]
		service := map[string]string{}
		for i := range t.Spans {
			service[t.Spans[i].SpanID] = t.Spans[i].Service
		}
		answered := map[string]bool{} // by spans of the callee's own
		for i := range t.Spans {
			if s := &t.Spans[i]; isRequest(s, service) && countable(c, t, s) {
				n := served[s.Service]
				if n == nil {
					n = &[2]int{}
					served[s.Service] = n
				}
				n[sinceOnset(t)]++
			}
			if s := &t.Spans[i]; service[s.ParentID] != "" && service[s.ParentID] != s.Service {
				answered[s.ParentID] = true
				count(counts, t, s, [2]string{service[s.ParentID], s.Service}, c)
			}
		}
		for i := range t.Spans {
			if s := &t.Spans[i]; s.Kind == evidence.SpanClient && !answered[s.SpanID] {
				count(counts, t, s, [2]string{s.Service, topology.CalleeOf(s)}, c)
			}
		}
	}
	var out []report.MeasuredCalls
	for _, e := range edges {
		n := counts[[2]string{e.Caller, e.Callee}]
		if n == nil || len(n[1].took) == 0 {
			continue
		}
		rates := callRates(c, e, n, served)
		one := report.MeasuredCalls{Caller: e.Caller, Callee: e.Callee, Since: n[1].side()}
		if len(n[0].took) > 0 {
			before := n[0].side()
			before.Rate, one.Before = rates[0], &before
		}
		one.Since.Rate = rates[1]
		out = append(out, one)
	}
	return out
}

// isRequest reports whether a span is the service's part of one request, by whose spans
// are there: it was called by another one, or began the trace. Where its parent was lost,
// only what a server or consumer began is: anything else may be a part of that.
func isRequest(s *evidence.Span, service map[string]string) bool {
	caller, there := service[s.ParentID]
	if s.ParentID == "" || there {
		return caller != s.Service
	}
	return s.Kind == evidence.SpanServer || s.Kind == evidence.SpanConsumer
}

// count adds one call to its side.
func count(counts map[[2]string]*[2]callsOf, t *gathered.Trace, s *evidence.Span, edge [2]string, c *gathered.Evidence) {
	if edge[1] == "" || !countable(c, t, s) {
		return
	}
	n := counts[edge]
	if n == nil {
		n = &[2]callsOf{}
		counts[edge] = n
	}
	o := &n[sinceOnset(t)]
	o.took = append(o.took, s.Duration.Seconds())
	if s.Failed {
		o.failed++
	}
}

// countable reports whether a span of a trace may be counted on the trace's side.
func countable(c *gathered.Evidence, t *gathered.Trace, s *evidence.Span) bool {
	return t.Sampled && (t.Baseline || !s.Start.Before(c.Onset.At))
}

// sinceOnset is the side of a trace: 0 before the onset, 1 since.
func sinceOnset(t *gathered.Trace) int {
	if t.Baseline {
		return 0
	}
	return 1
}

// callRates is how many calls a second go from one service to another, before the
// onset and since; nil where nothing measures it. A sample of traces has shares and no
// rates: where the called one counts its requests, the calls are the caller's share of
// those; else, where the caller counts its own, as many as each of them makes.
func callRates(c *gathered.Evidence, e evidence.Edge, calls *[2]callsOf, served map[string]*[2]int) (rates [2]*float64) {
	for _, name := range []string{e.Callee, e.Caller} {
		requests := served[name]
		if requests == nil {
			continue
		}
		counted := requestRates(c, name)
		for side := range rates {
			if n := requests[side]; counted[side] != nil && n > 0 && len(calls[side].took) > 0 {
				rate := *counted[side] * float64(len(calls[side].took)) / float64(n)
				rates[side] = &rate
			}
		}
		if rates != [2]*float64{} {
			return rates
		}
	}
	return rates
}

// requestRates is how many requests a second a service counts, before the onset and
// since.
func requestRates(c *gathered.Evidence, service string) (rates [2]*float64) {
	traffic := busiest(familiesOf(c, service), func(m *gathered.Series) bool { return metric.CountsRequests(m.Name, m.Stat, m.Kind) })
	if chart, ok := traffic.chart(c); ok {
		rates[1], rates[0] = levels(chart.Chart.Samples, c.Onset.At, true)
	}
	return rates
}
