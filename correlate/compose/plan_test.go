package compose

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestRollbackPlanComesWithItsFreshness(t *testing.T) {
	culprit, later := strings.Repeat("a", 40), strings.Repeat("b", 40)
	first := casetest.CauseWith("stock")
	first.Trigger = report.TriggerCode
	first.Commits = []report.CommitScore{{SHA: culprit}}
	c := &gathered.Evidence{
		Links: map[string][]evidence.DecisionLink{culprit: {{DecisionID: "DEC-1", Kind: "trailer"}}},
		Decisions: []evidence.Decision{{ID: "DEC-1", SupersededBy: "DEC-2", How: evidence.DecisionHow{
			Rollback: map[string]string{"binary": "kubectl rollout undo deploy/stock", "config": "git revert cfg"}}}},
		Commits: []evidence.Commit{
			{SHA: later, Time: casetest.WorldOnset.Add(-1), Files: []string{"stock/reserve.go"}},
			{SHA: culprit, Time: casetest.WorldOnset.Add(-2), Files: []string{"stock/reserve.go"}},
		},
		Changes: []evidence.Change{{ID: "m1", Kind: evidence.ChangeMigration, Service: "stock", Time: casetest.WorldOnset, Summary: "add column"}},
	}
	got := plannedActions(c, []report.Cause{first})
	if len(got) != 2 || got[0].Kind != remedyConfig || got[1].Command != "kubectl rollout undo deploy/stock" || got[1].Source != "DEC-1" {
		t.Fatalf("got %s, want the configuration and then the binary taken back", casetest.AsJSON(t, got))
	}
	notes := strings.Join(got[0].Freshness, "; ")
	for _, want := range []string{"superseded by DEC-2", "one later commit", "a database migration ran since: add column"} {
		if !strings.Contains(notes, want) {
			t.Errorf("got freshness %q, want it to say %q", notes, want)
		}
	}
}
