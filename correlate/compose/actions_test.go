package compose

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/suspect"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

func TestActionUndoesWhatSetTheCauseOff(t *testing.T) {
	settings := casetest.SmallerPool()
	settings.Files, settings.Diff = []string{"ledger/config/db.yaml"}, "--- a/ledger/config/db.yaml\n+++ b/ledger/config/db.yaml\n@@ -1 +1 @@\n-max_pool_size: 40\n+max_pool_size: 4\n"
	together := casetest.Fail(casetest.DeployedCase(casetest.SmallerPool()), "ledger", "connection pool exhausted")
	other := casetest.GoDiff("ledger/banner.go", "-\tcolour := 1", "+\tcolour := 2")
	other.SHA, other.Time = casetest.Sha(5), casetest.At(21)
	together.Commits = append(together.Commits, other)
	casetest.Deploy(together, "ledger", 25, other)
	for _, c := range []struct {
		name string
		c    *gathered.Evidence
		m    report.Mechanism
		want string
	}{
		{"a commit to code", casetest.Fail(casetest.DeployedCase(casetest.SmallerPool()), "ledger", "connection pool exhausted"), report.MechanismSaturation, "rollback"},
		{"a commit to configuration", casetest.Fail(casetest.DeployedCase(settings), "ledger", "connection pool exhausted"), report.MechanismSaturation, "config-revert"},
		{"one of two commits of a release", together, report.MechanismSaturation, "roll-forward"},
		{"an expired certificate", casetest.Fail(casetest.DeployedCase(casetest.LargerPool()), "ledger", "x509: certificate has expired"), report.MechanismError, "rotate-cert"},
		{"a node under pressure", casetest.Fail(casetest.DeployedCase(casetest.LargerPool()), "kubelet", "NodeUnderPressure: MemoryPressure on the node of ledger-1"), report.MechanismResource, "reschedule"},
		{"a bad record", casetest.Fail(casetest.DeployedCase(casetest.LargerPool()), "ledger", "cannot post"), report.MechanismData, "purge-bad-data"},
		{"a lost zone", casetest.Fail(casetest.DeployedCase(casetest.LargerPool()), "ledger", "primary unreachable: zone outage"), report.MechanismError, "failover"},
		{"a provider", casetest.Fail(casetest.DeployedCase(casetest.LargerPool()), "ledger", "upstream provider outage"), report.MechanismExternal, "escalate-upstream"},
		{"nothing known", casetest.Fail(casetest.DeployedCase(casetest.LargerPool()), "ledger", "odd"), report.MechanismError, ""},
	} {
		cause := casetest.LedgerCause(c.m)
		causes := []report.Cause{*cause}
		suspects := suspect.New(view.New(c.c))
		suspects.SetTriggers(causes)
		got := ""
		if as := actionsFor(&Basis{Evidence: c.c, Causes: causes, Suspects: suspects.Summary(causes)}); len(as) > 0 {
			got = as[0].Kind
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q%s", c.name, got, c.want, casetest.Show(causes[0].Commits))
		}
	}
}

func TestCommandsAreOfferedForPlainNamesOnly(t *testing.T) {
	for name, want := range map[string]string{"ledger": "kubectl rollout undo deployment/ledger", "ledger; rm -rf /": "", "Ledger": ""} {
		if got := commandFor(remedyRollback, evidence.Entity{Name: name, Kind: evidence.KindService}); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

// TestNoCommandGoesAroundAMigration: the binary before does not know the schema after.
func TestNoCommandGoesAroundAMigration(t *testing.T) {
	commit := evidence.Commit{SHA: casetest.Sha(2), Message: "Rename a column", Files: []string{"ledger/rates.go", "ledger/migrations/0002-rates.up.sql"}}
	code := evidence.Commit{SHA: casetest.Sha(2), Message: "Read rates by day", Files: []string{"ledger/rates.go"}}
	plan := evidence.DecisionHow{Rollback: map[string]string{"database": "ledger/migrations/0002-rates.down.sql, by the runner"}}
	for _, c := range []struct {
		name    string
		trigger report.Trigger
		commit  *evidence.Commit
		how     evidence.DecisionHow
		command bool
	}{
		{"a migration that can be taken back", report.TriggerMigration, nil, plan, false},
		{"a migration that cannot", report.TriggerMigration, nil, evidence.DecisionHow{}, false},
		{"a commit with its migration", report.TriggerCode, &commit, plan, false},
		{"a commit with a migration that cannot be taken back", report.TriggerCode, &commit, evidence.DecisionHow{}, false},
		{"a commit to code", report.TriggerCode, &code, evidence.DecisionHow{}, true},
	} {
		cause := report.Cause{Entity: evidence.Entity{Name: "ledger", Kind: evidence.KindService}, Trigger: c.trigger, Decision: "DEC-1"}
		if c.commit != nil {
			cause.Commits = []report.CommitScore{{SHA: c.commit.SHA}}
		}
		b := &Basis{Evidence: &gathered.Evidence{Decisions: []evidence.Decision{{ID: "DEC-1", How: c.how}}}, Causes: []report.Cause{cause}}
		b.Suspects.Commit = c.commit
		a, ok := actionFor(b, &b.Causes[0])
		if !ok || a.Command != "" != c.command {
			t.Errorf("%s: got %q with the command %q, want one: %v", c.name, a.Title, a.Command, c.command)
		}
	}
}

func TestAFlagThatNamesItsCommitIsWhenThatTakesEffect(t *testing.T) {
	shorter := casetest.GoDiff("ledger/client.go", "-\ttimeout := 5 * time.Second", "+\ttimeout := 50 * time.Millisecond")
	shorter.SHA, shorter.Time = casetest.Sha(3), casetest.At(1)
	c := casetest.Fail(casetest.DeployedCase(casetest.LargerPool()), "ledger", "rates: context deadline exceeded, timed out")
	c.Commits = append(c.Commits, shorter)
	c.Changes = append(c.Changes, evidence.Change{ID: "flag", Kind: evidence.ChangeFlag, Service: "ledger", Time: casetest.At(29), From: "5000", To: "50", Commit: casetest.Sha(3)})
	causes := []report.Cause{*casetest.LedgerCause(report.MechanismLatency)}
	suspects := suspect.New(view.New(c))
	suspects.SetTriggers(causes)
	if got := causes[0]; got.Trigger != report.TriggerFlag || got.Commits[0].SHA != casetest.Sha(3) || got.Change != "flag" {
		t.Errorf("got trigger %s by %q%s", got.Trigger, got.Change, casetest.Show(got.Commits))
	}
	if got := actionsFor(&Basis{Evidence: c, Causes: causes, Suspects: suspects.Summary(causes)}); len(got) != 1 || got[0].Kind != "config-revert" {
		t.Errorf("got %+v, want config-revert for a value that was changed", got)
	}
}
