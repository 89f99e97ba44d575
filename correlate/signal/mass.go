package signal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// family is the same measure taken of several entities, as the latency of every
// service, so that its values may be compared and added.
type family struct {
	name  string
	facts []*view.Metric // by entity, at most one each: the worst
}

// families groups the usable facts of a class by measure, in order of name.
func families(v *view.View, keep func(*view.Metric) bool) []family {
	index := map[string]int{}
	var out []family
	for i := range v.Metrics {
		f := &v.Metrics[i]
		if !f.Usable || !keep(f) || restated(v, f) {
			continue
		}
		key := f.Series.Name + "\x00" + f.Series.Stat + "\x00" + measureLabels(f.Series.Labels)
		j, ok := index[key]
		if !ok {
			j = len(out)
			index[key] = j
			out = append(out, family{name: key})
		}
		fam := &out[j]
		if n := len(fam.facts); n > 0 && fam.facts[n-1].Entity == f.Entity {
			if f.DiscountedDeviation() > fam.facts[n-1].DiscountedDeviation() {
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
func restated(v *view.View, f *view.Metric) bool {
	return f.Series.Stat == gathered.StatExpr && slices.ContainsFunc(v.ByEnt[f.Entity], func(i int) bool {
		o := &v.Metrics[i]
		return o.Usable && o.Class == f.Class && o.Series.Stat != gathered.StatExpr
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
	return view.LabelKey(kept)
}

// traffic is how much an entity handles, from its busiest series of requests;
// 0 when nothing tells.
func traffic(v *view.View, e int) float64 {
	best := 0.0
	for _, i := range v.ByEnt[e] {
		f := &v.Metrics[i]
		if f.Class == metric.ClassTraffic && f.Usable && !f.Client {
			best = max(best, stat.Mean(metric.Values(f.Series.Incident)))
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
func propagated(v *view.View, fam family, mech report.Mechanism, what string, about func(*view.Metric) bool) []Finding {
	masses := masses(v, fam)
	reference := 0.0
	for _, f := range fam.facts {
		if v.Alerting[f.Entity] {
			reference = max(reference, masses[f.Entity])
		}
	}
	if reference == 0 {
		for _, f := range fam.facts {
			reference = max(reference, masses[f.Entity])
		}
	}
	var out []Finding
	for _, f := range fam.facts {
		own := masses[f.Entity]
		if own == 0 || !about(f) {
			continue
		}
		suffices := min(1, own/reference)
		strength := f.Clarity() * atLeast(v.By.Signal.Mass.SufficesLeast, suffices)
		out = append(out, Finding{
			Entity: f.Entity, Mechanism: mech, Strength: strength,
			Said: view.Moved(f, v.Names[f.Entity]),
			Why: fmt.Sprintf("%s of %s (%s) went from %s to %s, %.0f times its normal spread, which is enough for %.0f %% of what the alerting side shows",
				what, v.Names[f.Entity], f.Series.Name, wording.Quantity(f.Median, f.Series.Unit), wording.Quantity(f.Peak, f.Series.Unit), f.HarmfulDeviation(), 100*suffices),
			Refs: view.MetricRefs([]*view.Metric{f}), Chart: view.ChartOf(f), Query: gathered.QueryOf(f.Series), Fact: f,
			Loci: []report.Locus{{Kind: report.LocusMetric, Name: f.Series.Name, Text: view.LabelKey(f.Series.Labels)}},
		})
		if x, ok := explainedByCallees(v, fam, f, masses, strength, mech, what); ok {
			out = append(out, x)
		}
	}
	return out
}

// measureWords are the words of a metric's name without those that name a
// quantile or a statistic.
func measureWords(name string) []string {
	return slices.DeleteFunc(metric.NameWords(name), func(w string) bool {
		switch w = strings.TrimPrefix(w, "p"); w {
		case "average", "avg", "mean", "median", "max", "min", "sum", "quantile":
			return true
		}
		return w != "" && strings.Trim(w, "0123456789") == ""
	})
}

// masses are the excesses times requests of a family, 0 for an entity within
// its noise. Requests count only when all deviating members have them.
func masses(v *view.View, fam family) map[int]float64 {
	counted := true
	for _, f := range fam.facts {
		if f.HarmfulDeviation() > v.By.Scale.Noise && traffic(v, f.Entity) == 0 {
			counted = false
		}
	}
	m := map[int]float64{}
	for _, f := range fam.facts {
		if f.HarmfulDeviation() <= v.By.Scale.Noise {
			continue
		}
		m[f.Entity] = max(f.Peak-f.Median, f.Median-f.Peak) * f.Kept()
		if counted {
			m[f.Entity] *= traffic(v, f.Entity)
		}
	}
	return m
}

// explainedByCallees is the negative term for an entity whose callees show the
// same trouble in sufficient quantity.
func explainedByCallees(v *view.View, fam family, f *view.Metric, masses map[int]float64, strength float64, mech report.Mechanism, what string) (Finding, bool) {
	sum, top := 0.0, -1
	for _, c := range v.Callees[f.Entity] {
		if masses[c] == 0 || slices.Contains(v.Callees[c], f.Entity) {
			continue
		}
		sum += masses[c]
		if top < 0 || masses[c] > masses[top] {
			top = c
		}
	}
	share := min(1, sum/masses[f.Entity])
	if top < 0 || share < v.By.Signal.Mass.Explained {
		return Finding{}, false
	}
	return Finding{
		Entity: f.Entity, Mechanism: mech, Strength: -strength * share, Fact: f, Refs: view.MetricRefs(of(fam.facts, top)),
		Why: fmt.Sprintf("%.0f %% of it is explained by what it calls, most by %s, whose %s is up too", 100*share, v.Names[top], what),
	}, true
}

// of are the facts of one entity.
func of(facts []*view.Metric, e int) []*view.Metric {
	return slices.DeleteFunc(slices.Clone(facts), func(f *view.Metric) bool { return f.Entity != e })
}

// strongestFamily scores all families and keeps for each entity the one that
// speaks loudest after what explains it away, so that five quantiles of one
// histogram do not count five times.
func strongestFamily(v *view.View, fams []family, mech report.Mechanism, what string, about func(*view.Metric) bool) []Finding {
	type group struct {
		found []Finding
		sum   float64
	}
	best := make([]group, len(v.Names))
	for _, fam := range fams {
		per := map[int]group{}
		for _, f := range propagated(v, fam, mech, what, about) {
			g := per[f.Entity]
			g.found = append(g.found, f)
			g.sum += f.Strength * f.Fact.Kept()
			per[f.Entity] = g
		}
		for e, g := range per {
			if best[e].found == nil || g.sum > best[e].sum {
				best[e] = g
			}
		}
	}
	var out []Finding
	for _, g := range best {
		out = append(out, g.found...)
	}
	return out
}
