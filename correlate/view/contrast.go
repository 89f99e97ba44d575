package view

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// Contrast compares two samples of durations in milliseconds.
type Contrast struct {
	Excess float64 // added per call, never below 0
	Z      float64 // the same in robust scales of the baseline
	N      [2]int
	Base   float64    // median of the baseline
	Now    float64    // median of the incident
	High   [2]float64 // 90th percentiles of both
}

// ContrastOf measures how much longer the incident's calls take. The excess is
// the mean shift of the quartiles and the 90th percentile, so that a fault
// that hits one call in five still shows while one slow call does not. ok is
// false when either side has too few.
func (v *View) ContrastOf(sides [2][]float64) (c Contrast, ok bool) {
	by := v.By.View.Calls
	c.N = [2]int{len(sides[0]), len(sides[1])}
	if c.N[0] < by.Least || c.N[1] < by.Least {
		return c, false
	}
	b, s := slices.Clone(sides[0]), slices.Clone(sides[1])
	slices.Sort(b)
	slices.Sort(s)
	c.Base, c.Now = stat.QuantileSorted(b, 0.5), stat.QuantileSorted(s, 0.5)
	c.High = [2]float64{stat.QuantileSorted(b, 0.9), stat.QuantileSorted(s, 0.9)}
	sum := 0.0
	levels := []float64{0.25, 0.5, 0.75, 0.9}
	for _, q := range levels {
		sum += stat.QuantileSorted(s, q) - stat.QuantileSorted(b, q)
	}
	c.Excess = max(0, sum/float64(len(levels)))
	spread := max((stat.QuantileSorted(b, 0.75)-stat.QuantileSorted(b, 0.25))/1.35, (stat.QuantileSorted(b, 0.9)-stat.QuantileSorted(b, 0.1))/2.56)
	scale := max(spread, by.Floor*c.Base, v.By.View.Measure.DurationFloor)
	// Small samples overstate: shrink by n/(n+doubt) on both sides.
	trust := float64(c.N[0]) / float64(c.N[0]+by.Doubt) * float64(c.N[1]) / float64(c.N[1]+by.Doubt)
	c.Z = trust * c.Excess / scale
	return c, true
}
