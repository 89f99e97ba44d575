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

func TestMoreGoodEventsAreNoHarm(t *testing.T) {
	m := &gathered.Series{Name: "milestone_total", Stat: "rate", Labels: map[string]string{"milestone": "served", "good": "true"}, Incident: casetest.Sampled(true, 9, 20)}
	if got := worstOf(m, 5); got != 5 {
		t.Errorf("got %g at worst from a rise of good events, want the usual 5", got)
	}
	m.Labels["good"] = "false"
	if got := worstOf(m, 5); got != 20 {
		t.Errorf("got %g at worst from a rise of bad events, want 20", got)
	}
}

// TestWhatNormalTimeHadIsNoImpact: a value that was there before is no harm, a series
// that never moved has none.
func TestWhatNormalTimeHadIsNoImpact(t *testing.T) {
	for name, c := range map[string]struct {
		before, during []float64
		want           int
	}{
		"above all before":        {[]float64{1.3, 1.4, 1.5}, []float64{1.4, 3}, 1},
		"within what was before":  {[]float64{1.2, 1.4, 1.5}, []float64{1.4, 1.3}, 0},
		"one value before":        {[]float64{1, 1, 1}, []float64{1, 2}, 1},
		"it was down before, too": {[]float64{0, 0, 1}, []float64{0, 0, 1}, 0},
	} {
		cs := &gathered.Evidence{Metrics: []gathered.Series{{Entity: "front", Name: "latency_seconds", Alerting: true, Baseline: casetest.Sampled(false, c.before...), Incident: casetest.Sampled(true, c.during...)}}}
		if got := measuredFacts(cs, "front"); len(got) != c.want {
			t.Errorf("%s: got %q, want %d facts", name, got, c.want)
		}
	}
}
