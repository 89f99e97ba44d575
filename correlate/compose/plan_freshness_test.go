package compose

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

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
