package correlate

import (
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// latencyEdgeGap finds the entity whose network is slow: the client's span
// lasts longer than the server's, on the calls into it and out of it.
//
// A slow call may be either end's fault. What tells them apart is the company:
// an entity is blamed by how many of the calls into it, or of those out of it,
// are slow (precision) and by how much of all the added gap lies on its calls
// (recall), combined by their harmonic mean as TraceRCA combines support and
// confidence. A hub with one slow callee loses by precision, the callee's quiet
// neighbours by recall.
func latencyEdgeGap(v *view) []finding {
	b := v.latencyBudget()
	gaps := 0.0
	for _, x := range b.edges {
		gaps += x.total
	}
	if gaps == 0 {
		return nil
	}
	var out []finding
	for e := range v.names {
		if f, ok := v.edgeGapOf(e, b, gaps); ok {
			out = append(out, f)
		}
	}
	return out
}

// callerShare discounts blaming the caller's end: what lies between both spans
// is the wire and the callee's queue, seldom the caller.
const callerShare = 0.8

// gapPrecision is how slow the calls are that an entity takes part in, 0 to 1,
// from the summed strength of their gaps and the summed trust in them, as
// callee and as caller.
func gapPrecision(strength, seen [2]float64) float64 {
	in, out := 0.0, 0.0
	if seen[0] > 0 {
		in = strength[0] / seen[0]
	}
	if seen[1] > 0 {
		out = callerShare * strength[1] / seen[1]
	}
	if seen[0] > 0 && strength[1] > 0 {
		// A slow network of the caller's slows the calls into it as well.
		out *= 0.6 + 0.4*min(1, in*seen[1]/strength[1])
	}
	return max(in, out)
}

func (v *view) edgeGapOf(e int, b budget, gaps float64) (finding, bool) {
	var own, worst float64
	var strength, seen [2]float64 // as callee, as caller
	edges, slow := 0, 0
	worstAt := -1
	var nodes []int
	for i, x := range b.edges {
		ed := &v.traces.edges[x.edge]
		if ed.caller != e && ed.callee != e || !x.ok {
			continue
		}
		edges++
		nodes = append(nodes, v.traces.byEdge[x.edge]...)
		end := b2i(ed.caller == e)
		trust := float64(min(x.n[0], x.n[1]))
		trust /= trust + minCalls
		seen[end] += trust
		strength[end] += trust * stat.Squash(max(0, x.z-noiseZ), halfZ)
		if x.total > 0 {
			slow++
			own += x.total
		}
		if worstAt < 0 || x.total > worst {
			worst, worstAt = x.total, i
		}
	}
	if slow == 0 {
		return finding{}, false
	}
	slices.Sort(nodes)
	precision := gapPrecision(strength, seen)
	recall := own / gaps
	score := 2 * precision * recall / max(precision+recall, 1e-9)
	// The gap matters as far as it is what made the traces slow.
	score *= 0.3 + 0.7*gaps/b.total
	score *= v.growth(own, nodes)
	x := b.edges[worstAt]
	ed := &v.traces.edges[x.edge]
	f := finding{
		entity: e, mechanism: MechanismLatency, strength: score,
		said: fmt.Sprintf("calls from %s to %s lose %s", v.names[ed.caller], v.peerName(ed), both(x.base/1e3, x.now/1e3, "on the way")),
		why: fmt.Sprintf("between %s and %s %.1f ms are lost outside both instead of %.1f ms; %d of the %d calls that %s takes part in are slow like that, with %.0f %% of all such loss",
			v.names[ed.caller], v.peerName(ed), x.now, x.base, slow, edges, v.names[e], 100*recall),
		seen: slow, total: edges,
		refs: v.gapRefs(x.edge),
		loci: []Locus{{Kind: LocusMetric, Name: networkMetric, Text: v.names[ed.caller] + " -> " + v.peerName(ed)}},
	}
	return f, true
}

// networkMetric names the derived measure of the time that a call spends
// outside both ends.
const networkMetric = "network_p90_milliseconds"

func (v *view) peerName(ed *edgeFact) string {
	if ed.callee >= 0 {
		return v.names[ed.callee]
	}
	if ed.peer != "" {
		return ed.peer
	}
	return "an unknown callee"
}

// gapRefs points at the calls over an edge with the largest gap.
func (v *view) gapRefs(edge int) []evidence.Ref {
	best := -1
	for _, i := range v.traces.byEdge[edge] {
		n := &v.traces.nodes[i]
		if !v.c.Traces[n.trace].Baseline && (best < 0 || n.self > v.traces.nodes[best].self) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	refs := []evidence.Ref{v.spanRef(best)}
	for _, c := range v.traces.nodes[best].children {
		refs = append(refs, v.spanRef(c))
	}
	return refs
}
