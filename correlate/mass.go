package correlate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// family is the same measure taken of several entities, as the latency of every
// service, so that its values may be compared and added.
type family struct {
	name  string
	facts []*metricFact // by entity, at most one each: the worst
}

// families groups the usable facts of a class by measure, in order of name.
func (v *view) families(keep func(*metricFact) bool) []family {
	index := map[string]int{}
	var out []family
	for i := range v.metrics {
		f := &v.metrics[i]
		if !f.usable || !keep(f) || v.restated(f) {
			continue
		}
		key := f.m.Name + "\x00" + f.m.Stat + "\x00" + measureLabels(f.m.Labels)
		j, ok := index[key]
		if !ok {
			j = len(out)
			index[key] = j
			out = append(out, family{name: key})
		}
		fam := &out[j]
		if n := len(fam.facts); n > 0 && fam.facts[n-1].entity == f.entity {
			if f.felt() > fam.facts[n-1].felt() {
				fam.facts[n-1] = f
			}
			continue
		}
		fam.facts = append(fam.facts, f)
	}
	slices.SortFunc(out, func(a, b family) int { return cmp.Compare(a.name, b.name) })
	return out
}

// restated reports whether a fact is an alert's own expression of an entity
// whose series of the same class were read as well: it says nothing that they
// do not, and stands in no family whose other members could explain it.
func (v *view) restated(f *metricFact) bool {
	return f.m.Stat == statExpr && slices.ContainsFunc(v.byEnt[f.entity], func(i int) bool {
		o := &v.metrics[i]
		return o.usable && o.class == f.class && o.m.Stat != statExpr
	})
}

// measureLabels are the labels that say what is measured, not of whom.
func measureLabels(labels map[string]string) string {
	kept := map[string]string{}
	for k, x := range labels {
		switch strings.ToLower(k) {
		case "statistic", "stat", "agg", "aggregation", "quantile", "metric", "unit", "direction":
			kept[k] = x
		}
	}
	return labelKey(kept)
}

// traffic is how much an entity handles, from its busiest series of requests;
// 0 when nothing tells.
func (v *view) traffic(e int) float64 {
	best := 0.0
	for _, i := range v.byEnt[e] {
		f := &v.metrics[i]
		if f.class == classTraffic && f.usable && !f.client {
			best = max(best, mean(values(f.m.Incident)))
		}
	}
	return best
}

// propagated scores a family of a measure that travels from callee to caller.
//
// What an entity contributes to a slow or failing caller is bounded by its mass:
// the excess per request times its requests. An entity is the cause as far as
// its mass suffices for what the alerting entity shows, and as far as its
// callees' masses do not already explain its own (the walk of MicroHECL and
// PetShop's traversal baseline, in quantities instead of thresholds). Findings
// are about the facts that pass the filter; the others count as context.
func (v *view) propagated(fam family, mech Mechanism, what string, about func(*metricFact) bool) []finding {
	masses := v.masses(fam)
	reference := 0.0
	for _, f := range fam.facts {
		if v.alerting[f.entity] {
			reference = max(reference, masses[f.entity])
		}
	}
	if reference == 0 {
		for _, f := range fam.facts {
			reference = max(reference, masses[f.entity])
		}
	}
	var out []finding
	for _, f := range fam.facts {
		own := masses[f.entity]
		if own == 0 || !about(f) {
			continue
		}
		suffices := min(1, own/reference)
		strength := stat.Squash(f.badness()-noiseZ, halfZ) * (0.3 + 0.7*suffices)
		out = append(out, finding{
			entity: f.entity, mechanism: mech, strength: strength,
			said: moved(f, v.names[f.entity]),
			why: fmt.Sprintf("%s of %s (%s) went from %s to %s, %.0f times its normal spread, which is enough for %.0f %% of what the alerting side shows",
				what, v.names[f.entity], f.m.Name, quantity(f.median, f.m.Unit), quantity(f.peak, f.m.Unit), f.badness(), 100*suffices),
			refs: metricRefs([]*metricFact{f}), chart: chartOf(f), query: queryOf(f.m), fact: f,
			loci: []Locus{{Kind: LocusMetric, Name: f.m.Name, Text: labelKey(f.m.Labels)}},
		})
		if x, ok := v.explainedByCallees(f, masses, strength, mech, what); ok {
			out = append(out, x)
		}
	}
	return out
}

// measureWords are the words of a metric's name without those that name a
// quantile or a statistic.
func measureWords(name string) []string {
	return slices.DeleteFunc(nameWords(name), func(w string) bool {
		switch w = strings.TrimPrefix(w, "p"); w {
		case "average", "avg", "mean", "median", "max", "min", "sum", "quantile":
			return true
		}
		return w != "" && strings.Trim(w, "0123456789") == ""
	})
}

// masses are the excesses times requests of a family, 0 for an entity within
// its noise. Requests count only when all deviating members have them.
func (v *view) masses(fam family) map[int]float64 {
	counted := true
	for _, f := range fam.facts {
		if f.badness() > noiseZ && v.traffic(f.entity) == 0 {
			counted = false
		}
	}
	m := map[int]float64{}
	for _, f := range fam.facts {
		if f.badness() <= noiseZ {
			continue
		}
		m[f.entity] = max(f.peak-f.median, f.median-f.peak) * f.kept()
		if counted {
			m[f.entity] *= v.traffic(f.entity)
		}
	}
	return m
}

// explainedByCallees is the negative term for an entity whose callees show the
// same trouble in sufficient quantity.
func (v *view) explainedByCallees(f *metricFact, masses map[int]float64, strength float64, mech Mechanism, what string) (finding, bool) {
	sum, top := 0.0, -1
	for _, c := range v.callees[f.entity] {
		if masses[c] == 0 || slices.Contains(v.callees[c], f.entity) {
			continue
		}
		sum += masses[c]
		if top < 0 || masses[c] > masses[top] {
			top = c
		}
	}
	share := min(1, sum/masses[f.entity])
	if top < 0 || share < 0.05 {
		return finding{}, false
	}
	return finding{
		entity: f.entity, mechanism: mech, strength: -strength * share, fact: f,
		why: fmt.Sprintf("%.0f %% of it is explained by what it calls, most by %s, whose %s is up too", 100*share, v.names[top], what),
	}, true
}

// strongestFamily scores all families and keeps for each entity the one that
// speaks loudest after what explains it away, so that five quantiles of one
// histogram do not count five times.
func (v *view) strongestFamily(fams []family, mech Mechanism, what string, about func(*metricFact) bool) []finding {
	type group struct {
		found []finding
		sum   float64
	}
	best := make([]group, len(v.names))
	for _, fam := range fams {
		per := map[int]group{}
		for _, f := range v.propagated(fam, mech, what, about) {
			g := per[f.entity]
			g.found = append(g.found, f)
			g.sum += f.strength * f.fact.kept()
			per[f.entity] = g
		}
		for e, g := range per {
			if best[e].found == nil || g.sum > best[e].sum {
				best[e] = g
			}
		}
	}
	var out []finding
	for _, g := range best {
		out = append(out, g.found...)
	}
	return out
}

// findTarget is the alerting series that moved most, nil when none is known.
func (v *view) findTarget() *metricFact {
	var best *metricFact
	for i := range v.metrics {
		if f := &v.metrics[i]; f.m.Alerting && f.usable && (best == nil || f.badness() > best.badness()) {
			best = f
		}
	}
	return best
}
