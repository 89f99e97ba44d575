package compose

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// shownNodes bounds a service map to what a person takes in at a look.
const shownNodes = 12

// serviceMap is who calls whom among the entities that the incident concerns:
// those that alert, the causes, those on the way from the one to the other, and
// whoever else is hit, in this order of importance. It is nil where no call
// between them is known.
func serviceMap(c *gathered.Evidence, way []string, causes []report.Cause, hit []string) *report.ServiceMap {
	names := slices.Concat(c.Alerting, way)
	for _, cause := range causes[:min(len(causes), shownCauses)] {
		names = append(names, cause.Entity.Name)
	}
	shown := firstOnes(append(names, hit...), shownNodes)
	m := &report.ServiceMap{}
	for _, e := range c.Edges {
		if slices.Contains(shown, e.Caller) && slices.Contains(shown, e.Callee) {
			m.Edges = append(m.Edges, e)
		}
	}
	if len(m.Edges) == 0 {
		return nil
	}
	m.Measured = measuredCalls(c, m.Edges)
	for _, name := range shown {
		joined := slices.ContainsFunc(m.Edges, func(e evidence.Edge) bool { return e.Caller == name || e.Callee == name })
		if !joined && !slices.Contains(c.Alerting, name) {
			continue
		}
		m.Nodes = append(m.Nodes, report.MapNode{
			Entity: name, Alerting: slices.Contains(c.Alerting, name), Hit: 1 + slices.Index(hit, name),
			Rank: 1 + slices.IndexFunc(causes, func(x report.Cause) bool { return x.Entity.Name == name && x.Score > 0 }),
		})
	}
	return m
}

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
	for ti := range c.Traces {
		t := &c.Traces[ti]
		service := map[string]string{}
		for i := range t.Spans {
			service[t.Spans[i].SpanID] = t.Spans[i].Service
		}
		answered := map[string]bool{} // by spans of the callee's own
		for i := range t.Spans {
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
		one := report.MeasuredCalls{Caller: e.Caller, Callee: e.Callee, Since: n[1].side()}
		if len(n[0].took) > 0 {
			before := n[0].side()
			one.Before = &before
		}
		out = append(out, one)
	}
	return out
}

// count adds one call to its side.
func count(counts map[[2]string]*[2]callsOf, t *gathered.Trace, s *evidence.Span, edge [2]string, c *gathered.Evidence) {
	if edge[1] == "" || !t.Sampled || !t.Baseline && s.Start.Before(c.Onset.At) {
		return
	}
	n := counts[edge]
	if n == nil {
		n = &[2]callsOf{}
		counts[edge] = n
	}
	o := &n[1]
	if t.Baseline {
		o = &n[0]
	}
	o.took = append(o.took, s.Duration.Seconds())
	if s.Failed {
		o.failed++
	}
}

// firstOnes are the first n different names.
func firstOnes(names []string, n int) []string {
	var out []string
	for _, name := range names {
		if name != "" && !slices.Contains(out, name) && len(out) < n {
			out = append(out, name)
		}
	}
	return out
}
