package gather

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestTheGuardLeavesANormalTime(t *testing.T) {
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return end.Add(-d) }
	for _, c := range []struct {
		name            string
		known, step     time.Duration // before the end: since when anything was told; between samples
		onset           report.Onset
		start, baseline time.Duration // of the incident, and the end of the baseline; 0 for none
	}{
		{"long known, samples close together", 30 * time.Minute, 5 * time.Second,
			report.Onset{At: ago(62 * time.Second), Earliest: ago(70 * time.Second), Latest: ago(time.Minute), From: "alerting series"}, time.Minute, 85 * time.Second},
		{"known for a minute before", 2 * time.Minute, 5 * time.Second,
			report.Onset{At: ago(62 * time.Second), Earliest: ago(80 * time.Second), Latest: ago(time.Minute), From: "alerting series"}, time.Minute, 90 * time.Second},
		{"samples far apart", 2 * time.Hour, 5 * time.Minute,
			report.Onset{At: ago(7 * time.Minute), Earliest: ago(12 * time.Minute), Latest: ago(5 * time.Minute), From: "alerting series"}, 10 * time.Minute, 22 * time.Minute},
		{"nothing known before", time.Minute, 5 * time.Second,
			report.Onset{At: ago(62 * time.Second), Earliest: ago(70 * time.Second), Latest: ago(time.Minute), From: "alerting series"}, time.Minute, 0},
		{"nothing found: the alert's own guess", 30 * time.Minute, 5 * time.Second,
			report.Onset{At: ago(3 * time.Minute), Earliest: ago(5 * time.Minute), Latest: end, From: "alert"}, 3 * time.Minute, 315 * time.Second},
	} {
		v := &Investigation{span: evidence.Window{Start: end.Add(-3 * time.Hour), End: end}}
		v.answers.metrics = []measuredSeries{{samples: []evidence.Sample{{Time: ago(c.known)}}}}
		e := &gathered.Evidence{Onset: c.onset, Step: c.step}
		v.cut(e)
		if !e.Incident.Start.Equal(ago(c.start)) {
			t.Errorf("%s: the incident begins %v before the end, want %v", c.name, end.Sub(e.Incident.Start), c.start)
		}
		if e.NoNormal() != (c.baseline == 0) {
			t.Errorf("%s: got baselines %v", c.name, e.Baselines)
		} else if c.baseline != 0 && !e.Lookback().End.Equal(ago(c.baseline)) {
			t.Errorf("%s: normal time ends %v before the end, want %v", c.name, end.Sub(e.Lookback().End), c.baseline)
		}
	}
}

func TestWhatIsDeclaredNormalIsNormal(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	e := &gathered.Evidence{Incident: evidence.Window{Start: at, End: at.Add(10 * time.Minute)}}
	e.Request.Reference = []evidence.Window{{Start: at.Add(-time.Minute), End: at.Add(time.Minute)}}
	for after, want := range map[time.Duration]bool{30 * time.Second: true, time.Minute: true, 2 * time.Minute: false} {
		if incident, baseline := e.Side(at.Add(after)); baseline != want || incident == want {
			t.Errorf("%v into the incident: got incident %v, baseline %v, want baseline %v", after, incident, baseline, want)
		}
	}
}
