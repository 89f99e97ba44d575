package compose

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestTheWayBackIsResolvedAndSaid(t *testing.T) {
	good, now, other := strings.Repeat("a", 40), strings.Repeat("b", 40), strings.Repeat("c", 40)
	first := casetest.CauseWith("stock")
	first.Trigger = report.TriggerCode
	c := &gathered.Evidence{Incident: evidence.Window{End: casetest.WorldOnset.Add(1)}, Deployments: []gathered.Deployment{
		{Service: "cart", From: other, To: good, Change: evidence.Change{Time: casetest.WorldOnset}},
		{Service: "stock", From: good, To: now, CommitsKnown: true, Change: evidence.Change{Time: casetest.WorldOnset},
			Commits: []evidence.Commit{{SHA: other, Message: "Keep alive, for INC-0123456789"}}},
	}}
	r := rollbackOf(&Basis{Evidence: c, Causes: []report.Cause{first}})
	if r.Kind != report.RollbackBinary || r.Target.From != now || r.Target.To != good || len(r.With) != 1 || !r.AllKnown {
		t.Fatalf("got %s", casetest.AsJSON(t, r))
	}
	actions := []report.Action{{Kind: remedyConfig}, {Kind: remedyRollback}}
	sayWayBack(actions, r)
	for _, want := range []string{"Roll stock back from bbbbbbb to aaaaaaa", "one other commit of the release would go back with it: “Keep alive, for INC-0123456789”", "mends INC-0123456789"} {
		if said := actions[1].Title + "; " + strings.Join(actions[1].Freshness, "; "); !strings.Contains(said, want) || len(actions[0].Freshness) > 0 {
			t.Errorf("got %q, want it to say %q", said, want)
		}
	}
	if rollbackOf(&Basis{Evidence: c}) != nil {
		t.Error("a rollback without a cause")
	}
}

func TestOnlyCommandsCanBeCopied(t *testing.T) {
	for _, c := range []struct{ text, command, words string }{
		{"kubectl rollout undo deploy/stock", "kubectl rollout undo deploy/stock", ""},
		{"no state to undo; check pool_in_use falls to 0", "", "no state to undo; check pool_in_use falls to 0"},
		{"Tell the team\ngit revert abc", "git revert abc", "Tell the team"},
	} {
		if command, words := carriedOut(c.text); command != c.command || words != c.words {
			t.Errorf("%q: got %q and %q", c.text, command, words)
		}
	}
}
