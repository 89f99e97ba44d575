package compose

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/signal"
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
		suspects := suspect.New(c.c)
		suspects.Settle(causes)
		got := ""
		if as := actionsFor(&Basis{Evidence: c.c, Causes: causes, Suspects: suspects.Settled(causes)}); len(as) > 0 {
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

func TestServicesHitAreThoseWithSymptomsInOrder(t *testing.T) {
	c := casetest.DeployedCase(casetest.SmallerPool())
	casetest.Fail(casetest.Fail(casetest.Fail(c, "till", "ledger did not answer: timed out"), "ledger", "connection pool exhausted"), "kubelet", "MemoryPressure")
	for i := range c.Logs {
		if c.Logs[i].Service == "till" {
			c.Logs[i].Time = c.Logs[i].Time.Add(20 * time.Second)
		}
	}
	c.Logs = append(c.Logs, gathered.Line{LogLine: evidence.LogLine{Time: casetest.At(31), Service: "rates", Severity: evidence.SeverityInfo, Body: "rates refreshed"}, Template: "rates refreshed"})
	if got, want := suspect.New(c).HitBy(), []string{"ledger", "till"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func traffic(entity, name string, before, during float64) gathered.Series {
	m := gathered.Series{Entity: entity, Name: name}
	for i := range 20 {
		m.Baseline = append(m.Baseline, evidence.Sample{Time: casetest.At(i), Value: before + float64(i%3)})
	}
	for i := range 5 {
		m.Incident = append(m.Incident, evidence.Sample{Time: casetest.At(30 + i), Value: during})
	}
	return m
}

func TestASurgeEntersFromOutside(t *testing.T) {
	for _, c := range []struct {
		name    string
		metrics []gathered.Series
		want    bool
	}{
		{"all rates double", []gathered.Series{traffic("till", "requests_per_second", 100, 210), traffic("ledger", "rps", 90, 190)}, true},
		{"only the callee's rate doubles, as by retries", []gathered.Series{traffic("till", "requests_per_second", 100, 101), traffic("ledger", "rps", 90, 190)}, false},
		{"more comes in but not here", []gathered.Series{traffic("till", "requests_per_second", 100, 210), traffic("ledger", "rps", 90, 91)}, false},
		{"latency doubles", []gathered.Series{traffic("till", "request_duration_ms", 100, 210)}, false},
	} {
		cs := casetest.DeployedCase(casetest.LargerPool())
		cs.Metrics = c.metrics
		if got := suspect.New(cs).Surging(casetest.LedgerCause(report.MechanismLatency)); (got > 0) != c.want {
			t.Errorf("%s: got %d, want surge %v", c.name, got, c.want)
		}
	}
}

// A span that gives up on a slow callee is not where the failure comes from.
func TestFailuresByTimeoutComeFromWhomTheyWaitedFor(t *testing.T) {
	c := casetest.DeployedCase()
	for i := range 12 {
		id := fmt.Sprintf("%032x", i+1)
		failing := i >= 6
		slow, start := 10*time.Millisecond, casetest.At(5+i)
		message := ""
		if failing {
			slow, start, message = 900*time.Millisecond, casetest.At(24+i), "upstream deadline exceeded"
		}
		c.Traces = append(c.Traces, gathered.Trace{Baseline: !failing, Trace: evidence.Trace{ID: id, Spans: []evidence.Span{
			{TraceID: id, SpanID: "a", Service: "till", Operation: "Pay", Start: start, Duration: slow, Failed: failing, StatusMessage: message},
			{TraceID: id, SpanID: "b", ParentID: "a", Service: "ledger", Operation: "Post", Start: start, Duration: slow},
		}}})
	}
	for _, f := range signal.ErrorInnermost(view.New(c)) {
		if v := view.New(c); v.Names[f.Entity] != "ledger" && f.Strength > 0 {
			t.Errorf("got %s blamed: %s; want ledger", v.Names[f.Entity], f.Why)
		}
	}
}

func TestCalleesOfTheCauseAreNotAmongTheHit(t *testing.T) {
	c := casetest.DeployedCase(casetest.SmallerPool())
	hit := []string{"ledger", "rates", "till"}
	if got, want := suspect.New(c).Sufferers([]report.Cause{*casetest.LedgerCause(report.MechanismError)}, hit), []string{"ledger", "till"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := suspect.New(c).Sufferers([]report.Cause{*casetest.LedgerCause(report.MechanismData)}, hit); !slices.Equal(got, hit) {
		t.Errorf("behind a bad record: got %v, want %v", got, hit)
	}
}

func TestAFlagThatNamesItsCommitIsWhenThatTakesEffect(t *testing.T) {
	shorter := casetest.GoDiff("ledger/client.go", "-\ttimeout := 5 * time.Second", "+\ttimeout := 50 * time.Millisecond")
	shorter.SHA, shorter.Time = casetest.Sha(3), casetest.At(1)
	c := casetest.Fail(casetest.DeployedCase(casetest.LargerPool()), "ledger", "rates: context deadline exceeded, timed out")
	c.Commits = append(c.Commits, shorter)
	c.Changes = append(c.Changes, evidence.Change{ID: "flag", Kind: evidence.ChangeFlag, Service: "ledger", Time: casetest.At(29), From: "5000", To: "50", Commit: casetest.Sha(3)})
	causes := []report.Cause{*casetest.LedgerCause(report.MechanismLatency)}
	suspects := suspect.New(c)
	suspects.Settle(causes)
	if got := causes[0]; got.Trigger != report.TriggerFlag || got.Commits[0].SHA != casetest.Sha(3) || got.Change != "flag" {
		t.Errorf("got trigger %s by %q%s", got.Trigger, got.Change, casetest.Show(got.Commits))
	}
	if got := actionsFor(&Basis{Evidence: c, Causes: causes, Suspects: suspects.Settled(causes)}); len(got) != 1 || got[0].Kind != "config-revert" {
		t.Errorf("got %+v, want config-revert for a value that was changed", got)
	}
}
