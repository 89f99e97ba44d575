package signal

import (
	"fmt"
	"math"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// correlationWithAlert compares how series moved with how the alerting series
// did (PetShop's best baseline). It is one term among others: everything that
// breaks at once correlates.
func correlationWithAlert(v *view.View) []Finding {
	target := v.Target
	if target == nil {
		return nil
	}
	by := &v.By.Signal.Correlation
	ref := alignedSamples(target, by)
	var out []Finding
	for e := range v.Names {
		best, at := 0.0, -1
		for _, i := range v.ByEnt[e] {
			f := &v.Metrics[i]
			if !f.Usable || f.HarmfulDeviation() <= v.By.Scale.Noise || f.Class == metric.ClassLimit || e == target.Entity && f.Class == target.Class {
				continue // what is alerted on goes with itself
			}
			if r := math.Abs(correlation(ref, f, by)); r > best {
				best, at = r, i
			}
		}
		if at >= 0 && best > by.Least {
			f := &v.Metrics[at]
			strength := (best - by.Least) / (1 - by.Least)
			if isTraced(v, e) {
				strength *= by.Traced // its traces say how it is tied to the alert
			}
			out = append(out, Finding{
				Entity: e, Strength: strength, Fact: f, Over: []*view.Metric{target}, Refs: view.MetricRefs([]*view.Metric{f}),
				Said: fmt.Sprintf("the alert and %s of %s rise and fall together", gathered.Spoken(f.Series), v.Names[e]),
				Why:  fmt.Sprintf("%s of %s and the alerting series rise and fall together (correlation %.2f)", f.Series.Name, v.Names[e], best),
			})
		}
	}
	return out
}

// alignedSamples are the values of a series by instant: the incident and as
// many values before it, so that the shape of the change decides and not the
// length of the quiet time.
func alignedSamples(f *view.Metric, by *weights.Correlation) map[int64]float64 {
	m := map[int64]float64{}
	for _, s := range tail(f.Series.Baseline, max(by.Before, len(f.Series.Incident))) {
		m[s.Time.Unix()] = s.Value
	}
	for _, s := range f.Series.Incident {
		m[s.Time.Unix()] = s.Value
	}
	return m
}

func tail(s []evidence.Sample, n int) []evidence.Sample { return s[max(0, len(s)-n):] }

// correlation is Pearson's coefficient of a series with the reference over the
// instants that both have; 0 for too few.
func correlation(ref map[int64]float64, f *view.Metric, by *weights.Correlation) float64 {
	var xs, ys []float64
	for _, part := range [][]evidence.Sample{tail(f.Series.Baseline, max(by.Before, len(f.Series.Incident))), f.Series.Incident} {
		for _, s := range part {
			if y, ok := ref[s.Time.Unix()]; ok {
				xs, ys = append(xs, s.Value), append(ys, y)
			}
		}
	}
	if len(xs) < by.Samples {
		return 0
	}
	return stat.Pearson(xs, ys)
}
