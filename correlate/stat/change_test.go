package stat_test

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/stat"
)

var shift = stat.Shift{Side: 2, Departed: 3, Floor: 0.01}

func TestFindChange(t *testing.T) {
	for _, c := range []struct {
		name  string
		xs    []float64
		least float64
		index int
		ok    bool
	}{
		{"a step", []float64{1, 2, 1, 2, 1, 2, 9, 9, 10, 9}, 0, 6, true},
		{"a step down", []float64{9, 9, 10, 9, 9, 1, 1, 2, 1}, 0, 5, true},
		{"a ramp starts where it leaves the old level", []float64{1, 1.1, 1, 1.1, 1, 2, 4, 6, 8, 10}, 0, 5, true},
		{"one spike is no lasting change", []float64{1, 2, 1, 50, 2, 1, 2, 1, 2, 1}, 0, 0, false},
		{"noise", []float64{1, 2, 3, 2, 1, 3, 2, 1, 2, 3}, 0, 0, false},
		{"a rare error is below the least spread", []float64{0, 0, 0, 0, 0, 0.01, 0.01, 0.01}, 0.01, 0, false},
		{"constant", []float64{5, 5, 5, 5, 5, 5}, 0, 0, false},
		{"too short", []float64{1, 9, 9}, 0, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := stat.FindChange(c.xs, c.least, shift)
			if ok != c.ok || got.Index != c.index {
				t.Errorf("got index %d, %v (z %.1f); want %d, %v", got.Index, ok, got.Z, c.index, c.ok)
			}
		})
	}
}

func BenchmarkFindChange(b *testing.B) {
	xs := make([]float64, 240)
	for i := range xs {
		xs[i] = float64(i % 7)
		if i > 180 {
			xs[i] += 40
		}
	}
	for b.Loop() {
		stat.FindChange(xs, 0, shift)
	}
}
