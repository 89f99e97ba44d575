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

// budget is the time that an incident added to the traces, split over where it
// was spent: the exclusive time of each operation and the gap of each call.
// Since every moment of a trace belongs to exactly one of them, the shares say
// who holds how much of the delay, which is what explains a slow caller away.
type budget struct {
	ops   []opExcess
	edges []edgeExcess
	total float64 // milliseconds over all incident traces
}

type opExcess struct {
	op int
	view.Contrast
	total float64 // excess times calls
}

type edgeExcess struct {
	edge int
	view.Contrast
	total float64
	ok    bool // both sides were measured
}

// latencyBudget measures the budget of the incident.
func latencyBudget(v *view.View) budget {
	var b budget
	for i := range v.Traces.Ops {
		op := &v.Traces.Ops[i]
		if op.Entity < 0 {
			continue
		}
		if c, ok := v.ContrastOf(op.Self); ok && c.Z >= v.By.Scale.Noise {
			x := opExcess{op: i, Contrast: c, total: c.Excess * float64(c.N[1])}
			b.ops = append(b.ops, x)
			b.total += x.total
		}
	}
	for i := range v.Traces.Edges {
		c, ok := v.ContrastOf(v.Traces.Edges[i].Gap)
		x := edgeExcess{edge: i, Contrast: c, ok: ok}
		if ok && c.Z >= v.By.Scale.Noise {
			x.total = c.Excess * float64(c.N[1])
			b.total += x.total
		}
		b.edges = append(b.edges, x)
	}
	return b
}

// latencySelfTime finds services that spend more time themselves on the same
// operations than before: the time no child span covers, so that waiting for a
// slow callee is never held against the caller (TraceRCA and MicroRank blame
// parents because they take whole durations).
func latencySelfTime(v *view.View) []Finding {
	b := latencyBudget(v)
	a, per := asked(v), map[int][]opExcess{}
	for _, x := range b.ops {
		e := v.Traces.Ops[x.op].Entity
		per[e] = append(per[e], x)
	}
	var out []Finding
	for e := range v.Names {
		xs := per[e]
		if len(xs) == 0 {
			continue
		}
		slices.SortFunc(xs, func(a, c opExcess) int {
			return cmp.Or(cmp.Compare(c.total, a.total), cmp.Compare(v.Traces.Ops[a.op].Name, v.Traces.Ops[c.op].Name))
		})
		sum, weighted := 0.0, 0.0
		for _, x := range xs {
			sum += x.total
			weighted += x.total * stat.Squash(x.Z, v.By.Scale.Half)
		}
		share := sum / b.total
		top := xs[0]
		name := v.Traces.Ops[top.op].Name
		was, now, when := telling(top.Contrast)
		f := Finding{
			Entity: e, Mechanism: report.MechanismLatency,
			Strength: weighted / sum * atLeast(v.By.Signal.SelfTime.ShareLeast, share) * growth(v, sum, v.Traces.ByEntity[e]) * a.explains(v, sum),
			Said:     fmt.Sprintf("%s itself takes %s", v.Names[e], wording.Both(was/1e3, now/1e3, name)) + when,
			Why: fmt.Sprintf("%s itself spends %s%s, and holds %.0f %% of the time that the incident added to the traces",
				v.Names[e], wording.Both(was/1e3, now/1e3, "on "+name), when, 100*share),
			Seen: top.N[1], Total: top.N[0] + top.N[1], Counts: "spans read are of the incident",
			Refs: slowRefs(v, top.op),
		}
		for _, x := range xs[:min(len(xs), 2)] {
			f.Loci = append(f.Loci, report.Locus{Kind: report.LocusSpan, Name: v.Traces.Ops[x.op].Name, Text: v.Names[e] + " itself"})
		}
		out = append(out, f)
	}
	return out
}

// telling are the durations in milliseconds that show a contrast: the medians,
// or, where it is the slow calls that got slower, what one call in ten exceeds;
// when says which.
func telling(c view.Contrast) (was, now float64, when string) {
	if c.Now-c.Base >= c.Excess/2 || c.High[1] <= c.High[0] {
		return c.Base, c.Now, ""
	}
	return c.High[0], c.High[1], " in the slowest tenth"
}

// growth says how much an added time matters to the traces of the given nodes: its
// ratio to the rest of their time, squashed.
func growth(v *view.View, added float64, nodes []int) float64 {
	rest, last := 0.0, -1
	for _, i := range nodes {
		if r := v.Traces.Nodes[i].Rng; r != last && !v.Traces.Ranges[r].Baseline {
			rest += v.Traces.Ranges[r].Whole
			last = r
		}
	}
	rest = max(rest-added, v.By.Signal.SelfTime.Rest*rest)
	if rest <= 0 {
		return 0
	}
	return stat.Squash(added/rest, v.By.Signal.SelfTime.GrowthHalf)
}

// slowRefs points at the three calls of an operation that took longest by
// themselves in the incident.
func slowRefs(v *view.View, op int) []evidence.Ref {
	var idx []int
	for _, i := range v.Traces.ByEntity[v.Traces.Ops[op].Entity] {
		n := &v.Traces.Nodes[i]
		if n.Op == op && !v.Evidence.Traces[n.Trace].Baseline {
			idx = append(idx, i)
		}
	}
	slices.SortFunc(idx, func(a, b int) int {
		x, y := &v.Traces.Nodes[a], &v.Traces.Nodes[b]
		return cmp.Or(cmp.Compare(y.Self, x.Self), cmp.Compare(x.Span.SpanID, y.Span.SpanID))
	})
	var refs []evidence.Ref
	for _, i := range idx[:min(len(idx), view.MaxRefs)] {
		refs = append(refs, spanRef(v, i))
	}
	return refs
}

func spanRef(v *view.View, i int) evidence.Ref {
	n := &v.Traces.Nodes[i]
	return evidence.Ref{
		Kind: evidence.RefSpan, ID: n.Span.SpanID, TraceID: n.Span.TraceID, Service: n.Span.Service, Time: n.Span.Start, By: v.Evidence.Traces[n.Trace].Brought(),
		Text: fmt.Sprintf("%s took %.1f ms, %.1f ms of it itself", n.Span.Operation, view.Millis(n.Span.Duration), view.Millis(n.Self)),
	}
}
