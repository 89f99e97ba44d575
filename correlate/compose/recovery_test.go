package compose

import (
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestRecoveryIsJudgedByWhatAlerts has a release taken back two minutes after the
// onset, samples every 15 s and a threshold of 0.1.
func TestRecoveryIsJudgedByWhatAlerts(t *testing.T) {
	onset := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	limit := .1
	at := func(seconds int) time.Time { return onset.Add(time.Duration(seconds) * time.Second) }
	deploy := func(from, to string, seconds int) evidence.Change {
		return evidence.Change{ID: to, Kind: evidence.ChangeDeploy, Service: "shop", From: from, To: to, Time: at(seconds)}
	}
	for _, c := range []struct {
		name    string
		end     int // seconds
		bad     func(second int) float64
		limit   *float64
		verdict string
		after   float64 // seconds
		says    string
	}{
		{"recovered", 240, func(s int) float64 { return map[bool]float64{true: .4}[s < 165] }, &limit, report.Recovered, 45, "recovered 45 s later, give or take 15 s"},
		{"recovered for one sample", 180, func(s int) float64 { return map[bool]float64{true: .4}[s < 165] }, &limit, report.RecoveryOpen, 0, "too short a time to tell"},
		{"not yet", 180, func(int) float64 { return .4 }, &limit, report.RecoveryOpen, 0, "still beyond its threshold"},
		{"not", 300, func(int) float64 { return .4 }, &limit, report.NotRecovered, 0, "that did not help"},
		{"well, and bad again", 300, func(s int) float64 { return map[bool]float64{true: .4}[s < 150 || s > 270] }, &limit, report.NotRecovered, 0, "that did not help"},
		{"no threshold", 240, func(int) float64 { return 0 }, nil, report.RecoveryOpen, 0, "nothing that the alert measures"},
	} {
		m := gathered.Series{Entity: "shop", Stat: gathered.StatExpr, Expr: "e", Alerting: true, Hurt: 1, Limit: c.limit}
		for s := 0; s <= c.end; s += 15 {
			m.Incident = append(m.Incident, evidence.Sample{Time: at(s), Value: c.bad(s)})
		}
		e := &gathered.Evidence{Alerting: []string{"shop"}, Step: 15 * time.Second, Metrics: []gathered.Series{m}, Onset: report.Onset{At: onset, Earliest: onset, Latest: onset},
			Incident: evidence.Window{Start: onset, End: at(c.end)}, Changes: []evidence.Change{deploy("v1", "v2", -30), deploy("v2", "v1", 120)}}
		r := recovery(e)
		if r == nil || r.Verdict != c.verdict || r.Seconds != c.after || !strings.Contains(r.Says, c.says) || !r.Started.Equal(at(120)) {
			t.Errorf("%s: got %+v, want %s after %v s saying %q", c.name, r, c.verdict, c.after, c.says)
		}
		if rows := recoveryEvents(r); (len(rows) == 1) != (c.verdict == report.Recovered) {
			t.Errorf("%s: got the rows %+v", c.name, rows)
		}
		e.Changes = e.Changes[:1]
		if r := recovery(e); r != nil {
			t.Errorf("%s: got %+v where nothing was taken back", c.name, r)
		}
	}
}
