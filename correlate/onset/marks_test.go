package onset

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// seldom are requests of a shop that come this far apart over half an hour before
// the end; fails says which fail, by number and time before the end.
func seldom(end time.Time, apart time.Duration, fails func(n int, ago time.Duration) bool) *Finder {
	c := &gathered.Evidence{Alerting: []string{"shop"}, FiredAt: end, Step: 15 * time.Second, Survey: evidence.Window{Start: end.Add(-30 * time.Minute), End: end}}
	for n := range int(30 * time.Minute / apart) {
		ago := 30*time.Minute - time.Duration(n)*apart - time.Second
		id := casetest.TraceID(n)
		c.Traces = append(c.Traces, gathered.Trace{Sampled: true, Trace: evidence.Trace{ID: id, Spans: []evidence.Span{
			{TraceID: id, SpanID: "1", Service: "shop", Operation: "/*", Start: end.Add(-ago), Duration: 90 * time.Millisecond, Failed: fails(n, ago)},
		}}})
	}
	return &Finder{Evidence: c, Suspect: evidence.Window{Start: end.Add(-15 * time.Minute), End: end}}
}

// TestTheFirstFailureIsTheOnset holds the onset to the first failing request where
// none failed before, however seldom requests come: the failures in a bin before
// its end are the incident's.
func TestTheFirstFailureIsTheOnset(t *testing.T) {
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		apart time.Duration
		fails func(n int, ago time.Duration) bool
		want  report.OnsetBasis // where the onset comes from
	}{
		{"every second of a few", 18 * time.Second, func(n int, ago time.Duration) bool { return ago < 290*time.Second && n%2 == 1 }, "traces"},
		{"all of a few", 35 * time.Second, func(_ int, ago time.Duration) bool { return ago < 5*time.Minute }, "traces"},
		{"a third of many", time.Second, func(n int, ago time.Duration) bool { return ago < 2*time.Minute && n%3 == 0 }, "traces"},
		{"every second of one a minute", time.Minute, func(n int, ago time.Duration) bool { return ago < 10*time.Minute && n%2 == 1 }, "traces"},
		{"too few to tell", 4 * time.Minute, func(_ int, ago time.Duration) bool { return ago < 5*time.Minute }, "alert"},
		{"none", 18 * time.Second, func(int, time.Duration) bool { return false }, "alert"},
	} {
		v := seldom(end, c.apart, c.fails)
		got := v.Find()
		if got.From != c.want {
			t.Errorf("%s: the onset comes from %s, want %s", c.name, got.From, c.want)
		}
		if c.want != "traces" {
			continue
		}
		for i, tr := range v.Evidence.Traces {
			if s := tr.Spans[0]; s.Failed {
				if before := v.Evidence.Traces[i-1].Spans[0].Start; !got.Latest.Equal(s.Start) || got.Earliest.Before(before) || got.At.Before(before) || got.At.After(s.Start) {
					t.Errorf("%s: got %v to %v before the end, want some time from %v to %v", c.name, end.Sub(got.Earliest), end.Sub(got.Latest), end.Sub(before), end.Sub(s.Start))
				}
				break
			}
		}
	}
}

// TestAFailureNowAndThenIsNoMark keeps the onset as wide as its bins where some
// requests fail at all times.
func TestAFailureNowAndThenIsNoMark(t *testing.T) {
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	got := seldom(end, time.Second, func(n int, ago time.Duration) bool {
		return n%40 == 7 || ago < 2*time.Minute && n%2 == 0
	}).Find()
	if got.From != "traces" || got.Latest.Sub(got.Earliest) < 10*time.Second || got.Latest.Sub(end.Add(-2*time.Minute)).Abs() > 30*time.Second {
		t.Errorf("got %+v", got)
	}
}
