package correlate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// grayRelease contrasts two versions of a service that run side by side, at the
// same time and under the same load: what one does and the other does not is
// its code's doing, whatever else goes on. It is the strongest evidence for or
// against a deployment that there is.
func grayRelease(v *view) []finding {
	var out []finding
	for e := range v.names {
		if f, ok := v.versionsByMetric(e); ok {
			out = append(out, f)
		}
		if f, ok := v.versionsBySpans(e); ok {
			out = append(out, f)
		}
	}
	return out
}

// versionLabels are the labels that tell two versions of one service apart.
var versionLabels = []string{"version", "service_version", "service.version", "app_kubernetes_io_version", "vcs_ref_head_revision", "track", "revision"}

func versionOf(labels map[string]string) string {
	for _, k := range versionLabels {
		if x := labels[k]; x != "" {
			return x
		}
	}
	return ""
}

// versionsByMetric compares the series of the same measure under two versions.
func (v *view) versionsByMetric(e int) (finding, bool) {
	groups := map[string][]*metricFact{}
	for _, i := range v.byEnt[e] {
		f := &v.metrics[i]
		if versionOf(f.m.Labels) != "" && len(f.m.Incident) > 0 && f.class != classTraffic && f.class != classLimit {
			groups[f.m.Name+"\x00"+f.m.Stat+"\x00"+withoutVersion(f.m.Labels)] = append(groups[f.m.Name+"\x00"+f.m.Stat+"\x00"+withoutVersion(f.m.Labels)], f)
		}
	}
	keys := make([]string, 0, len(groups))
	for k := range groups {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	best, n := finding{strength: -1}, 0
	for _, k := range keys {
		if f, ok := v.contrastVersions(e, groups[k]); ok {
			n++
			if f.strength > best.strength {
				best = f
			}
		}
	}
	return best, n > 0
}

func withoutVersion(labels map[string]string) string {
	kept := map[string]string{}
	for k, x := range labels {
		if !slices.Contains(versionLabels, k) && k != "pod" && k != "instance" && k != "pod_name" && k != "k8s_pod_name" {
			kept[k] = x
		}
	}
	return labelKey(kept)
}

// contrastVersions compares the new version's incident with the old one's: the
// new one is the one that has fewer samples before the onset, or the one that
// the last deployment named.
func (v *view) contrastVersions(e int, facts []*metricFact) (finding, bool) {
	newest := v.newVersion(e, facts)
	var ran [2]period
	for _, f := range facts {
		for _, s := range f.m.Incident {
			ran[sideOf(versionOf(f.m.Labels) != newest)].add(s.Time)
		}
	}
	both := ran[0].and(ran[1])
	var now, old []float64
	var before int
	var top *metricFact
	for _, f := range facts {
		if versionOf(f.m.Labels) == newest {
			now = append(now, valuesIn(f.m.Incident, both)...)
			top = f
		} else {
			old = append(old, valuesIn(f.m.Incident, both)...)
			before++
		}
	}
	if before == 0 || top == nil || len(now) < 2 || len(old) < 2 {
		return finding{}, false
	}
	d := differenceOf(now, old, top)
	f := finding{
		entity: e, mechanism: mechanismOf(top.class), loci: []Locus{{Kind: LocusMetric, Name: top.m.Name, Text: labelKey(top.m.Labels)}}, refs: metricRefs([]*metricFact{top}),
		seen: len(now), total: len(now) + len(old),
	}
	if f.strength = d.strength(top.class); f.strength > 0 {
		f.why = fmt.Sprintf("at the same time and under the same load, %s of %s is %s with %s and %s without", top.m.Name, v.names[e], quantity(d.now, top.m.Unit), newest, quantity(d.old, top.m.Unit))
	} else {
		f.mechanism, f.strength = "", -0.2
		f.why = fmt.Sprintf("at the same time and under the same load, %s does no worse with %s than without", v.names[e], newest)
	}
	return f, true
}

// difference is how two versions differ in one measure.
type difference struct {
	old, now float64 // medians
	// certainty is the shift in standard errors of a difference of two medians,
	// from robust scales of the old version's values, positive in the direction
	// that hurts.
	certainty float64
}

// leastErrorShare is the least spread of a share of failing calls between two
// versions: a canary's few calls make one failure a per cent.
const leastErrorShare = 0.01

func differenceOf(now, old []float64, f *metricFact) difference {
	d := difference{old: stat.Median(old), now: stat.Median(now)}
	highest := stat.Quantile(slices.Concat(now, old), 1)
	least, sign := 1e-9, 1.0
	switch full := ceilingBelow(f.class, highest); {
	case full > 0:
		now, old, least = lacking(slices.Clone(now), full), lacking(slices.Clone(old), full), full*leastErrorShare
	case f.class == classSuccess:
		sign = -1 // a count of successes hurts when it falls
	case f.class == classError && highest <= 1:
		least = leastErrorShare
	}
	a, b := stat.NewBaseline(old), stat.Median(now)
	z := sign * (b - a.Median) / max(a.IQR/1.35, floorOf(f.class)*math.Abs(a.Median), 0.02*math.Abs(b), least)
	// The median's standard error is 1.25 times the mean's for normal noise.
	d.certainty = z / (1.25 * math.Sqrt(1/float64(len(now))+1/float64(len(old))))
	return d
}

// strength is how much a difference speaks for the new version's being at
// fault, 0 to 1: it must be certain, since many measures are compared, and
// large, since two versions always differ a little. A quarter more than before
// earns half, as anywhere.
func (d difference) strength(c metricClass) float64 {
	z := d.certainty
	if c == classOther || c == classNetwork {
		z = math.Abs(z) / 2 // the name does not tell which way hurts
	}
	if z <= noiseZ {
		return 0
	}
	s := stat.Squash(z-noiseZ, halfZ/2)
	if d.old != 0 && c != classError && c != classSuccess {
		s *= stat.Squash(math.Abs(d.now/d.old-1), 0.25)
	}
	return s
}

// mechanismOf is the mechanism that a deviating class of measures speaks for.
func mechanismOf(c metricClass) Mechanism {
	switch {
	case c.internal():
		return MechanismResource
	case c == classError || c == classSuccess:
		return MechanismError
	case c == classLatency:
		return MechanismLatency
	case c == classSaturation:
		return MechanismSaturation
	}
	return MechanismBehaviour
}

// newVersion is the version that came last: as the newest deployment before the
// alert says, else the one with the fewest samples before the onset.
func (v *view) newVersion(e int, facts []*metricFact) string {
	known := map[string]int{}
	for _, f := range facts {
		known[versionOf(f.m.Labels)] += len(f.m.Baseline)
	}
	for i := len(v.c.Deployments) - 1; i >= 0; i-- {
		d := &v.c.Deployments[i]
		if d.Service == v.names[e] {
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

// period is the time in which something was seen.
type period struct{ from, to time.Time }

func (s *period) add(t time.Time) {
	if s.from.IsZero() || t.Before(s.from) {
		s.from = t
	}
	if t.After(s.to) {
		s.to = t
	}
}

// and is the time that two have in common, empty when it ends before it begins.
func (s period) and(o period) period {
	if o.from.After(s.from) {
		s.from = o.from
	}
	if o.to.Before(s.to) {
		s.to = o.to
	}
	return s
}

func (s period) contains(t time.Time) bool { return !t.Before(s.from) && !t.After(s.to) }

// valuesIn are the values measured in a time.
func valuesIn(samples []evidence.Sample, in period) []float64 {
	var out []float64
	for _, s := range samples {
		if in.contains(s.Time) {
			out = append(out, s.Value)
		}
	}
	return out
}
