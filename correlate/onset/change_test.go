package onset

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// TestWhatFiredIsLookedForOnTheSideThatHurts has series of what an alert measures,
// a sample every five seconds, the last as it fires.
func TestWhatFiredIsLookedForOnTheSideThatHurts(t *testing.T) {
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	// levels are values and for how long before the end each holds from.
	type level struct {
		from  time.Duration
		value float64
	}
	for _, c := range []struct {
		name   string
		hurt   int
		levels []level
		noise  float64
		want   time.Duration // before the end
	}{
		{"a rise", 1, []level{{30 * time.Minute, 1}, {time.Minute, 5}}, 0.02, time.Minute},
		{"a fall, and then the rise", 1, []level{{30 * time.Minute, 3}, {10 * time.Minute, 1}, {time.Minute, 5}}, 0.02, time.Minute},
		{"an earlier trouble that was over", 1, []level{{30 * time.Minute, 1}, {6 * time.Minute, 5}, {3 * time.Minute, 1}, {time.Minute, 5}}, 0.02, time.Minute},
		{"an earlier and worse one", 1, []level{{30 * time.Minute, 1}, {8 * time.Minute, 20}, {4 * time.Minute, 1}, {time.Minute, 4}}, 0.02, time.Minute},
		{"an earlier one, in a rate that climbs and falls for a while", 1, []level{{30 * time.Minute, 0}, {8 * time.Minute, 0.86}, {150 * time.Second, 0.6}, {140 * time.Second, 0.4}, {130 * time.Second, 0.2}, {100 * time.Second, 0}, {20 * time.Second, 0.02}, {15 * time.Second, 0.11}, {10 * time.Second, 0.17}, {5 * time.Second, 0.24}}, 0, 10 * time.Second},
		{"an earlier one, after which it is not quite as good as before", 1, []level{{30 * time.Minute, 0.01}, {4 * time.Minute, 0.95}, {110 * time.Second, 0.16}, {90 * time.Second, 0.23}, {30 * time.Second, 0.18}, {15 * time.Second, 0.8}, {5 * time.Second, 0.9}}, 0, 15 * time.Second},
		{"a rise after an unsteady time", 1, []level{{30 * time.Minute, 5}, {25 * time.Minute, 1}, {20 * time.Minute, 6}, {12 * time.Minute, 1}, {40 * time.Second, 5}}, 0.05, 40 * time.Second},
		{"a state that turned false", -1, []level{{90 * time.Second, 1}, {30 * time.Second, 0}}, 0, 30 * time.Second},
		{"a state that was false before it was true", -1, []level{{30 * time.Minute, 0}, {8 * time.Minute, 1}, {30 * time.Second, 0}}, 0, 30 * time.Second},
		{"the other side alone", -1, []level{{30 * time.Minute, 1}, {time.Minute, 5}}, 0.02, time.Minute},
	} {
		var samples []evidence.Sample
		for at := c.levels[0].from; at >= 0; at -= 5 * time.Second {
			value := 0.0
			for _, l := range c.levels {
				if at <= l.from {
					value = l.value
				}
			}
			samples = append(samples, evidence.Sample{Time: end.Add(-at), Value: value + c.noise*float64(int(at.Seconds())%3)})
		}
		v := &Finder{Hold: 10 * time.Second, Exprs: []Expr{{Samples: samples, Hurt: c.hurt}}, Evidence: &gathered.Evidence{
			Survey: evidence.Window{Start: end.Add(-45 * time.Minute), End: end}, FiredAt: end, Step: 5 * time.Second, Alerting: []string{"shop"},
		}}
		v.Suspect = evidence.Window{Start: end.Add(-15 * time.Minute), End: end}
		v.Evidence.Request.Alert.Instances = []evidence.AlertInstance{{}}
		if got := v.Find(); got.From != "alerting series" || !got.Latest.Equal(end.Add(-c.want)) {
			t.Errorf("%s: got %v before the end, from %s; want %v", c.name, end.Sub(got.Latest), got.From, c.want)
		}
	}
}
