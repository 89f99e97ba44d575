package compose

import (
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestTheBlamedMigrationDidNotRunSinceItself: it is what the plan takes back.
func TestTheBlamedMigrationDidNotRunSinceItself(t *testing.T) {
	ran := evidence.Change{ID: "m1", Kind: evidence.ChangeMigration, Time: time.Unix(60, 0), Summary: "0002"}
	later := evidence.Change{ID: "m2", Kind: evidence.ChangeMigration, Time: time.Unix(90, 0), Summary: "0003"}
	d := evidence.Decision{ID: "DEC-1", Status: "accepted", When: evidence.DecisionWhen{EffectiveAt: time.Unix(1, 0)}}
	for want, changes := range map[string][]evidence.Change{"no database migration since": {ran}, "a database migration ran since: 0003": {ran, later}} {
		notes := freshness(&gathered.Evidence{Changes: changes, Decisions: []evidence.Decision{d}}, &d, &report.Cause{Change: "m1"})
		if last := notes[len(notes)-1]; !strings.Contains(last, want) {
			t.Errorf("got %q, want %q", last, want)
		}
	}
}

// TestAPlanIsJudgedByTheNewestRecord: what governed the running code may have
// been replaced before somebody carries its plan out.
func TestAPlanIsJudgedByTheNewestRecord(t *testing.T) {
	running := evidence.Decision{ID: "DEC-1", Status: "accepted"}
	for name, c := range map[string]struct {
		newest *evidence.Decision
		says   string
	}{
		"nobody knows":      {nil, "the record stands"},
		"stands":            {&evidence.Decision{ID: "DEC-1", Status: "accepted"}, "the record stands"},
		"superseded":        {&evidence.Decision{ID: "DEC-1", Status: "superseded", SupersededBy: "DEC-2"}, "superseded by DEC-2"},
		"superseded, by no": {&evidence.Decision{ID: "DEC-1", Status: "superseded"}, "superseded by now"},
		"deprecated":        {&evidence.Decision{ID: "DEC-1", Status: "deprecated"}, "deprecated by now"},
		"deleted":           {&evidence.Decision{ID: "DEC-1", Deleted: true}, "deleted since"},
	} {
		g := &gathered.Evidence{Decisions: []evidence.Decision{running}}
		if c.newest != nil {
			g.Newest = map[string]evidence.Decision{"DEC-1": *c.newest}
		}
		notes := freshness(g, &running, &report.Cause{})
		if len(notes) == 0 || !strings.Contains(notes[0], c.says) {
			t.Errorf("%s: got %q, want %q first", name, notes, c.says)
		}
	}
}
