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
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// shownSpans is how many spans of the chosen trace a report carries.
const shownSpans = 500

// traceView chooses the trace that shows the failure best: one that the first
// cause's findings point at, the strongest finding's first, else one in which the
// blamed entity fails, else one that fails, else the slowest that it takes part
// in; one from after the onset before any other.
func traceView(c *gathered.Evidence, causes []report.Cause) *report.TraceView {
	sought := soughtTrace(causes)
	sought.since = c.Onset.Earliest
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
		r := sought.rank(&c.Traces[i], logged)
		if best < 0 || r.compare(bestRank) > 0 {
			best, bestRank = i, r
		}
	}
	if best < 0 {
		return nil
	}
	t := c.Traces[best].Trace
	view := &report.TraceView{Why: wording.Say("trace/why", bestRank.why(sought)), CriticalPath: topology.CriticalPath(t)}
	for _, skew := range topology.Skews(t, c.By().Flaws.Skew) {
		view.Skews = append(view.Skews, wording.Say("trace/skew", skew))
	}
	view.Trace = shownPart(t, view.CriticalPath)
	for i := range c.Logs {
		if c.Logs[i].TraceID == t.ID && t.ID != "" {
			view.Logs = append(view.Logs, c.Logs[i].LogLine)
		}
	}
	const shownLines = 200
	view.Logs = view.Logs[:min(len(view.Logs), shownLines)]
	return view
}

// sought is what the trace that is shown should show.
type sought struct {
	entity string
	loci   []string // operations
	// pointed are the points of the strongest finding that points at a trace, by ID,
	// and said that finding.
	pointed map[string]int
	said    map[string]string
	since   time.Time
}

// soughtTrace reads from the first cause what a trace should show.
func soughtTrace(causes []report.Cause) sought {
	w := sought{pointed: map[string]int{}, said: map[string]string{}}
	if len(causes) == 0 {
		return w
	}
	first := &causes[0]
	w.entity = first.Entity.Name
	for _, l := range first.Loci {
		if l.Kind == report.LocusSpan && l.Name != "" {
			w.loci = append(w.loci, l.Name)
		}
	}
	for _, t := range first.Terms {
		for _, r := range t.Refs {
			id := r.TraceID
			if r.Kind == evidence.RefTrace {
				id = r.ID
			}
			if id != "" && t.Points > w.pointed[id] && !t.Borrowed {
				w.pointed[id], w.said[id] = t.Points, t.Short()
			}
		}
	}
	return w
}

// traceRank orders traces by how well they show a failure.
type traceRank struct {
	after, entityFails, fails, entity, locus, logged bool
	pointed                                          int
	duration                                         time.Duration
	id                                               string
}

func (w sought) rank(t *gathered.Trace, logged map[string]bool) traceRank {
	r := traceRank{logged: logged[t.ID], id: t.ID, pointed: w.pointed[t.ID]}
	r.after = len(t.Spans) > 0 && !t.Spans[0].Start.Before(w.since)
	above := map[int]bool{} // those below which something failed
	parents := topology.Parents(t.Spans)
	for i := range t.Spans {
		for p := parents[i]; t.Spans[i].Failed && p >= 0 && !above[p]; p = parents[p] {
			above[p] = true
		}
	}
	for i := range t.Spans {
		s := &t.Spans[i]
		own := s.Service == w.entity
		if p, ok := topology.PeerOf(*s); ok && p.Name == w.entity {
			own = true
		}
		r.entity = r.entity || own
		r.fails = r.fails || s.Failed
		r.entityFails = r.entityFails || own && s.Failed && !above[i]
		r.locus = r.locus || own && slices.ContainsFunc(w.loci, func(l string) bool { return strings.Contains(l, s.Operation) })
		r.duration = max(r.duration, s.Duration)
	}
	return r
}

// compare is positive when r shows the failure better than o.
func (r traceRank) compare(o traceRank) int {
	return cmp.Or(
		gathered.CompareBool(r.after && r.pointed > 0, o.after && o.pointed > 0), cmp.Compare(r.pointed, o.pointed),
		gathered.CompareBool(r.after, o.after), gathered.CompareBool(r.entityFails, o.entityFails), gathered.CompareBool(r.entity && r.fails, o.entity && o.fails),
		gathered.CompareBool(r.entity, o.entity), gathered.CompareBool(r.locus, o.locus), gathered.CompareBool(r.fails, o.fails), gathered.CompareBool(r.logged, o.logged),
		cmp.Compare(r.duration, o.duration), cmp.Compare(gathered.HashID(o.id), gathered.HashID(r.id)), cmp.Compare(o.id, r.id),
	)
}

func (r traceRank) why(w sought) string {
	switch {
	case r.pointed > 0:
		return fmt.Sprintf("the finding “%s” points at it", w.said[r.id])
	case r.entityFails:
		return fmt.Sprintf("the longest trace in which %s fails and nothing below it", w.entity)
	case r.entity && r.fails:
		return fmt.Sprintf("the longest failing trace that goes through %s", w.entity)
	case r.entity:
		return fmt.Sprintf("the slowest trace of the incident that goes through %s", w.entity)
	case r.fails:
		return "the longest failing trace of the incident; none goes through the first cause"
	default:
		return "the slowest trace of the incident; none goes through the first cause"
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
