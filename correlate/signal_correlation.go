package correlate

import (
	"fmt"
	"math"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// correlationWithAlert compares how series moved with how the alerting series
// did (PetShop's best baseline). It is one term among others: everything that
// breaks at once correlates.
func correlationWithAlert(v *view) []finding {
	target := v.target
	if target == nil {
		return nil
	}
	ref := alignedSamples(target)
	var out []finding
	for e := range v.names {
		best, at := 0.0, -1
		for _, i := range v.byEnt[e] {
			f := &v.metrics[i]
			if !f.usable || f.badness() <= noiseZ || f.class == classLimit || e == target.entity && f.class == target.class {
				continue // what is alerted on goes with itself
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
				entity: e, strength: strength, fact: f, refs: metricRefs([]*metricFact{f}),
				said: fmt.Sprintf("%s of %s moves with the alert", spoken(f.m.Name), v.names[e]),
				why:  fmt.Sprintf("%s of %s moves with the alerting series (correlation %.2f)", f.m.Name, v.names[e], best),
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
	return pearson(xs, ys)
}

// pearson is the correlation of two samples of equal length; 0 where one does
// not vary.
func pearson(xs, ys []float64) float64 {
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
