package signal

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// behaviourPattern finds code that takes another way through itself than
// before: inside one operation, which event follows which. Events are the start
// and end of the span, its log statements and the calls it makes.
//
// It is Nezha's contrast of event patterns (FSE 2023) with two changes. A
// pattern's support is its share among what follows the same first event of the
// same operation, so that more or less traffic changes nothing. And of the
// blocks of a trace that run differently only the deepest is blamed: when a
// callee returns early, its callers stop writing lines too. The two events of
// the pattern that vanished name the region of the code.
func behaviourPattern(v *view.View) []Finding {
	if v.Traces.Baseline == 0 || v.Traces.Incident == 0 {
		return nil
	}
	return findings(v.Patterns)
}

// region is the place in the code that a deviation points to: an operation and
// the event after which it took another way.
type region struct {
	op, a    int
	own      bool
	expected int
	instead  int
	weight   float64
	rise     float64
	sigma    float64
	// runs are those that differ, traces the requests that they are of, last the
	// last one counted.
	runs, traces, last int
	node               int
}

// findings blames entities by the regions of the deepest deviations.
func findings(p *view.Patterns) []Finding {
	regions := map[view.FromKey]*region{}
	for i := range p.V.Traces.Ranges {
		for _, d := range p.PathChanges[i] {
			k := d.Key.From()
			g := regions[k]
			if g == nil {
				g = &region{op: k.Op, a: k.A, own: k.Own, expected: expected(p, k), instead: d.Key.B, node: d.Node}
				regions[k] = g
			}
			g.weight += d.Rise
			g.sigma = max(g.sigma, d.Sigma)
			g.rise = max(g.rise, d.Rise)
			g.runs++
			if g.last != i || g.traces == 0 {
				g.last, g.traces = i, g.traces+1
			}
		}
	}
	per := map[int][]*region{}
	total := 0.0
	for _, g := range regions {
		if float64(g.traces) <= p.V.By.Signal.Pattern.Alone {
			continue // the runs of one request are worth nothing, however many
		}
		e := p.V.Traces.Ops[g.op].Entity
		per[e] = append(per[e], g)
	}
	for e := range p.V.Names {
		slices.SortFunc(per[e], func(a, b *region) int {
			return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(p.V.Traces.Ops[a.op].Name, p.V.Traces.Ops[b.op].Name), cmp.Compare(a.a, b.a), cmp.Compare(b2i(b.own), b2i(a.own)))
		})
		for _, g := range per[e] {
			total += g.weight
		}
	}
	var out []Finding
	for e := range p.V.Names {
		if len(per[e]) == 0 || total <= 0 {
			continue
		}
		if f := finding(p, e, per[e], total); f.Strength > 0 {
			out = append(out, f)
		}
	}
	return out
}

// expected is the event that used to follow most and lost most.
func expected(p *view.Patterns, k view.FromKey) int {
	best, lost := -1, 0.0
	from := p.From[k]
	for key, n := range p.Next {
		if key.From() != k {
			continue
		}
		l := float64(n[0])/float64(max(1, from[0])) - float64(n[1])/float64(max(1, from[1]))
		if best < 0 || l > lost || l == lost && key.B < best {
			best, lost = key.B, l
		}
	}
	return best
}

