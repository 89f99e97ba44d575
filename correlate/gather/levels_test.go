package gather

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/promql"
)

// TestARuleOnALevelSaysOnWhichSideTheMetricHurts: of metrics whose values themselves
// are compared, and of no other.
func TestARuleOnALevelSaysOnWhichSideTheMetricHurts(t *testing.T) {
	for text, want := range map[string]map[string]int{
		`up == 0`:                                {"up": -1},
		`up{job="shop"} == 0`:                    {"up": -1},
		`queue_depth > 100`:                      {"queue_depth": 1},
		`rate(errors_total[1m]) > 1`:             {},
		`sum(queue_depth) > 100`:                 {},
		`queue_depth / queue_limit > 0.9`:        {},
		`up == 0 or avg_over_time(load[1m]) > 9`: {"up": -1},
	} {
		e, err := promql.Read(text)
		if err != nil {
			t.Fatal(err)
		}
		s := symptom{hurt: map[string]int{}, levels: map[string]int{}}
		s.measure(e)
		if len(s.levels) != len(want) {
			t.Errorf("%s: got %v, want %v", text, s.levels, want)
		}
		for name, side := range want {
			if s.levels[name] != side {
				t.Errorf("%s: %s hurts on side %d, want %d", text, name, s.levels[name], side)
			}
		}
	}
}
