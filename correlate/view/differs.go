package view

import (
	"math"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// Difference is how two versions differ in one measure.
type Difference struct {
	Old, Now float64 // medians
	// certainty is the shift in standard errors of a difference of two medians,
	// from robust scales of the old version's values, positive in the direction
	// that hurts.
	certainty float64
}

// DifferenceOf compares the values of a measure under the new version and the old.
func DifferenceOf(now, old []float64, c metric.Class, by *weights.Set) Difference {
	share := by.View.Versions.ErrorShare
	d := Difference{Old: stat.Median(old), Now: stat.Median(now)}
	highest := stat.Quantile(slices.Concat(now, old), 1)
	least, sign := 1e-9, 1.0
	switch full := metric.CeilingBelow(c, highest); {
	case full > 0:
		now, old, least = Lacking(slices.Clone(now), full), Lacking(slices.Clone(old), full), full*share
	case c == metric.ClassSuccess:
		sign = -1 // a count of successes hurts when it falls
	case c == metric.ClassError && highest <= 1:
		least = share
	}
	a, b := stat.NewBaseline(old, 0), stat.Median(now)
	z := sign * (b - a.Median) / max(a.IQR/1.35, FloorOf(c, by)*math.Abs(a.Median), by.View.Versions.Spread*math.Abs(b), least)
	// The median's standard error is 1.25 times the mean's for normal noise.
	d.certainty = z / (1.25 * math.Sqrt(1/float64(len(now))+1/float64(len(old))))
	return d
}

// Strength is how much a difference speaks for the new version's being at
// fault, 0 to 1: it must be certain, since many measures are compared, and
// large, since two versions always differ a little.
func (d Difference) Strength(c metric.Class, by *weights.Set) float64 {
	z := d.certainty
	if c == metric.ClassOther || c == metric.ClassNetwork {
		z = by.View.Versions.Unclear * math.Abs(z) // the name does not tell which way hurts
	}
	if z <= by.Scale.Noise {
		return 0
	}
	s := stat.Squash(z-by.Scale.Noise, by.Scale.HalfClear)
	if d.Old != 0 && c != metric.ClassError && c != metric.ClassSuccess {
		s *= stat.Squash(math.Abs(d.Now/d.Old-1), by.Scale.Growth)
	}
	return s
}

// Period is the time in which something was seen.
type Period struct{ From, To time.Time }

// Add widens it to hold an instant.
func (s *Period) Add(t time.Time) {
	if s.From.IsZero() || t.Before(s.From) {
		s.From = t
	}
	if t.After(s.To) {
		s.To = t
	}
}

// And is the time that two have in common, empty when it ends before it begins.
func (s Period) And(o Period) Period {
	if o.From.After(s.From) {
		s.From = o.From
	}
	if o.To.Before(s.To) {
		s.To = o.To
	}
	return s
}

// Contains reports whether an instant lies in it, both ends included.
func (s Period) Contains(t time.Time) bool { return !t.Before(s.From) && !t.After(s.To) }

// ValuesIn are the values measured in a time.
func ValuesIn(samples []evidence.Sample, in Period) []float64 {
	var out []float64
	for _, s := range samples {
		if in.Contains(s.Time) {
			out = append(out, s.Value)
		}
	}
	return out
}
