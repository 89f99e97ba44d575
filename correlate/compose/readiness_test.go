package compose

import (
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/rollback"
)

// TestAPlanIsTrustedByTheNewestRecordAndByWhatWasDone: of the rollback of a change
// that names its decision.
func TestAPlanIsTrustedByTheNewestRecordAndByWhatWasDone(t *testing.T) {
	end := casetest.WorldOnset.Add(5 * time.Minute)
	drill := func(daysAgo int, seconds float64, result string) evidence.Drill {
		return evidence.Drill{At: end.AddDate(0, 0, -daysAgo), Seconds: seconds, Result: result}
	}
	record := func(drills ...evidence.Drill) evidence.Decision {
		return evidence.Decision{ID: "DEC-1", Status: "accepted", How: evidence.DecisionHow{Rollback: map[string]string{"config": "put the value back"}, Drills: drills}}
	}
	guarded := record(drill(1, 5, "done"))
	guarded.How.Rollback["idempotency_guard"] = "only while the key has the bad revision"
	superseded := guarded
	superseded.SupersededBy = "DEC-2"
	moved := gathered.Tried{Window: rollback.Around(end, time.Second), Kept: true, Operation: "config", Metrics: []evidence.Series{
		{Name: "rollback_duration_seconds_count", Samples: []evidence.Sample{{Value: 1}, {Value: 2}}},
		{Name: "rollback_success_total", Samples: []evidence.Sample{{Value: 1}, {Value: 2}}}, {Name: "rollback_retried_total", Samples: []evidence.Sample{{}, {}}}}}
	for _, c := range []struct {
		name            string
		running, newest evidence.Decision
		tried           *gathered.Tried
		failing         int // the last minutes of the rule, 0 for no rollback taken
		want            string
	}{
		{"never tried", record(), record(), nil, 0, "0 unknown unknown unknown"},
		{"tried and guarded", guarded, guarded, nil, 0, "2 yes yes unknown"},
		{"seen", guarded, guarded, &moved, 0, "3 yes yes yes"},
		{"nobody could ask", guarded, guarded, &gathered.Tried{Failed: "Prometheus is down"}, 0, "2 yes yes unknown"},
		{"nothing is kept of it", guarded, guarded, &gathered.Tried{}, 0, "2 yes yes unknown"},
		{"no series", guarded, guarded, &gathered.Tried{Kept: true}, 0, "2 yes yes no"},
		{"the newest record was tried", record(), record(drill(1, 5, "done"), drill(1, 5, "already done")), nil, 0, "2 yes yes unknown"},
		{"the newest was too slow", guarded, record(drill(1, 91, "done")), nil, 0, "0 no unknown unknown"},
		{"taken in the incident, and it failed", guarded, guarded, nil, 5, "1 no yes unknown"},
		{"superseded", guarded, superseded, nil, 0, ""},
	} {
		first := casetest.CauseWith("shop")
		first.Trigger, first.Change = report.TriggerConfig, "ch"
		e := &gathered.Evidence{Step: 15 * time.Second, Onset: report.Onset{At: casetest.WorldOnset}, Incident: evidence.Window{Start: casetest.WorldOnset, End: end},
			Changes:   []evidence.Change{{ID: "ch", Kind: evidence.ChangeConfig, Service: "shop", From: "20", To: "4", Time: casetest.WorldOnset, Attributes: map[string]string{"key": "/pool", "decision_id": "DEC-1"}}},
			Decisions: []evidence.Decision{c.running}, Newest: map[string]evidence.Decision{"DEC-1": c.newest}}
		if c.tried != nil {
			e.Tried = map[string]gathered.Tried{"DEC-1": *c.tried}
		}
		if c.failing > 0 {
			e.Back = &evidence.Change{Service: "shop", Time: casetest.WorldOnset.Add(time.Minute)}
			f := gathered.Fires{}
			for m := range c.failing {
				f.Known, f.Firing = append(f.Known, casetest.WorldOnset.Add(time.Duration(m)*time.Minute)), append(f.Firing, casetest.WorldOnset.Add(time.Duration(m)*time.Minute))
			}
			e.Fires = []gathered.Fires{f}
		}
		r := rollbackOf(&Basis{Evidence: e, Causes: []report.Cause{first}})
		got := ""
		if x := r.Readiness; x != nil {
			got = strings.Join([]string{string(rune('0' + x.Level)), x.Timely.Holds, x.Idempotent.Holds, x.Observable.Holds}, " ")
		}
		if got != c.want || r.Kind != report.RollbackConfig || r.Source != "DEC-1" {
			t.Errorf("%s: got %q of %s by %q, want %q", c.name, got, r.Kind, r.Source, c.want)
		}
	}
}
