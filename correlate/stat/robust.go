package stat

import (
	"math"
	"slices"
)

// Quantile is the q-quantile of xs, 0 <= q <= 1, by linear interpolation
// between order statistics (Hyndman and Fan's type 7); 0 for no values.
func Quantile(xs []float64, q float64) float64 {
	if len(xs) == 0 {
		return 0
	}
	return QuantileSorted(sorted(xs), q)
}

// QuantileSorted is Quantile for values that are already in ascending order.
func QuantileSorted(xs []float64, q float64) float64 {
	if len(xs) == 0 {
		return 0
	}
	pos := q * float64(len(xs)-1)
	lo := int(math.Floor(pos))
	if lo >= len(xs)-1 {
		return xs[len(xs)-1]
	}
	part, apart := pos-float64(lo), xs[lo+1]-xs[lo]
	if math.IsInf(apart, 0) { // further apart than a number can be
		return (1-part)*xs[lo] + part*xs[lo+1]
	}
	return xs[lo] + part*apart
}

// Median is the middle value, 0 for no values.
func Median(xs []float64) float64 { return Quantile(xs, 0.5) }

// Deviation is the standard deviation of xs, 0 for fewer than two values.
func Deviation(xs []float64) float64 {
	if len(xs) < 2 {
		return 0
	}
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	m, squares := sum/float64(len(xs)), 0.0
	for _, x := range xs {
		squares += (x - m) * (x - m)
	}
	return math.Sqrt(squares / float64(len(xs)-1))
}

// Baseline describes normal values by their middle and their spread.
type Baseline struct {
	Median float64
	// IQR is the distance between the quartiles, 0 for a constant.
	IQR float64
	N   int
	// Floor is the least spread that it is credited with, as a share of its median: a
	// series that was constant for half an hour would else turn any rounding into an
	// infinite deviation.
	Floor float64
}

// NewBaseline measures normal values; floor is the least spread as a share of
// their median.
func NewBaseline(xs []float64, floor float64) Baseline {
	s := sorted(xs)
	return Baseline{Floor: floor, Median: QuantileSorted(s, 0.5), IQR: QuantileSorted(s, 0.75) - QuantileSorted(s, 0.25), N: len(s)}
}

// Scale is the spread that deviations are measured in: the IQR, at least the
// baseline's floor and the given least spread, never 0. The least spread
// is in the series' unit and keeps quantities that are normally zero, as error
// counts, from making one event infinite.
func (b Baseline) Scale(least float64) float64 {
	s := max(b.IQR, b.Floor*math.Abs(b.Median), least)
	if s <= 0 {
		return 1
	}
	return s
}

// Z is the robust deviation of x from the baseline, signed: BARO's RobustScorer
// (FSE 2024) with a floor under the scale.
func (b Baseline) Z(x, least float64) float64 { return (x - b.Median) / b.Scale(least) }

// Squash maps a deviation to (-1, 1) by z/(|z|+k): half strength at k, no
// saturation at a percentile and no runaway.
func Squash(z, k float64) float64 { return z / (math.Abs(z) + k) }

// Milli turns a strength into thousandths, rounded half away from zero, so that
// sums of scores do not depend on the order of addition.
func Milli(x float64) int { return int(math.Round(x * 1000)) }

func sorted(xs []float64) []float64 {
	s := slices.Clone(xs)
	slices.Sort(s)
	return s
}
