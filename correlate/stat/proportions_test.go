package stat

import (
	"math"
	"testing"
)

func TestProportions(t *testing.T) {
	for _, c := range []struct {
		a, ofA, b, ofB  int
		gain, low, high float64 // the difference, and bounds of its significance
	}{
		{20, 40, 0, 40, 0.488, 4, 6},
		{2, 40, 1, 40, 0.024, 0.3, 1},
		{0, 40, 20, 40, -0.488, -6, -4},
		{10, 40, 10, 40, 0, 0, 0},
		{1, 1, 0, 1000, 0.749, 10, 30},
		{0, 0, 0, 40, 0.488, 1, 4}, // nothing of the one is known: half of it might
	} {
		gain, sigma := Proportions(c.a, c.ofA, c.b, c.ofB)
		if math.Abs(gain-c.gain) > 0.001 || sigma < c.low || sigma > c.high {
			t.Errorf("%d of %d against %d of %d: got %.3f at %.2f, want %.3f within %g and %g", c.a, c.ofA, c.b, c.ofB, gain, sigma, c.gain, c.low, c.high)
		}
	}
}
