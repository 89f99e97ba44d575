package signal

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// ResourceUsage finds entities whose own resources left their normal range:
// PRISM's internal score (arXiv 2601.21359), which rests on the fact that CPU,
// memory, disk, collector, thread and socket use do not propagate along calls,
// with median and quantile spread instead of mean and deviation so that an
// onset that is a minute off does not ruin it.
func ResourceUsage(v *view.View) []Finding {
	var out []Finding
	for e := range v.Names {
		facts := Worst(v, e, func(f *view.Metric) bool { return f.Class.Internal() && !f.Node && !tooShort(v, f) })
		if len(facts) == 0 {
			continue
		}
		top := facts[0]
		slices.SortStableFunc(facts, func(a, b *view.Metric) int { return cmp.Compare(b2i(b.Class == top.Class), b2i(a.Class == top.Class)) })
		f := Finding{
			Entity: e, Mechanism: report.MechanismResource, Strength: top.Clarity() * (1 - dueToTraffic(v, top)) * top.Growth(),
			Said: view.Moved(top, v.Names[e]),
			Why: fmt.Sprintf("%s of %s (%s) went from %s to %s, %.0f times its normal spread",
				top.Class, v.Names[e], top.Series.Name, wording.Quantity(top.Median, top.Series.Unit), wording.Quantity(top.Peak, top.Series.Unit), top.HarmfulDeviation()),
			Refs: view.MetricRefs(facts), Chart: view.ChartOf(top), Query: gathered.QueryOf(top.Series), Fact: top,
		}
		for _, x := range facts[:min(len(facts), view.MaxRefs)] {
			f.Loci = append(f.Loci, report.Locus{Kind: report.LocusMetric, Name: x.Series.Name, Text: view.LabelKey(x.Series.Labels)})
		}
		hurt, unchecked := withoutHarm(v, e, top, f.Strength)
		f.Unchecked = unchecked
		if competed(v, top) == 0 && !suffers(v, e) {
			f.Unchecked = max(f.Unchecked, f.Strength*v.By.Signal.Resource.Harmless)
		}
		x, ok, maybe := piledUp(v, e, top, f.Strength)
		if ok {
			hurt = append(hurt, x)
		}
		f.Unchecked = max(f.Unchecked, maybe)
		left := f.Strength
		for _, x := range hurt {
			left += x.Strength
		}
		if x, ok := cpuPerRequest(v, e, top, left); ok {
			hurt = append(hurt, x)
		}
		out = append(append(out, f), hurt...)
	}
	return out
}

// withoutHarm are the negative terms for an entity that uses more of a resource and
// does not suffer from it. They need spans on both sides, which would show
// another cause; unchecked is what they would take back at most where there are none.
func withoutHarm(v *view.View, e int, top *view.Metric, strength float64) (out []Finding, unchecked float64) {
	slower, ok := slowdown(v, e)
	left := strength
	if x, has := headroom(v, e, top, strength); has {
		out = append(out, x)
		left += x.Strength
	}
	if !ok {
		return nil, strength - left*(1-competed(v, top))
	}
	if x, ok := harmless(v, e, top, left, slower); ok {
		out = append(out, x)
	}
	return out, 0
}

// competed is the share of a resource's finding that an entity which is as fast as
// before would lose: of what processes compete for.
func competed(v *view.View, top *view.Metric) float64 {
	switch top.Class {
	case metric.ClassCPU, metric.ClassThrottle, metric.ClassThreads, metric.ClassGC:
		return v.By.Signal.Resource.Harmless
	}
	return 0
}

// tooShort reports whether a fact is a pause of the collector that cannot be felt:
// it takes next to nothing of what its entity got slower, or all pauses together
// next to nothing of the time.
func tooShort(v *view.View, f *view.Metric) bool {
	least := v.By.Signal.Resource.Pause
	return f.Class == metric.ClassGC && (ShareOfDelay(v, f) < least || pausing(v, f) < least)
}

