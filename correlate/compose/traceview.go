package compose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// shownSpans is how many spans of the chosen trace a report carries.
const shownSpans = 500

// traceView chooses the trace that shows the failure best: one of the incident
// in which the blamed entity fails, else one that fails, else the slowest that
// it takes part in.
func traceView(c *gathered.Evidence, causes []report.Cause) *report.TraceView {
	entity := ""
	var loci []string
	if len(causes) > 0 {
		entity = causes[0].Entity.Name
		for _, l := range causes[0].Loci {
			if l.Kind == report.LocusSpan && l.Name != "" {
				loci = append(loci, l.Name)
			}
		}
	}
	logged := map[string]bool{}
	for i := range c.Logs {
		logged[c.Logs[i].TraceID] = true
	}
	best := -1
	var bestRank traceRank
	for i := range c.Traces {
		if c.Traces[i].Baseline {
			continue
		}
		r := rankTrace(&c.Traces[i], entity, loci, logged)
		if best < 0 || r.compare(bestRank) > 0 {
			best, bestRank = i, r
		}
	}
	if best < 0 {
		return nil
	}
	t := c.Traces[best].Trace
	view := &report.TraceView{Why: bestRank.why(entity), CriticalPath: topology.CriticalPath(t), Skews: topology.Skews(t)}
	view.Trace = shownPart(t, view.CriticalPath)
	for i := range c.Logs {
		if c.Logs[i].TraceID == t.ID && t.ID != "" {
			view.Logs = append(view.Logs, c.Logs[i].LogLine)
		}
	}
	const fewLines = 200
	view.Logs = view.Logs[:min(len(view.Logs), fewLines)]
	return view
}

// traceRank orders traces by how well they show a failure.
type traceRank struct {
	entityFails, fails, entity, locus, logged bool
	duration                                  time.Duration
	id                                        string
}

func rankTrace(t *gathered.Trace, entity string, loci []string, logged map[string]bool) traceRank {
	r := traceRank{logged: logged[t.ID], id: t.ID}
	for i := range t.Spans {
		s := &t.Spans[i]
		own := s.Service == entity
		if p, ok := topology.PeerOf(*s); ok && p.Name == entity {
			own = true
		}
		r.entity = r.entity || own
		r.fails = r.fails || s.Failed
		r.entityFails = r.entityFails || own && s.Failed
		r.locus = r.locus || own && slices.ContainsFunc(loci, func(l string) bool { return strings.Contains(l, s.Operation) })
		r.duration = max(r.duration, s.Duration)
	}
	return r
}

// compare is positive when r shows the failure better than o.
func (r traceRank) compare(o traceRank) int {
	return cmp.Or(
		gathered.CompareBool(r.entityFails, o.entityFails), gathered.CompareBool(r.entity && r.fails, o.entity && o.fails),
		gathered.CompareBool(r.entity, o.entity), gathered.CompareBool(r.locus, o.locus), gathered.CompareBool(r.fails, o.fails), gathered.CompareBool(r.logged, o.logged),
		cmp.Compare(r.duration, o.duration), cmp.Compare(gathered.HashID(o.id), gathered.HashID(r.id)), cmp.Compare(o.id, r.id),
	)
}

func (r traceRank) why(entity string) string {
	switch {
	case r.entityFails:
		return fmt.Sprintf("the longest trace in which %s itself fails", entity)
	case r.entity && r.fails:
		return fmt.Sprintf("the longest failing trace that goes through %s", entity)
	case r.entity:
		return fmt.Sprintf("the slowest trace of the incident that goes through %s", entity)
	case r.fails:
		return "the longest failing trace of the incident; the blamed entity is in none"
	default:
		return "the slowest trace of the incident; the blamed entity is in none"
	}
}

// shownPart cuts a huge trace to the spans on the critical path, the failing
// ones and their ancestors' neighbours in order of start.
func shownPart(t evidence.Trace, critical []string) evidence.Trace {
	if len(t.Spans) <= shownSpans {
		return t
	}
	keep := func(s evidence.Span) bool { return s.Failed || slices.Contains(critical, s.SpanID) }
	budget := shownSpans
	for _, s := range t.Spans {
		if keep(s) {
			budget--
		}
	}
	out := evidence.Trace{ID: t.ID, Truncated: true}
	for _, s := range t.Spans {
		if k := keep(s); k && len(out.Spans) < shownSpans || !k && budget > 0 {
			if !k {
				budget--
			}
			out.Spans = append(out.Spans, s)
		}
	}
	return out
}
