package correlate

import (
	"fmt"
	"math"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// alertNamed gives the entity that the alert names a little: alerts stand where
// the symptom is, which is as often a victim as the culprit.
func alertNamed(v *view) []finding {
	var out []finding
	for e := range v.names {
		if v.alerting[e] {
			out = append(out, finding{entity: e, strength: 1, why: "the alert names " + v.names[e]})
		}
	}
	return out
}

// topologyPath speaks against entities that the alerting one does not depend
// on, where the calls are known: what is not called cannot fail the caller.
func topologyPath(v *view) []finding {
	if !v.linked || len(v.alerting) == 0 {
		return nil
	}
	onPath := 0
	for _, d := range v.distance {
		if d > 0 {
			onPath++
		}
	}
	if onPath == 0 {
		return nil
	}
	var out []finding
	for e := range v.names {
		if v.distance[e] < 0 && v.kinds[e] != evidence.KindWorkload {
			out = append(out, finding{entity: e, strength: -1, why: fmt.Sprintf("nothing that alerts is known to call %s", v.names[e])})
		}
	}
	return out
}

// correlationWithAlert compares how series moved with how the alerting series
// did (PetShop's best baseline). It is one term among others: everything that
// breaks at once correlates.
func correlationWithAlert(v *view) []finding {
	target := v.target()
	if target == nil {
		return nil
	}
	ref := alignedSamples(target)
	var out []finding
	for e := range v.names {
		best, at := 0.0, -1
		for _, i := range v.byEnt[e] {
			f := &v.metrics[i]
			if f == target || !f.usable || f.badness() <= noiseZ || f.class == classLimit {
				continue
			}
			if r := math.Abs(correlation(ref, f)); r > best {
				best, at = r, i
			}
		}
		if at >= 0 && best > 0.5 {
			f := &v.metrics[at]
			strength := 2 * (best - 0.5)
			if v.isTraced(e) {
				strength *= 0.4 // its traces say how it is tied to the alert
			}
			out = append(out, finding{
				entity: e, strength: strength, refs: metricRefs([]*metricFact{f}),
				why: fmt.Sprintf("%s of %s moves with the alerting series (correlation %.2f)", f.m.Name, v.names[e], best),
			})
		}
	}
	return out
}

// alignedSamples are the values of a series by instant: the incident and as
// many values before it, so that the shape of the change decides and not the
// length of the quiet time.
func alignedSamples(f *metricFact) map[int64]float64 {
	m := map[int64]float64{}
	for _, s := range tail(f.m.Baseline, max(3, len(f.m.Incident))) {
		m[s.Time.Unix()] = s.Value
	}
	for _, s := range f.m.Incident {
		m[s.Time.Unix()] = s.Value
	}
	return m
}

func tail(s []evidence.Sample, n int) []evidence.Sample { return s[max(0, len(s)-n):] }

// correlation is Pearson's coefficient of a series with the reference over the
// instants that both have; 0 for fewer than four.
func correlation(ref map[int64]float64, f *metricFact) float64 {
	var xs, ys []float64
	for _, part := range [][]evidence.Sample{tail(f.m.Baseline, max(3, len(f.m.Incident))), f.m.Incident} {
		for _, s := range part {
			if y, ok := ref[s.Time.Unix()]; ok {
				xs, ys = append(xs, s.Value), append(ys, y)
			}
		}
	}
	if len(xs) < 4 {
		return 0
	}
	mx, my := mean(xs), mean(ys)
	var sxy, sxx, syy float64
	for i := range xs {
		sxy += (xs[i] - mx) * (ys[i] - my)
		sxx += (xs[i] - mx) * (xs[i] - mx)
		syy += (ys[i] - my) * (ys[i] - my)
	}
	if sxx == 0 || syy == 0 {
		return 0
	}
	return sxy / math.Sqrt(sxx*syy)
}

// firstInTime gives the entity whose trouble shows first a little, and those
// that follow within a minute less: causes precede effects, but clocks and
// scrape intervals blur the order.
func firstInTime(v *view) []finding {
	first := make([]time.Time, len(v.names))
	note := func(e int, t time.Time) {
		if !t.IsZero() && (first[e].IsZero() || t.Before(first[e])) {
			first[e] = t
		}
	}
	for i := range v.logs.templates {
		if f := &v.logs.templates[i]; f.severity >= evidence.SeverityError && f.count[0] == 0 {
			note(f.entity, f.first)
		}
	}
	for i := range v.traces.nodes {
		if n := &v.traces.nodes[i]; n.failed && n.entity >= 0 && !v.c.Traces[n.trace].Baseline {
			note(n.entity, n.span.Start)
		}
	}
	for i, r := range v.traces.ranges {
		if !r.baseline {
			for _, e := range v.strays(i) {
				note(e, v.traces.nodes[r.from].span.Start)
			}
		}
	}
	var earliest time.Time
	for _, t := range first {
		if !t.IsZero() && (earliest.IsZero() || t.Before(earliest)) {
			earliest = t
		}
	}
	var out []finding
	for e, t := range first {
		if t.IsZero() {
			continue
		}
		late := t.Sub(earliest).Seconds()
		out = append(out, finding{entity: e, strength: 10 / (10 + late), why: fmt.Sprintf("the first failure at %s comes %.0f s after the first anywhere", v.names[e], late)})
	}
	return out
}
