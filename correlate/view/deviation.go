package view

import (
	"fmt"
	"math"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// Growth discounts changes that are clear but small.
func (f *Metric) Growth() float64 {
	if f.Median == 0 {
		return 1
	}
	return stat.Squash(math.Abs(f.Excess()/f.Median), f.by.Scale.Growth)
}

// HarmfulDeviation is the deviation in the direction that hurts. Of resources, using
// less than normal is mostly somebody else's doing, so that a fall counts less;
// what is held, as memory, is never short for being held less.
func (f *Metric) HarmfulDeviation() float64 {
	switch f.Class {
	case metric.ClassMemory, metric.ClassGC, metric.ClassThreads, metric.ClassSockets:
		if f.Z < 0 {
			return 0
		}
	}
	if f.Class.Internal() {
		return max(f.Up, f.by.View.Measure.Fall*f.down)
	}
	return f.bad()
}

// Hurts reports whether a measure departs from its normal range by more than
// noise in the direction that hurts.
func (f *Metric) Hurts() bool { return f.HarmfulDeviation() > f.by.Scale.Noise }

// Movement is how surely a measure left its normal range, whichever way it went,
// from 0 within noise towards 1, less what its discounts take back. It is for
// whoever asks whether it moved and knows by other means what that tells; how much
// it moved in the way that hurts says [Metric.Clarity].
func (f *Metric) Movement() float64 {
	return f.beyondNoise(math.Abs(f.Z), f.by.Scale.HalfClear) * f.Kept()
}

// Clarity is how clearly a measure left its normal range in the direction that
// hurts, from 0 within noise towards 1, discounts not taken off.
func (f *Metric) Clarity() float64 { return f.beyondNoise(f.HarmfulDeviation(), f.by.Scale.Half) }

func (f *Metric) beyondNoise(deviation, half float64) float64 {
	if !f.Usable {
		return 0
	}
	return stat.Squash(max(0, deviation-f.by.Scale.Noise), half)
}

func MetricRefs(facts []*Metric) []evidence.Ref {
	var refs []evidence.Ref
	for _, f := range facts[:min(len(facts), MaxRefs)] {
		refs = append(refs, seriesRef(f))
	}
	return refs
}

func seriesRef(f *Metric) evidence.Ref {
	id := f.Series.Name
	if k := LabelKey(f.Series.Labels); k != "" {
		id += "{" + k + "}"
	}
	return evidence.Ref{Kind: evidence.RefSeries, ID: id, Service: f.Series.Entity, Time: f.at, By: gathered.CallOf(f.Series),
		Text: fmt.Sprintf("%s before, %s during", wording.Quantity(f.Median, f.Series.Unit), wording.Quantity(f.Peak, f.Series.Unit))}
}

func ChartOf(f *Metric) *report.Chart {
	samples := make([]evidence.Sample, 0, len(f.Series.Baseline)+len(f.Series.Incident))
	samples = append(append(samples, f.Series.Baseline...), f.Series.Incident...)
	return &report.Chart{Name: f.Series.Name, Unit: f.Series.Unit, Samples: samples}
}

// MaxRefs is how many references a term carries of one kind.
const MaxRefs = 3