// pausing is the share of the time that pauses of a mean length take, by how many
// there are a second; 1 where that is not known.
func pausing(v *view.View, f *view.Metric) float64 {
	if f.Series.Stat != "mean" || f.Series.Unit != "s" {
		return 1
	}
	for _, i := range v.ByEnt[f.Entity] {
		if r := &v.Metrics[i]; r.Series.Name == f.Series.Name && r.Series.Stat == "rate" && r.Usable && view.LabelKey(r.Series.Labels) == view.LabelKey(f.Series.Labels) {
			return max(r.Peak, r.Median) * f.Peak
		}
	}
	return 1
}

// headroom is the negative term for an entity that uses more of a resource and has
// most of it left: by Gregg's USE method it is utilisation that hurts, not use.
// What a reading averages over can hide bursts, and what it is a share of may be
// the whole host, so that some of it stays.
func headroom(v *view.View, e int, top *view.Metric, strength float64) (Finding, bool) {
	by, level, at := &v.By.Signal.Resource, 0.0, (*view.Metric)(nil)
	for _, i := range v.ByEnt[e] {
		f := &v.Metrics[i]
		if !f.Usable || f.Node || f.Class != top.Class {
			continue
		}
		if full := utilisationFull(f, v.By.Signal.Exhausted.Over); full > 0 && f.Peak/full >= level {
			level, at = f.Peak/full, f
		}
	}
	if at == nil || level >= by.Low {
		return Finding{}, false
	}
	return Finding{
		Entity: e, Fact: top, Mechanism: report.MechanismResource, Strength: -strength * min(by.Ample, 1-level/by.Low), Refs: view.MetricRefs([]*view.Metric{at}),
		Said: fmt.Sprintf("%s uses no more than %s of its %s", v.Names[e], shareText(level), top.Class),
		Why:  fmt.Sprintf("but %s has no more than %s of its %s in use (%s)", v.Names[e], shareText(level), top.Class, at.Series.Name),
	}, true
}

// harmless is the negative term for an entity that uses more of a resource
// which processes compete for, and is as fast as before: slower is how much its
// own time grew, as a share.
func harmless(v *view.View, e int, top *view.Metric, strength, slower float64) (Finding, bool) {
	by := &v.By.Signal.Resource
	if competed(v, top) == 0 || slower >= by.Slowdown {
		return Finding{}, false
	}
	return Finding{
		Entity: e, Fact: top, Source: "traces", Mechanism: report.MechanismResource, Strength: -by.Harmless * strength * (1 - slower/by.Slowdown),
		Said: fmt.Sprintf("%s is about as fast as before", v.Names[e]),
		Why:  asFast(v.Names[e], slower),
	}, true
}

// asFast words how little longer an entity takes, as a share of before.
func asFast(name string, slower float64) string {
	if slower < 0.005 {
		return fmt.Sprintf("the spans of %s, and the calls into it, take no longer than before", name)
	}
	return fmt.Sprintf("the spans of %s, and the calls into it, take at most %.0f %% longer than before", name, 100*slower)
}

// cpuPerRequest is the negative term for processor time that cannot be why requests
// take longer: by the utilisation law (Denning and Buzen, Computing Surveys 10, 1978)
// what a request uses is what is used a second over the requests a second, and one that
// takes a second longer for ten milliseconds more of work waits for something else. What
// retries and handles failures uses more, too. A processor that is used up or held back
// makes requests wait for it, whatever one of them uses: what leaves more than half of one
// processor is neither, where nobody tells of a limit.
func cpuPerRequest(v *view.View, e int, top *view.Metric, strength float64) (Finding, bool) {
	if top.Class != metric.ClassCPU || top.Series.Stat != "rate" || top.Excess() <= 0 || top.Peak >= v.By.Signal.Resource.Low || cpuIsShort(v, e) {
		return Finding{}, false
	}
	entry, ok := v.ContrastOf(entrySpans(v, e))
	served, at := requestRate(v, e)
	if !ok || at == nil || served <= 0 || entry.Excess <= 0 || entry.Z < v.By.Scale.Noise {
		return Finding{}, false
	}
	more := 1e3 * top.Excess() / served // milliseconds a request
	share := min(1, more/entry.Excess)
	if share >= 1 {
		return Finding{}, false
	}
	return Finding{
		Entity: e, Fact: top, Mechanism: report.MechanismResource, Strength: -strength * (1 - share), Source: "traces", Refs: view.MetricRefs([]*view.Metric{top, at}),
		Said: fmt.Sprintf("requests to %s take far longer than the processor time that they use more", v.Names[e]),
		Why: fmt.Sprintf("but it is %s a request, and requests to %s take %s longer",
			wording.Quantity(more, "ms"), v.Names[e], wording.Quantity(entry.Excess, "ms")),
	}, true
}

