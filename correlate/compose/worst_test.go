package compose

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

func TestTheWorstValueIsOnTheSideThatHurts(t *testing.T) {
	for _, c := range []struct {
		hurt        int
		usual, want float64
		incident    []float64
	}{
		{0, 5, 20, []float64{4, 20, 2}},
		{1, 5, 6, []float64{4, 6, -20}},
		{-1, 1, 0, []float64{1, 0, 9}},
		{-1, 0, 0, []float64{1, 1}}, // up == 0 while nothing was measured before: 1 is no harm
	} {
		m := &gathered.Series{Hurt: c.hurt, Incident: casetest.Sampled(true, c.incident...)}
		if got := worstOf(m, c.usual); got != c.want {
			t.Errorf("of %v, hurting in direction %d from %g: got %g, want %g", c.incident, c.hurt, c.usual, got, c.want)
		}
	}
}
