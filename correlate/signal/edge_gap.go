package signal

import (
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/weights"
	"github.com/wherefore-dev/wherefore/correlate/wording"
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
func latencyEdgeGap(v *view.View) []Finding {
	b := latencyBudget(v)
	gaps := 0.0
	for _, x := range b.edges {
		gaps += x.total
	}
	if gaps == 0 {
		return nil
	}
	a := asked(v)
	var out []Finding
	for e := range v.Names {
		if f, ok := edgeGapOf(v, e, b, gaps, a); ok {
			out = append(out, f)
		}
	}
	return out
}

// gapPrecision is how slow the calls are that an entity takes part in, 0 to 1,
// from the summed strength of their gaps and the summed trust in them, as
// callee and as caller.
func gapPrecision(strength, seen [2]float64, by *weights.EdgeGap) float64 {
	in, out := 0.0, 0.0
	if seen[0] > 0 {
		in = strength[0] / seen[0]
	}
	if seen[1] > 0 {
		out = by.Caller * strength[1] / seen[1]
	}
	if seen[0] > 0 && strength[1] > 0 {
		// A slow network of the caller's slows the calls into it as well.
		out *= atLeast(by.InwardLeast, min(1, in*seen[1]/strength[1]))
	}
	return max(in, out)
}

func edgeGapOf(v *view.View, e int, b budget, gaps float64, a ask) (Finding, bool) {
	var own, worst float64
	var strength, seen [2]float64 // as callee, as caller
	edges, slow := 0, 0
	worstAt := -1
	var nodes []int
	for i, x := range b.edges {
		ed := &v.Traces.Edges[x.edge]
		if ed.Caller != e && ed.Callee != e || !x.ok {
			continue
		}
		edges++
		nodes = append(nodes, v.Traces.ByEdge[x.edge]...)
		end := b2i(ed.Caller == e)
		trust := float64(min(x.N[0], x.N[1]))
		trust /= trust + float64(v.By.View.Calls.Doubt)
		seen[end] += trust
		strength[end] += trust * stat.Squash(max(0, x.Z-v.By.Scale.Noise), v.By.Scale.Half)
		if x.total > 0 {
			slow++
			own += x.total
		}
		if worstAt < 0 || x.total > worst {
			worst, worstAt = x.total, i
		}
	}
	if slow == 0 {
		return Finding{}, false
	}
	slices.Sort(nodes)
	precision := gapPrecision(strength, seen, &v.By.Signal.EdgeGap)
	recall := own / gaps
	score := stat.HarmonicMean(precision, recall)
	// The gap matters as far as it is what made the traces slow.
	score *= atLeast(v.By.Signal.EdgeGap.ShareLeast, gaps/b.total)
	score *= growth(v, own, nodes) * a.explains(v, own)
	x := b.edges[worstAt]
	ed := &v.Traces.Edges[x.edge]
	was, now, when := telling(x.Contrast)
	f := Finding{
		Entity: e, Mechanism: report.MechanismLatency, Strength: score,
		Said: fmt.Sprintf("calls from %s to %s spend %s", v.Names[ed.Caller], peerName(v, ed), wording.Both(was/1e3, now/1e3, "between the two")) + when,
		Why: fmt.Sprintf("a call from %s to %s spends %s between the two%s, in the network or in a queue; of the %s that %s calls or is called by, %d spend more there than before, which is %.0f %% of what all calls spend more",
			v.Names[ed.Caller], peerName(v, ed), wording.Both(was/1e3, now/1e3, "between the two"), when, wording.Counted(edges, "service"), v.Names[e], slow, 100*recall),
		Seen: slow, Total: edges, Counts: "services that it calls or is called by are slower to reach",
		Refs: gapRefs(v, x.edge),
		Loci: []report.Locus{{Kind: report.LocusSpan, Name: "network between " + v.Names[ed.Caller] + " and " + peerName(v, ed), Text: v.Traces.Ops[v.Traces.Nodes[v.Traces.ByEdge[x.edge][0]].Op].Name}},
	}
	return f, true
}

func peerName(v *view.View, ed *view.EdgeFact) string {
	if ed.Callee >= 0 {
		return v.Names[ed.Callee]
	}
	if ed.Peer != "" {
		return ed.Peer
	}
	return "an unknown callee"
}

// gapRefs points at the calls over an edge with the largest gap.
func gapRefs(v *view.View, edge int) []evidence.Ref {
	best := -1
	for _, i := range v.Traces.ByEdge[edge] {
		n := &v.Traces.Nodes[i]
		if !v.Evidence.Traces[n.Trace].Baseline && (best < 0 || n.Self > v.Traces.Nodes[best].Self) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	refs := []evidence.Ref{spanRef(v, best)}
	for _, c := range v.Traces.Nodes[best].Children {
		refs = append(refs, spanRef(v, c))
	}
	return refs
}