// cpuIsShort reports whether an entity's processor is held back, or as good as used up.
func cpuIsShort(v *view.View, e int) bool {
	for _, i := range v.ByEnt[e] {
		f := &v.Metrics[i]
		if !f.Usable {
			continue
		}
		if f.Class == metric.ClassThrottle && f.Hurts() {
			return true
		}
		if f.Class == metric.ClassCPU {
			if full := utilisationFull(f, v.By.Signal.Exhausted.Over); full > 0 && f.Peak/full >= v.By.Signal.Resource.Low {
				return true
			}
		}
	}
	return false
}

// requestRate is how many requests a second an entity gets during the incident, by the
// metric that counts most of them, with one of its series; nil for none.
func requestRate(v *view.View, e int) (most float64, at *view.Metric) {
	sums := map[string]float64{}
	for _, i := range v.ByEnt[e] { // in order of name
		f := &v.Metrics[i]
		m := f.Series
		if !f.Usable || !metric.CountsRequests(m.Name, m.Stat, m.Kind) {
			continue
		}
		var values []float64
		for _, s := range m.Incident {
			values = append(values, s.Value)
		}
		if sums[m.Name] += stat.Mean(values); sums[m.Name] > most {
			most, at = sums[m.Name], f
		}
	}
	return most, at
}

// slowdown is the growth of an entity's own time and of the gaps of calls into
// it, as a share of what they took before; ok is false without spans on both
// sides.
func slowdown(v *view.View, e int) (share float64, ok bool) {
	before, added := 0.0, 0.0
	add := func(sides [2][]float64) {
		if c, measured := v.ContrastOf(sides); measured {
			n := float64(c.N[1])
			before += n * max(c.Base, v.By.View.Measure.DurationFloor)
			added += n * c.Excess
			ok = true
		}
	}
	for i := range v.Traces.Ops {
		if v.Traces.Ops[i].Entity == e {
			add(v.Traces.Ops[i].Self)
		}
	}
	for i := range v.Traces.Edges {
		if v.Traces.Edges[i].Callee == e {
			add(v.Traces.Edges[i].Gap)
		}
	}
	if before == 0 {
		return 0, false
	}
	return added / before, ok
}

// dueToTraffic is how much of a rise in use the entity's own rise in traffic
// accounts for, 0 to 1.
func dueToTraffic(v *view.View, f *view.Metric) float64 {
	if f.Median <= 0 || f.Peak <= f.Median {
		return 0
	}
	best := 0.0
	for _, i := range v.ByEnt[f.Entity] {
		t := &v.Metrics[i]
		if t.Class == metric.ClassTraffic && !t.Client && t.Usable && t.Median > 0 && t.Up > v.By.Scale.Noise {
			best = max(best, (t.Peak/t.Median-1)/(f.Peak/f.Median-1))
		}
	}
	return min(1, best)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Worst are the usable facts of an entity that pass the filter and deviate
// beyond noise, worst first.
func Worst(v *view.View, e int, keep func(*view.Metric) bool) []*view.Metric {
	var facts []*view.Metric
	for _, i := range v.ByEnt[e] {
		f := &v.Metrics[i]
		if f.Usable && keep(f) && f.HarmfulDeviation() > v.By.Scale.Noise {
			facts = append(facts, f)
		}
	}
	slices.SortFunc(facts, func(a, b *view.Metric) int {
		return cmp.Or(cmp.Compare(b.DiscountedDeviation(), a.DiscountedDeviation()), cmp.Compare(a.Series.Name, b.Series.Name), cmp.Compare(view.LabelKey(a.Series.Labels), view.LabelKey(b.Series.Labels)))
	})
	return facts
}
