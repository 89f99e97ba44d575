package rollback_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/rollback"
)

// TestWhatIsSeenOfATrial tells what moved, what stood still, what is not there, and
// what nobody can know any more.
func TestWhatIsSeenOfATrial(t *testing.T) {
	at := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	w := rollback.Around(at, 10*time.Second)
	series := func(name string, from time.Time, values ...float64) evidence.Series {
		s := evidence.Series{Name: name}
		for i, x := range values {
			s.Samples = append(s.Samples, evidence.Sample{Time: from.Add(time.Duration(i) * rollback.Spacing), Value: x})
		}
		return s
	}
	moved := series("rollback_duration_seconds_count", w.Start, 1, 2)
	for _, c := range []struct {
		name                 string
		series               []evidence.Series
		kept                 bool
		moved, still, absent string
		asked                bool
	}{
		{"nothing is kept of that time", nil, false, "", "", "", false},
		{"no such series", nil, true, "", "", "rollback_duration rollback_success rollback_retried", true},
		{"all of it", []evidence.Series{moved, series("rollback_success_total", w.Start, 0, 1), series("rollback_retried_total", w.Start, 0, 0)}, true, "rollback_duration rollback_success", "", "", true},
		{"by the other name", []evidence.Series{moved, series("rollback_total", w.Start, 3, 4), series("rollback_retried_total", w.Start, 0, 0)}, true, "rollback_duration rollback_success", "", "", true},
		{"it came with the trial", []evidence.Series{series("rollback_duration_seconds", at, 9), series("rollback_success", at, 1), series("rollback_retried", at, 0)}, true, "rollback_duration rollback_success rollback_retried", "", "", true},
		{"one stood still", []evidence.Series{moved, series("rollback_success_total", w.Start, 1, 1), series("rollback_retried_total", w.Start, 0, 0)}, true, "rollback_duration", "rollback_success", "", true},
	} {
		got := rollback.Seen(c.series, w, c.kept)
		if strings.Join(got.Moved, " ") != c.moved || strings.Join(got.Still, " ") != c.still || strings.Join(got.Absent, " ") != c.absent || got.Asked != c.asked {
			t.Errorf("%s: got %+v, want moved %q, still %q, absent %q, asked %v", c.name, got, c.moved, c.still, c.absent, c.asked)
		}
	}
}
