package chart

import "testing"

func TestAnAxisEndsAtANumberThatPeopleSay(t *testing.T) {
	for _, c := range []struct {
		v    float64
		unit string
		want float64
	}{
		{0, "1/s", 0}, {-3, "1/s", 0}, {1, "1/s", 1}, {2.2, "1/s", 3}, {0.013, "s", 0.02}, {7, "", 8}, {9, "", 10}, {9.1e9, "", 1e10},
		{900, "By", 1000}, {328 << 20, "By", 400 << 20}, {1 << 30, "By", 1 << 30},
	} {
		if got := roundedUp(c.v, c.unit); got != c.want {
			t.Errorf("%g %s: got %g, want %g", c.v, c.unit, got, c.want)
		}
	}
}
