package signal

import (
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// pilesUp reports whether a class of measures grows with the requests that an
// entity has under way: threads, connections and descriptors, and the memory that
// each of them holds.
func pilesUp(c metric.Class) bool {
	switch c {
	case metric.ClassThreads, metric.ClassSockets, metric.ClassMemory, metric.ClassGC:
		return true
	}
	return false
}

// piledUp is the negative term for what an entity piles up while it waits for what
// it calls: by Little's law (Operations Research 9, 1961) the requests under way
// are the rate times the time that each takes, so that as much more is under way
// as requests take longer. What stands at a limit hurts whyever it came there.
// unchecked is the part of the strength that might be so, where nobody knows how
// long its callees take: as much as it got slower itself allows.
func piledUp(v *view.View, e int, top *view.Metric, strength float64) (f Finding, ok bool, unchecked float64) {
	if !pilesUp(top.Class) || top.Median <= 0 || top.Peak <= top.Median {
		return Finding{}, false, 0
	}
	more := top.Peak/top.Median - 1
	if _, _, full := fullest(v, e); full > v.By.Signal.Saturation.Full {
		return Finding{}, false, 0
	}
	if full := utilisationFull(top, v.By.Signal.Exhausted.Over); full > 0 && top.Peak/full > v.By.Signal.Saturation.Full {
		return Finding{}, false, 0
	}
	longer, on, known := waits(v, e)
	if !known {
		return underWay(v, e, top, strength, more)
	}
	share := min(1, longer/more)
	if share < v.By.Signal.Resource.PiledUp {
		return Finding{}, false, 0
	}
	return Finding{
		Entity: e, Fact: top, Mechanism: report.MechanismResource, Strength: -strength * share, Source: "traces",
		Said: fmt.Sprintf("%s waits for %s, where requests queue up", v.Names[e], v.Names[on]),
		Why:  fmt.Sprintf("%.0f %% of it are requests that queue up in %s while it waits for %s: they take %.1f times as long", 100*share, v.Names[e], v.Names[on], 1+longer),
	}, true, 0
}

// underWay is piledUp where nobody knows how long the callees of an entity take, or
// whether it has any that nobody sees. Its own requests tell how many more of them are
// under way, whoever they wait for, and threads and connections are counted by them;
// memory and its collection may as well be why they take longer.
func underWay(v *view.View, e int, top *view.Metric, strength, more float64) (f Finding, ok bool, unchecked float64) {
	own, source, measured := ownSlowdown(v, e)
	share := min(1, own/more)
	switch {
	case measured && share >= v.By.Signal.Resource.PiledUp && (top.Class == metric.ClassThreads || top.Class == metric.ClassSockets):
		return Finding{
			Entity: e, Fact: top, Mechanism: report.MechanismResource, Strength: -strength * share, Source: source,
			Said: fmt.Sprintf("requests to %s take longer, and as many more are under way", v.Names[e]),
			Why:  fmt.Sprintf("%.0f %% of it are requests that are under way in %s: they take %.1f times as long", 100*share, v.Names[e], 1+own),
		}, true, 0
	case len(v.Callees[e]) == 0 && v.Linked:
		return Finding{}, false, 0
	case measured:
		return Finding{}, false, strength * share
	}
	return Finding{}, false, strength
}

// ownSlowdown is by how much longer requests to an entity take, as a share of what
// they took before, and the source that tells it: its spans, else its measures of
// latency.
func ownSlowdown(v *view.View, e int) (ratio float64, source string, measured bool) {
	if entry, ok := v.ContrastOf(entrySpans(v, e)); ok && entry.Base > 0 {
		return max(0, entry.Excess/entry.Base), "traces", true
	}
	ratio, _, measured = slower(v, e)
	return ratio, "metrics", measured
}

// entrySpans are the durations in milliseconds of the spans by which requests come to
// an entity, before and during.
func entrySpans(v *view.View, e int) (whole [2][]float64) {
	for _, i := range v.Traces.ByEntity[e] {
		n := &v.Traces.Nodes[i]
		if n.Parent < 0 || v.Traces.Nodes[n.Parent].Entity != e {
			sd := view.SideOf(v.Evidence.Traces[n.Trace].Baseline)
			whole[sd] = append(whole[sd], view.Millis(n.Span.Duration))
		}
	}
	return whole
}

// waits is by how much longer requests to an entity take since its callees answer
// later, as a share of what they took before, and the callee that it waits for
// most. known is false where its calls were not seen on both sides.
func waits(v *view.View, e int) (longer float64, on int, known bool) {
	whole := entrySpans(v, e)
	entry, ok := v.ContrastOf(whole)
	if !ok || entry.Base <= 0 {
		return waitsByMetrics(v, e)
	}
	on = -1
	added, most := 0.0, 0.0
	for i := range v.Traces.Edges {
		if v.Traces.Edges[i].Caller != e || v.Traces.Edges[i].Callee < 0 {
			continue
		}
		var took [2][]float64
		for _, j := range v.Traces.ByEdge[i] {
			n := &v.Traces.Nodes[j]
			sd := view.SideOf(v.Evidence.Traces[n.Trace].Baseline)
			took[sd] = append(took[sd], view.Millis(n.Span.Duration))
		}
		c, ok := v.ContrastOf(took)
		if !ok {
			continue
		}
		known = true
		if x := c.Excess * float64(c.N[1]); c.Z >= v.By.Scale.Noise {
			added += x
			if x > most {
				most, on = x, v.Traces.Edges[i].Callee
			}
		}
	}
	if on < 0 {
		return 0, -1, known
	}
	return added / float64(max(1, len(whole[1]))) / entry.Base, on, true
}

// waitsByMetrics is the same by measures of latency: an entity waits for callees
// that got slower, by no more than it got slower itself.
func waitsByMetrics(v *view.View, e int) (longer float64, on int, known bool) {
	own, excess, ok := slower(v, e)
	if !ok || len(v.Callees[e]) == 0 {
		return 0, -1, false
	}
	on = -1
	most := 0.0
	for _, c := range v.Callees[e] {
		_, x, measured := slower(v, c)
		if !measured {
			continue
		}
		known = true
		if x > most && !slices.Contains(v.Callees[c], e) {
			most, on = x, c
		}
	}
	if on < 0 || own == 0 {
		return 0, -1, known
	}
	return own * min(1, most/excess), on, true
}

// slower is by how much the measured latency of an entity rose, as a share of what
// it was and in the measure's own unit.
func slower(v *view.View, e int) (ratio, excess float64, measured bool) {
	for _, i := range v.ByEnt[e] {
		f := &v.Metrics[i]
		if f.Usable && isLatency(f) && f.Median > 0 {
			measured = true
			if f.Hurts() && f.Excess() > excess {
				ratio, excess = f.Excess()/f.Median, f.Excess()
			}
		}
	}
	return ratio, excess, measured
}
