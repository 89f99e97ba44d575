package correlate

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestPromisesAreLookedUpAtTheirWorst(t *testing.T) {
	w := newWorld()
	during := evidence.Window{Start: worldOnset, End: worldNow}
	p := promises{asker: Options{}.withDefaults().asker(), metrics: w.sources().Metrics, step: 30e9, queries: map[string]map[string]string{
		"error_rate": {"": `last_over_time(http_errors_ratio{service="{entity}"})`},
	}}
	for _, tc := range []struct {
		cond evidence.Condition
		want string
	}{
		{evidence.Condition{Name: "error_rate", Op: "<", Value: 0.6}, promiseKept},
		{evidence.Condition{Name: "error_rate", Op: "<", Value: 40, Unit: "%"}, promiseBroken},
		{evidence.Condition{Name: "error_rate", Op: ">", Value: 0.005}, promiseKept},
		{evidence.Condition{Name: "error_rate", Op: "~", Value: 1}, promiseUnknown},
		{evidence.Condition{Name: "nobody_mapped_it", Op: "<", Value: 1}, promiseUnknown},
		{evidence.Condition{Expr: "no_such_metric", Op: "<", Value: 1}, promiseUnknown},
	} {
		got := p.lookUp(t.Context(), during, "stock", tc.cond)
		if got.Result != tc.want {
			t.Errorf("%+v: got %s (%s), want %s", tc.cond, got.Result, got.Detail, tc.want)
		}
		if got.Result == promiseUnknown && got.Detail == "" {
			t.Errorf("%+v: unknown without a reason", tc.cond)
		}
	}
	if !strings.Contains(asJSON(t, p.ledger.coverage(nil)), "nobody_mapped_it") {
		t.Error("an unmapped condition is not listed in the coverage")
	}
}

func TestRollbackPlanComesWithItsFreshness(t *testing.T) {
	culprit, later := strings.Repeat("a", 40), strings.Repeat("b", 40)
	first := causeWith("stock")
	first.Trigger = TriggerCode
	first.Commits = []CommitScore{{SHA: culprit}}
	c := &Case{
		Links: map[string][]evidence.DecisionLink{culprit: {{DecisionID: "DEC-1", Kind: "trailer"}}},
		Decisions: []evidence.Decision{{ID: "DEC-1", SupersededBy: "DEC-2", How: evidence.DecisionHow{
			Rollback: map[string]string{"binary": "kubectl rollout undo deploy/stock", "config": "git revert cfg"}}}},
		Commits: []evidence.Commit{
			{SHA: later, Time: worldOnset.Add(-1), Files: []string{"stock/reserve.go"}},
			{SHA: culprit, Time: worldOnset.Add(-2), Files: []string{"stock/reserve.go"}},
		},
		Changes: []evidence.Change{{ID: "m1", Kind: evidence.ChangeMigration, Service: "stock", Time: worldOnset, Summary: "add column"}},
	}
	got := plannedActions(c, []Cause{first})
	if len(got) != 2 || got[0].Kind != remedyConfig || got[1].Command != "kubectl rollout undo deploy/stock" || got[1].Source != "DEC-1" {
		t.Fatalf("got %s, want the configuration and then the binary taken back", asJSON(t, got))
	}
	notes := strings.Join(got[0].Freshness, "; ")
	for _, want := range []string{"superseded by DEC-2", "one later commit", "a migration ran since: add column"} {
		if !strings.Contains(notes, want) {
			t.Errorf("got freshness %q, want it to say %q", notes, want)
		}
	}
}
