package compose

import (
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/promql"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestRecoveryIsJudgedByWhatAlerts has a release taken back two minutes after the
// onset, samples every 15 s and a rule that fires as it is said.
func TestRecoveryIsJudgedByWhatAlerts(t *testing.T) {
	onset := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return onset.Add(time.Duration(seconds) * time.Second) }
	before := func(seconds int) func(int) bool { return func(s int) bool { return s < seconds } }
	always, never := func(int) bool { return true }, func(int) bool { return false }
	rule := func(known, firing func(second int) bool) func(end int) gathered.Fires {
		return func(end int) (f gathered.Fires) {
			for s := 0; s <= end; s += 15 {
				if known(s) {
					f.Known = append(f.Known, at(s))
				}
				if firing(s) {
					f.Firing = append(f.Firing, at(s))
				}
			}
			return f
		}
	}
	type rules = []func(int) gathered.Fires
	for _, c := range []struct {
		name    string
		end     int // seconds
		rules   rules
		verdict string
		after   float64 // seconds
		says    string
	}{
		{"recovered", 240, rules{rule(always, before(165))}, report.Recovered, 45, "recovered 45 s later, give or take 15 s"},
		{"recovered for one sample", 180, rules{rule(always, before(165))}, report.RecoveryOpen, 0, "too short a time to tell"},
		{"not yet", 180, rules{rule(always, always)}, report.RecoveryOpen, 0, "still beyond its threshold"},
		{"not", 300, rules{rule(always, always)}, report.NotRecovered, 0, "that did not help"},
		{"well, and bad again", 300, rules{rule(always, func(s int) bool { return s < 150 || s > 270 })}, report.NotRecovered, 0, "that did not help"},
		{"no rule", 240, nil, report.RecoveryOpen, 0, "nothing that the alert measures"},
		{"nothing measured since", 240, rules{rule(before(120), before(120))}, report.RecoveryOpen, 0, "nothing that the alert measures"},
		{"the slower of two", 300, rules{rule(always, before(135)), rule(always, before(210))}, report.Recovered, 90, "recovered 90 s later"},
		{"one of two is not", 300, rules{rule(always, before(135)), rule(always, always)}, report.NotRecovered, 0, "that did not help"},
		{"one of two has gone silent", 300, rules{rule(always, before(135)), rule(before(120), before(120))}, report.RecoveryOpen, 0, "nothing that the alert measures"},
		{"one of two was never there", 300, rules{rule(always, before(135)), rule(never, never)}, report.Recovered, 15, "recovered 15 s later"},
	} {
		back := evidence.Change{ID: "v1", Kind: evidence.ChangeDeploy, Service: "shop", From: "v2", To: "v1", Time: at(120)}
		e := &gathered.Evidence{Alerting: []string{"shop"}, Step: 15 * time.Second, Onset: report.Onset{At: onset, Earliest: onset, Latest: onset},
			Incident: evidence.Window{Start: onset, End: at(c.end)}, Back: &back}
		for _, r := range c.rules {
			e.Fires = append(e.Fires, r(c.end))
		}
		r := recovery(e)
		if r == nil || r.Verdict != c.verdict || r.Seconds != c.after || !strings.Contains(r.Says, c.says) || !r.Started.Equal(at(120)) {
			t.Errorf("%s: got %+v, want %s after %v s saying %q", c.name, r, c.verdict, c.after, c.says)
		}
		if rows := recoveryEvents(r); (len(rows) == 1) != (c.verdict == report.Recovered) {
			t.Errorf("%s: got the rows %+v", c.name, rows)
		}
		e.Back = nil
		if r := recovery(e); r != nil {
			t.Errorf("%s: got %+v where nothing was taken back", c.name, r)
		}
	}
}

// TestAConditionHoldsAsItsComparisonSays of the newest value of the series that is
// worst, also at the threshold itself.
func TestAConditionHoldsAsItsComparisonSays(t *testing.T) {
	started := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	samples := func(before, after float64) []evidence.Sample {
		return []evidence.Sample{{Time: started.Add(-time.Minute), Value: before}, {Time: started.Add(time.Minute), Value: after}}
	}
	for _, c := range []struct {
		expr          string
		series        [][]evidence.Sample
		before, after float64
		holds         bool
	}{
		{"x > 0.1", [][]evidence.Sample{samples(.4, .1)}, .4, .1, true},
		{"x >= 0.1", [][]evidence.Sample{samples(.4, .1)}, .4, .1, false},
		{"up == 0", [][]evidence.Sample{samples(0, 0)}, 0, 0, false},
		{"up == 0", [][]evidence.Sample{samples(0, 1)}, 0, 1, true},
		{"up != 1", [][]evidence.Sample{samples(0, 0)}, 0, 0, false},
		{"up < 1", [][]evidence.Sample{samples(1, 1), samples(0, 0)}, 0, 0, false},
		{"3 < x", [][]evidence.Sample{samples(9, 2), samples(1, 4)}, 9, 4, false},
	} {
		list, err := promql.Bounds(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		got, known := condition(&gathered.Bound{Bound: list[0][0], Series: c.series}, started)
		if !known || got.Before != c.before || got.After != c.after || got.Holds != c.holds {
			t.Errorf("%s: got %+v, want %v, then %v, holds %v", c.expr, got, c.before, c.after, c.holds)
		}
	}
}
