package gathered_test

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestAChangeMayBeTheCauseUntilAMinuteAfterTheLatestOnset(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	interval := report.Onset{At: at, Earliest: at.Add(-time.Minute), Latest: at.Add(30 * time.Second)}
	for _, c := range []struct {
		name  string
		onset report.Onset
		after time.Duration // the change, after at
		want  bool
	}{
		{"long before", interval, -time.Hour, true},
		{"within the interval", interval, 20 * time.Second, true},
		{"within the slack of clocks", interval, 85 * time.Second, true},
		{"too late", interval, 95 * time.Second, false},
		{"without an interval, in the slack", report.Onset{At: at}, time.Minute, true},
		{"without an interval, too late", report.Onset{At: at}, 61 * time.Second, false},
	} {
		if got := (&gathered.Evidence{Onset: c.onset}).MayBeDueTo(at.Add(c.after)); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}
