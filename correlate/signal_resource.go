package correlate

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// resourceUsage finds entities whose own resources left their normal range:
// PRISM's internal score (arXiv 2601.21359), which rests on the fact that CPU,
// memory, disk, collector, thread and socket use do not propagate along calls,
// with median and quantile spread instead of mean and deviation so that an
// onset that is a minute off does not ruin it.
func resourceUsage(v *view) []finding {
	var out []finding
	for e := range v.names {
		facts := v.worst(e, func(f *metricFact) bool { return f.class.internal() && !f.node && !v.tooShort(f) })
		if len(facts) == 0 {
			continue
		}
		top := facts[0]
		slices.SortStableFunc(facts, func(a, b *metricFact) int { return cmp.Compare(b2i(b.class == top.class), b2i(a.class == top.class)) })
		f := finding{
			entity: e, mechanism: MechanismResource, strength: stat.Squash(top.badness()-noiseZ, halfZ) * (1 - v.dueToTraffic(top)) * top.growth(),
			said: moved(top, v.names[e]),
			why: fmt.Sprintf("%s of %s (%s) went from %s to %s, %.0f times its normal spread",
				top.class, v.names[e], top.m.Name, quantity(top.median, top.m.Unit), quantity(top.peak, top.m.Unit), top.badness()),
			refs: metricRefs(facts), chart: chartOf(top), query: queryOf(top.m), fact: top,
		}
		for _, x := range facts[:min(len(facts), maxRefs)] {
			f.loci = append(f.loci, Locus{Kind: LocusMetric, Name: x.m.Name, Text: labelKey(x.m.Labels)})
		}
		out = append(out, f)
		out = append(out, v.unhurt(e, top, f.strength)...)
	}
	return out
}

// unhurt are the negative terms for an entity that uses more of a resource and
// does not suffer from it. They need spans on both sides, which would show
// another cause.
func (v *view) unhurt(e int, top *metricFact, strength float64) []finding {
	slower, ok := v.slowdown(e)
	if !ok {
		return nil
	}
	var out []finding
	if x, ok := v.ample(e, top, strength); ok {
		out = append(out, x)
		strength += x.strength
	}
	if x, ok := v.harmless(e, top, strength, slower); ok {
		out = append(out, x)
	}
	return out
}

// tooShort reports whether a fact is a pause of the collector that cannot be felt:
// it takes less than a hundredth of what its entity got slower.
func (v *view) tooShort(f *metricFact) bool {
	return f.class == classGC && v.shareOfDelay(f) < 0.01
}

// ample is the negative term for an entity that uses more of a resource and has
// most of it left: by Gregg's USE method it is utilisation that hurts, not use.
// What a reading averages over can hide bursts, and what it is a share of may be
// the whole host, so that half of it stays.
func (v *view) ample(e int, top *metricFact, strength float64) (finding, bool) {
	level, at := 0.0, (*metricFact)(nil)
	for _, i := range v.byEnt[e] {
		f := &v.metrics[i]
		if !f.usable || f.node || f.class != top.class {
			continue
		}
		if full := utilisationFull(f); full > 0 && f.peak/full >= level {
			level, at = f.peak/full, f
		}
	}
	if at == nil || level >= lowUse {
		return finding{}, false
	}
	return finding{
		entity: e, fact: top, mechanism: MechanismResource, strength: -strength * min(0.5, 1-level/lowUse), refs: metricRefs([]*metricFact{at}),
		said: fmt.Sprintf("%s uses no more than %s of its %s", v.names[e], shareText(level), top.class),
		why:  fmt.Sprintf("but %s has no more than %s of its %s in use (%s)", v.names[e], shareText(level), top.class, at.m.Name),
	}, true
}

// lowUse is the utilisation below which a resource is taken to be plentiful: at
// half, M/M/1 waits as long as it serves.
const lowUse = 0.5

// harmless is the negative term for an entity that uses more of a resource
// which processes compete for, and is as fast as before: slower is how much its
// own time grew, as a share.
func (v *view) harmless(e int, top *metricFact, strength, slower float64) (finding, bool) {
	switch top.class {
	case classCPU, classThrottle, classThreads, classGC:
	default:
		return finding{}, false
	}
	if slower >= harmfulSlowdown {
		return finding{}, false
	}
	return finding{
		entity: e, fact: top, mechanism: MechanismResource, strength: -0.6 * strength * (1 - slower/harmfulSlowdown),
		said: fmt.Sprintf("%s is about as fast as before", v.names[e]),
		why:  asFast(v.names[e], slower),
	}, true
}

