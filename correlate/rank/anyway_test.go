package rank

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestAnotherWayTakesTheDelayOnlyThatGoesWithIt: an operation that takes another
// way and takes longer is told by the way only as far as the runs that take it
// are the slow ones. A queue makes all of them slow, and shows as another way
// through the code too.
func TestAnotherWayTakesTheDelayOnlyThatGoesWithIt(t *testing.T) {
	type ways struct{ direct, queued float64 } // milliseconds that a run takes; 0 for no such run
	for name, c := range map[string]struct {
		before, now ways
		share       int // runs of the incident, of 20, that queue
		want        report.Mechanism
	}{
		"all runs are slow":                       {ways{30, 0}, ways{280, 300}, 12, report.MechanismLatency},
		"the way was known, and is slow now":      {ways{30, 40}, ways{290, 300}, 19, report.MechanismLatency},
		"only the new way is slow":                {ways{30, 0}, ways{30, 300}, 12, report.MechanismBehaviour},
		"all take the new way, which is slow":     {ways{30, 0}, ways{0, 300}, 20, report.MechanismBehaviour},
		"the slow way was known, and is the rule": {ways{30, 300}, ways{30, 300}, 20, report.MechanismBehaviour},
	} {
		ev := &gathered.Evidence{Entities: casetest.Entities("front", "store"), Alerting: []string{"front"}, Edges: []evidence.Edge{{Caller: "front", Callee: "store"}}}
		add := func(i int, base bool, w ways, queued bool) {
			ms, logs := w.direct, []string{"takes the lock", "has read"}
			if queued {
				ms, logs = w.queued, []string{"stands in a line", "has read"}
			}
			casetest.AddTrace(ev, casetest.TraceID(i), base, casetest.Call{Service: "front", Op: "GET /", Ms: ms + 10, Calls: []casetest.Call{
				{Service: "store", Op: "read", At: 5, Ms: ms + float64(i%5), Logs: logs}}})
		}
		for i := range 200 {
			add(i, true, c.before, c.before.queued > 0 && i%20 == 0)
		}
		for i := range 20 {
			add(200+i, false, c.now, i < c.share)
		}
		for i := range ev.Logs {
			ev.Logs[i].Severity = evidence.SeverityInfo
		}
		if got := Causes(view.New(ev))[0]; got.Entity.Name != "store" || got.Mechanism != c.want {
			t.Errorf("%s: got %s %s, want store %s", name, got.Entity.Name, got.Mechanism, c.want)
			for _, x := range Causes(view.New(ev)) {
				t.Logf("%s %s %d", x.Entity.Name, x.Mechanism, x.Score)
				for _, term := range x.Terms {
					t.Logf("    %5d %s %s", term.Points, term.ID, term.Why)
				}
			}
		}
	}
}
