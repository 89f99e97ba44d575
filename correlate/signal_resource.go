package correlate

import (
	"cmp"
	"fmt"
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
		facts := v.worst(e, func(f *metricFact) bool { return f.class.internal() && !f.node })
		if len(facts) == 0 {
			continue
		}
		top := facts[0]
		slices.SortStableFunc(facts, func(a, b *metricFact) int { return cmp.Compare(b2i(b.class == top.class), b2i(a.class == top.class)) })
		f := finding{
			entity: e, mechanism: MechanismResource, strength: stat.Squash(top.badness()-noiseZ, halfZ) * (1 - v.dueToTraffic(top)),
			why: fmt.Sprintf("%s of %s (%s) went from %s to %s, %.0f times its normal spread",
				top.class, v.names[e], top.m.Name, quantity(top.median, top.m.Unit), quantity(top.peak, top.m.Unit), top.badness()),
			refs: metricRefs(facts), chart: chartOf(top),
		}
		for _, x := range facts[:min(len(facts), maxRefs)] {
			f.loci = append(f.loci, Locus{Kind: LocusMetric, Name: x.m.Name, Text: labelKey(x.m.Labels)})
		}
		out = append(out, f)
	}
	return out
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
		return cmp.Or(cmp.Compare(b.badness(), a.badness()), cmp.Compare(a.m.Name, b.m.Name), cmp.Compare(labelKey(a.m.Labels), labelKey(b.m.Labels)))
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

// quantity renders a measured value with its unit.
func quantity(x float64, unit string) string {
	s := fmt.Sprintf("%.4g", x)
	if unit == "" {
		return s
	}
	return s + " " + unit
}
