package stat_test

import (
	"math"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/stat"
)

func TestQuantileInterpolatesBetweenOrderStatistics(t *testing.T) {
	xs := []float64{4, 1, 3, 2}
	for _, c := range []struct{ q, want float64 }{{0, 1}, {0.25, 1.75}, {0.5, 2.5}, {0.75, 3.25}, {1, 4}} {
		if got := stat.Quantile(xs, c.q); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("Quantile(%v, %v): got %v, want %v", xs, c.q, got, c.want)
		}
	}
	if xs[0] != 4 {
		t.Error("Quantile changed its argument")
	}
	if got := stat.Median(nil); got != 0 {
		t.Errorf("Median of nothing: got %v, want 0", got)
	}
	if got := stat.Median([]float64{-math.MaxFloat64, math.MaxFloat64}); got != 0 {
		t.Errorf("Median of what is further apart than a number can be: got %v, want 0", got)
	}
}

func TestZSurvivesABaselineThatContainsSomeOfTheIncident(t *testing.T) {
	xs := []float64{10, 11, 10, 9, 10, 11, 10, 9, 10, 200} // one bad value of ten
	// median 10, quartiles 9.25 and 10.75 (type 7): (200-10)/1.5
	if got := stat.NewBaseline(xs, 0.01).Z(200, 0); got < 100 {
		t.Errorf("got %v, want the deviation to stand out", got)
	}
}

func TestScaleHasAFloor(t *testing.T) {
	constant := stat.NewBaseline([]float64{50, 50, 50, 50}, 0.01)
	if got, want := constant.Scale(0), 0.5; got != want {
		t.Errorf("constant 50: got %v, want 1 %% of the median, %v", got, want)
	}
	zero := stat.NewBaseline([]float64{0, 0, 0, 0}, 0.01)
	if got, want := zero.Scale(0.05), 0.05; got != want {
		t.Errorf("constant 0: got %v, want the least spread %v", got, want)
	}
	if got, want := zero.Scale(0), 1.0; got != want {
		t.Errorf("constant 0 without least spread: got %v, want %v", got, want)
	}
}

func TestSquashIsHalfAtKAndKeepsOrder(t *testing.T) {
	if got, want := stat.Squash(8, 8), 0.5; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if a, b := stat.Squash(1e3, 8), stat.Squash(1e4, 8); a >= b || b >= 1 {
		t.Errorf("got %v and %v, want them ordered and below 1", a, b)
	}
	if got, want := stat.Squash(-8, 8), -0.5; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
