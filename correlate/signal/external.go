package signal

import (
	"fmt"
	"slices"
	"sync"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/spoken"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// externalBoundary finds services that fail at something outside the system:
// calls to a peer that no span answers, failing outbound measures, and error
// lines about names, certificates and routes. The service at the boundary is
// the first that fails; the provider's own state is not ours to see.
func externalBoundary(v *view.View) []Finding {
	var out []Finding
	for e := range v.Names {
		best := Finding{Entity: e, Mechanism: report.MechanismExternal}
		for _, f := range []Finding{failingPeers(v, e), outboundMeasures(v, e), boundaryLines(v, e), expired(v, e)} {
			if f.Strength > best.Strength {
				f.Entity, f.Mechanism = e, report.MechanismExternal
				best, f = f, best
			}
			// Independent signs of the same boundary add up, each for less.
			best.Strength = min(1, best.Strength+v.By.Signal.External.More*f.Strength)
			best.Refs, best.Over, best.By = append(best.Refs, f.Refs...), append(best.Over, f.Over...), append(best.By, f.By...)
		}
		if best.Strength > 0 {
			out = append(out, best)
		}
	}
	return out
}

// failingPeers looks at client spans to peers that are no candidates.
func failingPeers(v *view.View, e int) Finding {
	var f Finding
	for i := range v.Traces.Edges {
		ed := &v.Traces.Edges[i]
		if ed.Caller != e || ed.Callee >= 0 || ed.Failed[1] == 0 {
			continue
		}
		was := float64(ed.Failed[0]) / float64(max(1, ed.Calls[0]))
		is := float64(ed.Failed[1]) / float64(max(1, ed.Calls[1]))
		if s := trustIn(v, ed.Calls[0]) * (is - was) * stat.Squash(float64(ed.Failed[1]), v.By.Signal.CallsHalf); s > f.Strength {
			f.Strength = s
			f.Said = fmt.Sprintf("%d of %d calls of %s to %s fail", ed.Failed[1], ed.Calls[1], v.Names[e], peerName(v, ed))
			f.Why = fmt.Sprintf("%d of %d calls of %s to %s fail, %s", ed.Failed[1], ed.Calls[1], v.Names[e], peerName(v, ed), insteadOf(ed.Failed[0], ed.Calls[0]))
			f.Refs = gapRefs(v, i)
			f.Loci = []report.Locus{{Kind: report.LocusSpan, Name: peerName(v, ed), Text: "called by " + v.Names[e]}}
			f.Elsewhere = failsBeyond(v, i)
		}
	}
	return f
}

// failsBeyond reports whether most of the incident's failed calls over an edge
// failed at whom they called.
func failsBeyond(v *view.View, edge int) bool {
	failed, there := 0, 0
	for _, j := range v.Traces.ByEdge[edge] {
		if n := &v.Traces.Nodes[j]; n.Failed && !v.Traces.Ranges[n.Rng].Baseline {
			failed, there = failed+1, there+b2i(v.Beyond(j))
		}
	}
	return stat.MoreThanHalf(there, failed)
}

// outboundMeasures looks at measures of failing calls that the entity makes,
// as far as no callee of its own fails.
func outboundMeasures(v *view.View, e int) Finding {
	facts := Worst(v, e, func(f *view.Metric) bool {
		return f.Client && (f.Class == metric.ClassError || f.Class == metric.ClassSuccess)
	})
	if len(facts) == 0 {
		return Finding{}
	}
	for _, c := range v.Callees[e] {
		if len(Worst(v, c, func(f *view.Metric) bool { return f.Class == metric.ClassError || f.Class == metric.ClassSuccess })) > 0 {
			return Finding{}
		}
	}
	top := facts[0]
	return Finding{
		Strength: v.By.Signal.External.Measures * top.Clarity(), Refs: view.MetricRefs(facts), Chart: view.ChartOf(top), Query: gathered.QueryOf(top.Series), Fact: top,
		Said: view.Moved(top, v.Names[e]),
		Why:  fmt.Sprintf("%s of %s went from %s to %s and nothing that it is known to call fails", top.Series.Name, v.Names[e], wording.Quantity(top.Median, top.Series.Unit), wording.Quantity(top.Peak, top.Series.Unit)),
		Loci: []report.Locus{{Kind: report.LocusMetric, Name: top.Series.Name}},
	}
}

// boundaryLines looks at new error lines of an entity about getting through.
func boundaryLines(v *view.View, e int) Finding {
	var f Finding
	gone := sync.OnceValue(func() bool { return callsGone(v, e) })
	for _, t := range v.Logs.ByEnt[e] {
		tf := &v.Logs.Templates[t]
		if tf.Severity < evidence.SeverityWarn || tf.Count[1] == 0 || !tf.Says.Any(spoken.NoWay) {
			continue
		}
		s := rateGain(v, t) * touched(v, t)
		// What is a candidate itself is not outside, also where the line has no
		// more of it than an address and one that is called is gone.
		if tf.Names >= 0 && (fails(v, tf.Names) || slices.Contains(v.Callees[e], tf.Names)) || tf.Names < 0 && gone() {
			s *= v.By.Signal.External.Inside
		}
		if s > f.Strength {
			f.Strength = s
			f.Said = fmt.Sprintf("%s cannot reach a dependency: %q", v.Names[e], wording.Excerpt(v.Evidence.Logs[tf.Line].Said()))
			f.Why = fmt.Sprintf("%s cannot reach a dependency: %q, %s, %s", v.Names[e], wording.Excerpt(v.Evidence.Logs[tf.Line].Said()), seenIn(tf.Saying[1], tf.SayingAlone[1]), before(tf.Saying[0]))
			f.Refs = []evidence.Ref{lineRef(v, tf.Line)}
			f.Loci = []report.Locus{templateLocus(v, t)}
			// Whoever is dialled is to be blamed, known or not; a name that nobody
			// resolves and a certificate that nobody accepts are of both sides.
			f.Elsewhere = tf.Names >= 0 || tf.Says.Any(spoken.OtherSide)
		}
	}
	return f
}

// callsGone reports whether nobody answers for something that an entity calls.
func callsGone(v *view.View, e int) bool {
	return slices.ContainsFunc(v.Callees[e], func(c int) bool {
		strength, _, _ := unanswered(v, c)
		return c != e && strength >= v.By.Signal.External.Gone
	})
}

// fails reports whether an entity writes new error lines or has failing spans
// that are not about getting through to others.
func fails(v *view.View, e int) bool {
	return slices.ContainsFunc(v.Logs.ByEnt[e], func(t int) bool {
		tf := &v.Logs.Templates[t]
		return tf.Severity >= evidence.SeverityError && rateGain(v, t) > v.By.Signal.External.Fails
	})
}

// expired looks at callees whose time left of something has run out.
func expired(v *view.View, e int) Finding {
	for _, c := range append([]int{e}, v.Callees[e]...) {
		for _, i := range v.ByEnt[c] {
			m := &v.Metrics[i]
			if m.Class != metric.ClassExpiry || len(m.Series.Incident) == 0 || last(m) > 0 || len(m.Series.Baseline) == 0 || m.Series.Baseline[0].Value <= 0 {
				continue
			}
			return Finding{
				Strength: 1, Refs: view.MetricRefs([]*view.Metric{m}), Chart: view.ChartOf(m), Query: gathered.QueryOf(m.Series),
				Said: fmt.Sprintf("%s of %s ran out", m.Series.Name, v.Names[c]),
				Why:  fmt.Sprintf("%s of %s ran out during the incident", m.Series.Name, v.Names[c]),
				Loci: []report.Locus{{Kind: report.LocusMetric, Name: m.Series.Name, Text: v.Names[c]}},
			}
		}
	}
	return Finding{}
}
