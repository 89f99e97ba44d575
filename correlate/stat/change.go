package stat

import "math"

// Change is a lasting shift of level in a series.
type Change struct {
	// Index is the first value of the new level. The shift happened after the
	// value before it.
	Index int
	// Before and After are the medians on both sides.
	Before, After float64
	// Z is the shift in robust scales of the side before, signed.
	Z float64
}

// Shift are the bars of a lasting shift; who looks for one sets them.
type Shift struct {
	// Side is the least number of values on either side: with fewer the median of a
	// side is one value's whim.
	Side int
	// Departed is how many robust scales the new level must lie from the old one, and
	// a value, on the side of the shift, to belong to it when its start is sought.
	Departed float64
	// Floor is the least spread of the level before, see [NewBaseline].
	Floor float64
}

// FindChange looks for the one split of xs that two constant levels fit best in
// the sense of least absolute deviation (the robust form of least-squares
// segmentation), then walks back along a ramp to the first value that had left
// the old level. least is the least spread of the old level, in the unit of
// xs. ok is false when there are too few values for two sides or when the shift
// is too small.
//
// It costs O(n^2 log n) and is meant for the few hundred values of a window.
func FindChange(xs []float64, least float64, by Shift) (c Change, ok bool) {
	if len(xs) < by.Side+by.Side {
		return Change{}, false
	}
	best, split := math.Inf(1), 0
	for i := by.Side; i <= len(xs)-by.Side; i++ {
		// Strictly better only: of equal splits the earliest is taken.
		if cost := deviation(xs[:i]) + deviation(xs[i:]); cost < best-1e-12*math.Abs(best) || math.IsInf(best, 1) {
			best, split = cost, i
		}
	}
	before := NewBaseline(xs[:split], by.Floor)
	after := Median(xs[split:])
	c = Change{Index: split, Before: before.Median, After: after, Z: before.Z(after, least)}
	if math.Abs(c.Z) < by.Departed {
		return Change{}, false
	}
	for c.Index > by.Side+1 {
		// Measured against what came before the value in question only: the
		// side before the split holds the ramp's first values too.
		z := NewBaseline(xs[:c.Index-1], by.Floor).Z(xs[c.Index-1], least)
		if math.Abs(z) < by.Departed || (z > 0) != (c.Z > 0) {
			break
		}
		c.Index--
	}
	return c, true
}

func deviation(xs []float64) float64 {
	m := Median(xs)
	sum := 0.0
	for _, x := range xs {
		sum += math.Abs(x - m)
	}
	return sum
}