func finding(p *view.Patterns, e int, gs []*region, total float64) Finding {
	v := p.V
	sum := 0.0
	for _, g := range gs {
		sum += g.weight
	}
	top := gs[0]
	by, share := &v.By.Signal.Pattern, sum/total
	// Runs of one request are not independent, and a bar of standard errors bounds
	// nothing where one request is all that was seen: what holds for a line never seen
	// before holds here.
	seen := max(0, 1-by.Alone/float64(top.traces))
	f := Finding{
		Entity: e, Mechanism: report.MechanismBehaviour,
		Strength: seen * share * by.Times * stat.Squash(top.rise, by.RiseHalf) * stat.Squash(top.sigma-by.SigmaFree, by.SigmaHalf),
		Said:     fmt.Sprintf("%s takes another code path: after %q now comes %q, not %q", v.Names[e], eventName(p, top.op, top.a), eventName(p, top.op, top.instead), eventName(p, top.op, top.expected)),
		Why: fmt.Sprintf("in %s of %s, after %s used to come %s; now it is %s instead (%d runs, the deepest that differ in their traces)",
			v.Traces.Ops[top.op].Name, v.Names[e], eventName(p, top.op, top.a), eventName(p, top.op, top.expected), eventName(p, top.op, top.instead), top.runs),
		Seen: top.runs, Total: p.From[view.FromKey{Op: top.op, A: top.a, Own: top.own}][1], Counts: "runs read of the incident took it",
		Refs: []evidence.Ref{spanRef(v, top.node)}, Anyway: slowAnyway(p, top),
	}
	region := []int{top.a, top.expected}
	if top.expected == view.EventEnd && top.instead != view.EventStart {
		region = []int{top.instead, top.a} // nothing is missing: what came in between says more
	}
	for _, ev := range region {
		f.Loci = append(f.Loci, eventLocus(p, top.op, ev))
	}
	if v.Traces.Nodes[top.node].Failed || isError(p, top.instead) {
		f.Mechanism = report.MechanismError // it fails on the new way
	}
	says := top.instead - view.EventBase // what comes instead, where that is a line
	if t := complaint(p, e); t >= 0 {
		says = t
		line := v.Logs.Templates[t].Line
		f.Mechanism = report.MechanismError
		f.Said = fmt.Sprintf("%s writes %q where it takes another code path", v.Names[e], wording.Excerpt(v.Evidence.Logs[line].Said()))
		f.Why += fmt.Sprintf("; in the same requests it writes %q", wording.Excerpt(v.Evidence.Logs[line].Said()))
		f.Refs = append(f.Refs, lineRef(v, line))
	}
	if says >= 0 && says < len(v.Logs.Templates) {
		f.Elsewhere = tellsOfOthers(v, says)
	}
	return f
}

// complaint is the new error line that an entity writes in most of the requests
// in which it takes a new way, -1 for none: it says why, and what its code does
// then, as taking a transaction back, is the consequence.
func complaint(p *view.Patterns, e int) int {
	v := p.V
	gone := map[string]bool{} // the other way, by trace ID
	for i, r := range v.Traces.Ranges {
		for _, d := range p.PathChanges[i] {
			if v.Traces.Ops[d.Key.Op].Entity == e {
				gone[v.Traces.Nodes[r.From].Span.TraceID] = true
			}
		}
	}
	in := map[int]map[string]bool{} // traces by template
	for i := range v.Evidence.Logs {
		t, id := v.Logs.Line[i], v.Evidence.Logs[i].TraceID
		if t < 0 || !gone[id] || v.Evidence.Logs[i].Baseline {
			continue
		}
		f := &v.Logs.Templates[t]
		if f.Entity != e || f.Severity < evidence.SeverityError || f.Names >= 0 || f.Remote || rateGain(v, t) < v.By.Signal.Pattern.New {
			continue
		}
		if in[t] == nil {
			in[t] = map[string]bool{}
		}
		in[t][id] = true
	}
	counts := map[int]int{}
	for t, ids := range in {
		if float64(len(ids)) > v.By.Signal.Pattern.Most*float64(len(gone)) {
			counts[t] = len(ids)
		}
	}
	return mostCounted(counts)
}

// isError reports whether an event is a line of error severity.
func isError(p *view.Patterns, ev int) bool {
	t := ev - view.EventBase
	return t >= 0 && t < len(p.V.Logs.Templates) && p.V.Logs.Templates[t].Severity >= evidence.SeverityError
}

// eventName is an event in words: a log statement by what it says, wherever in the
// file it stands.
func eventName(p *view.Patterns, op, ev int) string {
	if t := ev - view.EventBase; t >= 0 && t < len(p.V.Logs.Templates) {
		return p.V.Logs.Templates[t].Template
	}
	return eventLocus(p, op, ev).Name
}

// eventLocus is where an event stands.
func eventLocus(p *view.Patterns, op, ev int) report.Locus {
	v := p.V
	switch {
	case ev == view.EventStart:
		return report.Locus{Kind: report.LocusSpan, Name: v.Traces.Ops[op].Name + " start"}
	case ev == view.EventEnd:
		return report.Locus{Kind: report.LocusSpan, Name: v.Traces.Ops[op].Name + " end"}
	case ev < view.EventBase+len(v.Logs.Templates):
		return templateLocus(v, ev-view.EventBase)
	}
	return report.Locus{Kind: report.LocusSpan, Name: v.Traces.Ops[ev-view.EventBase-len(v.Logs.Templates)].Name + " start"}
}
