package signal

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// grayRelease contrasts two versions of a service that run side by side, at the
// same time and under the same load: what one does and the other does not is
// its code's doing, whatever else goes on. It is the strongest evidence for or
// against a deployment that there is.
func grayRelease(v *view.View) []Finding {
	var out []Finding
	for e := range v.Names {
		if f, ok := versionsByMetric(v, e); ok {
			out = append(out, f)
		}
		if f, ok := VersionsBySpans(v, e); ok {
			out = append(out, f)
		}
	}
	return out
}

// versionsByMetric compares the series of the same measure under two versions.
func versionsByMetric(v *view.View, e int) (Finding, bool) {
	groups := map[string][]*view.Metric{}
	for _, i := range v.ByEnt[e] {
		f := &v.Metrics[i]
		if metric.VersionOf(f.Series.Labels) != "" && len(f.Series.Incident) > 0 && f.Class != metric.ClassTraffic && f.Class != metric.ClassLimit {
			groups[f.Series.Name+"\x00"+f.Series.Stat+"\x00"+withoutVersion(f.Series.Labels)] = append(groups[f.Series.Name+"\x00"+f.Series.Stat+"\x00"+withoutVersion(f.Series.Labels)], f)
		}
	}
	keys := make([]string, 0, len(groups))
	for k := range groups {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	best, n := Finding{Strength: -1}, 0
	for _, k := range keys {
		if f, ok := contrastVersions(v, e, groups[k]); ok {
			n++
			if f.Strength > best.Strength {
				best = f
			}
		}
	}
	return best, n > 0
}

func withoutVersion(labels map[string]string) string {
	kept := map[string]string{}
	for k, x := range labels {
		if !slices.Contains(metric.VersionLabels, k) && k != "pod" && k != "instance" && k != "pod_name" && k != "k8s_pod_name" {
			kept[k] = x
		}
	}
	return view.LabelKey(kept)
}

// contrastVersions compares the new version's incident with the old one's: the
// new one is the one that has fewer samples before the onset, or the one that
// the last deployment named.
func contrastVersions(v *view.View, e int, facts []*view.Metric) (Finding, bool) {
	newest := newVersion(v, e, facts)
	var ran [2]view.Period
	for _, f := range facts {
		for _, s := range f.Series.Incident {
			ran[view.SideOf(metric.VersionOf(f.Series.Labels) != newest)].Add(s.Time)
		}
	}
	both := ran[0].And(ran[1])
	var now, old []float64
	var before int
	var top *view.Metric
	for _, f := range facts {
		if metric.VersionOf(f.Series.Labels) == newest {
			now = append(now, view.ValuesIn(f.Series.Incident, both)...)
			top = f
		} else {
			old = append(old, view.ValuesIn(f.Series.Incident, both)...)
			before++
		}
	}
	if before == 0 || top == nil || min(len(now), len(old)) < v.By.View.Measure.Baseline {
		return Finding{}, false
	}
	d := view.DifferenceOf(now, old, top.Class, v.By)
	f := Finding{
		Entity: e, Mechanism: mechanismOf(top.Class), Loci: []report.Locus{{Kind: report.LocusMetric, Name: top.Series.Name, Text: view.LabelKey(top.Series.Labels)}}, Refs: view.MetricRefs([]*view.Metric{top}), Over: facts,
		Seen: len(now), Total: len(now) + len(old), Counts: "measurements are of the new version",
	}
	if f.Strength = d.Strength(top.Class, v.By); f.Strength > 0 {
		f.Said = fmt.Sprintf("%s of %s is %s with %s and %s without", wording.Spoken(top.Series.Name), v.Names[e], wording.Quantity(d.Now, top.Series.Unit), evidence.ShortRevision(newest), wording.Quantity(d.Old, top.Series.Unit))
		f.Why = fmt.Sprintf("at the same time and under the same load, %s of %s is %s with %s and %s without", top.Series.Name, v.Names[e], wording.Quantity(d.Now, top.Series.Unit), newest, wording.Quantity(d.Old, top.Series.Unit))
	} else {
		f.Mechanism, f.Strength = "", -v.By.View.Versions.Acquits
		f.Why = fmt.Sprintf("at the same time and under the same load, %s does no worse with %s than without", v.Names[e], newest)
	}
	return f, true
}

// mechanismOf is the mechanism that a deviating class of measures speaks for.
func mechanismOf(c metric.Class) report.Mechanism {
	switch {
	case c.Internal():
		return report.MechanismResource
	case c == metric.ClassError || c == metric.ClassSuccess:
		return report.MechanismError
	case c == metric.ClassLatency:
		return report.MechanismLatency
	case c == metric.ClassSaturation:
		return report.MechanismSaturation
	}
	return report.MechanismBehaviour
}

// newVersion is the version that came last: as the newest deployment before the
// alert says, else the one with the fewest samples before the onset.
func newVersion(v *view.View, e int, facts []*view.Metric) string {
	known := map[string]int{}
	for _, f := range facts {
		known[metric.VersionOf(f.Series.Labels)] += len(f.Series.Baseline)
	}
	for i := len(v.Evidence.Deployments) - 1; i >= 0; i-- {
		d := &v.Evidence.Deployments[i]
		if d.Service == v.Names[e] {
			if _, ok := known[d.To]; ok {
				return d.To
			}
		}
	}
	versions := make([]string, 0, len(known))
	for x := range known {
		versions = append(versions, x)
	}
	slices.SortFunc(versions, func(a, b string) int { return cmp.Or(cmp.Compare(known[a], known[b]), cmp.Compare(b, a)) })
	return versions[0]
}