// asFast words how little longer an entity takes, as a share of before.
func asFast(name string, slower float64) string {
	if slower < 0.005 {
		return fmt.Sprintf("the spans of %s, and the calls into it, take no longer than before", name)
	}
	return fmt.Sprintf("the spans of %s, and the calls into it, take at most %.0f %% longer than before", name, 100*slower)
}

// growth discounts changes that are clear but small: a heap that always stays
// within one per cent is not in trouble when it grows by five. A quarter more
// than before earns half.
func (f *metricFact) growth() float64 {
	if f.median == 0 {
		return 1
	}
	return stat.Squash(math.Abs(f.excess()/f.median), 0.25)
}

// harmfulSlowdown is the growth of an entity's own time from which its use of a
// resource is believed to hurt.
const harmfulSlowdown = 0.25

// slowdown is the growth of an entity's own time and of the gaps of calls into
// it, as a share of what they took before; ok is false without spans on both
// sides.
func (v *view) slowdown(e int) (share float64, ok bool) {
	before, added := 0.0, 0.0
	add := func(sides [2][]float64) {
		if c, measured := contrastOf(sides); measured {
			n := float64(c.n[1])
			before += n * max(c.base, durationFloor)
			added += n * c.excess
			ok = true
		}
	}
	for i := range v.traces.ops {
		if v.traces.ops[i].entity == e {
			add(v.traces.ops[i].self)
		}
	}
	for i := range v.traces.edges {
		if v.traces.edges[i].callee == e {
			add(v.traces.edges[i].gap)
		}
	}
	if before == 0 {
		return 0, false
	}
	return added / before, ok
}

// dueToTraffic is how much of a rise in use the entity's own rise in traffic
// accounts for, 0 to 1.
func (v *view) dueToTraffic(f *metricFact) float64 {
	if f.median <= 0 || f.peak <= f.median {
		return 0
	}
	best := 0.0
	for _, i := range v.byEnt[f.entity] {
		t := &v.metrics[i]
		if t.class == classTraffic && !t.client && t.usable && t.median > 0 && t.up > noiseZ {
			best = max(best, (t.peak/t.median-1)/(f.peak/f.median-1))
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

// badness is the deviation in the direction that hurts. Of resources, using
// less than normal is mostly somebody else's doing, so that a fall counts half.
func (f *metricFact) badness() float64 {
	if f.class.internal() {
		return max(f.up, f.down/2)
	}
	return f.bad()
}

// worst are the usable facts of an entity that pass the filter and deviate
// beyond noise, worst first.
func (v *view) worst(e int, keep func(*metricFact) bool) []*metricFact {
	var facts []*metricFact
	for _, i := range v.byEnt[e] {
		f := &v.metrics[i]
		if f.usable && keep(f) && f.badness() > noiseZ {
			facts = append(facts, f)
		}
	}
	slices.SortFunc(facts, func(a, b *metricFact) int {
		return cmp.Or(cmp.Compare(b.felt(), a.felt()), cmp.Compare(a.m.Name, b.m.Name), cmp.Compare(labelKey(a.m.Labels), labelKey(b.m.Labels)))
	})
	return facts
}

func metricRefs(facts []*metricFact) []evidence.Ref {
	var refs []evidence.Ref
	for _, f := range facts[:min(len(facts), maxRefs)] {
		refs = append(refs, seriesRef(f))
	}
	return refs
}

func seriesRef(f *metricFact) evidence.Ref {
	id := f.m.Name
	if k := labelKey(f.m.Labels); k != "" {
		id += "{" + k + "}"
	}
	return evidence.Ref{Kind: evidence.RefSeries, ID: id, Service: f.m.Entity, Time: f.at,
		Text: fmt.Sprintf("%s before, %s during", quantity(f.median, f.m.Unit), quantity(f.peak, f.m.Unit))}
}

func chartOf(f *metricFact) *Chart {
	samples := make([]evidence.Sample, 0, len(f.m.Baseline)+len(f.m.Incident))
	samples = append(append(samples, f.m.Baseline...), f.m.Incident...)
	return &Chart{Name: f.m.Name, Unit: f.m.Unit, Samples: samples}
}

// quantity renders a measured value with its unit, as people read it.
func quantity(x float64, unit string) string { return inUnit(x, unit) }
