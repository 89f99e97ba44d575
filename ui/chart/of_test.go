package chart

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

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

func TestTheMarksAreTheIncidentTheOnsetAndTheSuspectChanges(t *testing.T) {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	change := func(minute int, suspect bool) report.ChangeView {
		return report.ChangeView{Change: evidence.Change{Time: at.Add(time.Duration(minute) * time.Minute)}, Suspect: suspect}
	}
	r := report.Report{Window: evidence.Window{Start: at, End: at.Add(time.Hour)}, Onset: report.Onset{At: at.Add(time.Minute)}, Changes: []report.ChangeView{change(-5, true), change(-3, false), change(2, true)}}
	m := MarksOf(&r)
	if m.Incident != r.Window || !m.Onset.Equal(r.Onset.At) || len(m.Changes) != 2 || !m.Changes[1].Equal(at.Add(2*time.Minute)) {
		t.Errorf("got %+v", m)
	}
}
