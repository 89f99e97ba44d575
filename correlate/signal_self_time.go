package correlate

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
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
	contrast
	total float64 // excess times calls
}

type edgeExcess struct {
	edge int
	contrast
	total float64
	ok    bool // both sides were measured
}

// latencyBudget measures the budget of a case.
func (v *view) latencyBudget() budget {
	var b budget
	for i := range v.traces.ops {
		op := &v.traces.ops[i]
		if op.entity < 0 {
			continue
		}
		if c, ok := contrastOf(op.self); ok && c.z >= noiseZ {
			x := opExcess{op: i, contrast: c, total: c.excess * float64(c.n[1])}
			b.ops = append(b.ops, x)
			b.total += x.total
		}
	}
	for i := range v.traces.edges {
		c, ok := contrastOf(v.traces.edges[i].gap)
		x := edgeExcess{edge: i, contrast: c, ok: ok}
		if ok && c.z >= noiseZ {
			x.total = c.excess * float64(c.n[1])
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
func latencySelfTime(v *view) []finding {
	b := v.latencyBudget()
	per := map[int][]opExcess{}
	for _, x := range b.ops {
		e := v.traces.ops[x.op].entity
		per[e] = append(per[e], x)
	}
	var out []finding
	for e := range v.names {
		xs := per[e]
		if len(xs) == 0 {
			continue
		}
		slices.SortFunc(xs, func(a, c opExcess) int {
			return cmp.Or(cmp.Compare(c.total, a.total), cmp.Compare(v.traces.ops[a.op].name, v.traces.ops[c.op].name))
		})
		sum, weighted := 0.0, 0.0
		for _, x := range xs {
			sum += x.total
			weighted += x.total * stat.Squash(x.z, halfZ)
		}
		share := sum / b.total
		top := xs[0]
		name := v.traces.ops[top.op].name
		f := finding{
			entity: e, mechanism: MechanismLatency,
			strength: weighted / sum * (0.3 + 0.7*share) * v.growth(sum, v.traces.byEntity[e]),
			said:     fmt.Sprintf("%s itself takes %s", v.names[e], both(top.base/1e3, top.now/1e3, name)),
			why: fmt.Sprintf("%s spends %.1f ms itself instead of %.1f ms on %s, and holds %.0f %% of the time that the incident added to the traces",
				v.names[e], top.now, top.base, name, 100*share),
			seen: top.n[1], total: top.n[0] + top.n[1],
			refs: v.slowRefs(top.op),
		}
		for _, x := range xs[:min(len(xs), 2)] {
			f.loci = append(f.loci, Locus{Kind: LocusSpan, Name: v.traces.ops[x.op].name, Text: v.names[e] + " itself"})
		}
		out = append(out, f)
	}
	return out
}

// growth says how much an added time matters to the traces of the given nodes: its
// ratio to the rest of their time, squashed so that a tenth earns one half.
func (v *view) growth(added float64, nodes []int) float64 {
	rest, last := 0.0, -1
	for _, i := range nodes {
		if r := v.traces.nodes[i].rng; r != last && !v.traces.ranges[r].baseline {
			rest += v.traces.ranges[r].whole
			last = r
		}
	}
	rest = max(rest-added, 0.1*rest)
	if rest <= 0 {
		return 0
	}
	return stat.Squash(added/rest, 0.1)
}

// slowRefs points at the three calls of an operation that took longest by
// themselves in the incident.
func (v *view) slowRefs(op int) []evidence.Ref {
	var idx []int
	for _, i := range v.traces.byEntity[v.traces.ops[op].entity] {
		n := &v.traces.nodes[i]
		if n.op == op && !v.c.Traces[n.trace].Baseline {
			idx = append(idx, i)
		}
	}
	slices.SortFunc(idx, func(a, b int) int {
		x, y := &v.traces.nodes[a], &v.traces.nodes[b]
		return cmp.Or(cmp.Compare(y.self, x.self), cmp.Compare(x.span.SpanID, y.span.SpanID))
	})
	var refs []evidence.Ref
	for _, i := range idx[:min(len(idx), maxRefs)] {
		refs = append(refs, v.spanRef(i))
	}
	return refs
}

// maxRefs is how many references a term carries of one kind.
const maxRefs = 3

func (v *view) spanRef(i int) evidence.Ref {
	n := &v.traces.nodes[i]
	return evidence.Ref{
		Kind: evidence.RefSpan, ID: n.span.SpanID, TraceID: n.span.TraceID, Service: n.span.Service, Time: n.span.Start,
		Text: fmt.Sprintf("%s took %.1f ms, %.1f ms of it itself", n.span.Operation, millis(n.span.Duration), millis(n.self)),
	}
}
