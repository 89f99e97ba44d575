package correlate

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestActionUndoesWhatSetTheCauseOff(t *testing.T) {
	settings := smallerPool()
	settings.Files, settings.Diff = []string{"ledger/config/db.yaml"}, "--- a/ledger/config/db.yaml\n+++ b/ledger/config/db.yaml\n@@ -1 +1 @@\n-max_pool_size: 40\n+max_pool_size: 4\n"
	together := deployedCase(smallerPool()).fail("ledger", "connection pool exhausted")
	other := goDiff("ledger/banner.go", "-\tcolour := 1", "+\tcolour := 2")
	other.SHA, other.Time = sha(5), at(21)
	together.Commits = append(together.Commits, other)
	together.deploy("ledger", 25, other)
	for _, c := range []struct {
		name string
		c    *Case
		m    Mechanism
		want string
	}{
		{"a commit to code", deployedCase(smallerPool()).fail("ledger", "connection pool exhausted"), MechanismSaturation, "rollback"},
		{"a commit to configuration", deployedCase(settings).fail("ledger", "connection pool exhausted"), MechanismSaturation, "config-revert"},
		{"one of two commits of a release", together, MechanismSaturation, "roll-forward"},
		{"an expired certificate", deployedCase(largerPool()).fail("ledger", "x509: certificate has expired"), MechanismError, "rotate-cert"},
		{"a node under pressure", deployedCase(largerPool()).fail("kubelet", "NodeUnderPressure: MemoryPressure on the node of ledger-1"), MechanismResource, "reschedule"},
		{"a bad record", deployedCase(largerPool()).fail("ledger", "cannot post"), MechanismData, "purge-bad-data"},
		{"a lost zone", deployedCase(largerPool()).fail("ledger", "primary unreachable: zone outage"), MechanismError, "failover"},
		{"a provider", deployedCase(largerPool()).fail("ledger", "upstream provider outage"), MechanismExternal, "escalate-upstream"},
		{"nothing known", deployedCase(largerPool()).fail("ledger", "odd"), MechanismError, ""},
	} {
		cause := ledgerCause(c.m)
		causes := []Cause{*cause}
		suspects := newCommitScorer(c.c)
		suspects.settleTriggers(causes)
		got := ""
		if as := actionsFor(suspects, causes); len(as) > 0 {
			got = as[0].Kind
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q%s", c.name, got, c.want, show(causes[0].Commits))
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
	c := deployedCase(smallerPool())
	c.fail("till", "ledger did not answer: timed out").fail("ledger", "connection pool exhausted").fail("kubelet", "MemoryPressure")
	for i := range c.Logs {
		if c.Logs[i].Service == "till" {
			c.Logs[i].Time = c.Logs[i].Time.Add(20 * time.Second)
		}
	}
	c.Logs = append(c.Logs, CaseLog{LogLine: evidence.LogLine{Time: at(31), Service: "rates", Severity: evidence.SeverityInfo, Body: "rates refreshed"}, Template: "rates refreshed"})
	if got, want := newCommitScorer(c).hitBy(), []string{"ledger", "till"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func traffic(entity, name string, before, during float64) CaseMetric {
	m := CaseMetric{Entity: entity, Name: name}
	for i := range 20 {
		m.Baseline = append(m.Baseline, evidence.Sample{Time: at(i), Value: before + float64(i%3)})
	}
	for i := range 5 {
		m.Incident = append(m.Incident, evidence.Sample{Time: at(30 + i), Value: during})
	}
	return m
}

func TestASurgeEntersFromOutside(t *testing.T) {
	for _, c := range []struct {
		name    string
		metrics []CaseMetric
		want    bool
	}{
		{"all rates double", []CaseMetric{traffic("till", "requests_per_second", 100, 210), traffic("ledger", "rps", 90, 190)}, true},
		{"only the callee's rate doubles, as by retries", []CaseMetric{traffic("till", "requests_per_second", 100, 101), traffic("ledger", "rps", 90, 190)}, false},
		{"more comes in but not here", []CaseMetric{traffic("till", "requests_per_second", 100, 210), traffic("ledger", "rps", 90, 91)}, false},
		{"latency doubles", []CaseMetric{traffic("till", "request_duration_ms", 100, 210)}, false},
	} {
		cs := deployedCase(largerPool())
		cs.Metrics = c.metrics
		if got := newCommitScorer(cs).surging(ledgerCause(MechanismLatency)); (got > 0) != c.want {
			t.Errorf("%s: got %d, want surge %v", c.name, got, c.want)
		}
	}
}

// A span that gives up on a slow callee is not where the failure comes from.
func TestFailuresByTimeoutComeFromWhomTheyWaitedFor(t *testing.T) {
	c := deployedCase()
	for i := range 12 {
		id := fmt.Sprintf("%032x", i+1)
		failing := i >= 6
		slow, start := 10*time.Millisecond, at(5+i)
		message := ""
		if failing {
			slow, start, message = 900*time.Millisecond, at(24+i), "upstream deadline exceeded"
		}
		c.Traces = append(c.Traces, CaseTrace{Baseline: !failing, Trace: evidence.Trace{ID: id, Spans: []evidence.Span{
			{TraceID: id, SpanID: "a", Service: "till", Operation: "Pay", Start: start, Duration: slow, Failed: failing, StatusMessage: message},
			{TraceID: id, SpanID: "b", ParentID: "a", Service: "ledger", Operation: "Post", Start: start, Duration: slow},
		}}})
	}
	for _, f := range errorInnermost(newView(c)) {
		if v := newView(c); v.names[f.entity] != "ledger" && f.strength > 0 {
			t.Errorf("got %s blamed: %s; want ledger", v.names[f.entity], f.why)
		}
	}
}

func TestCalleesOfTheCauseAreNotAmongTheHit(t *testing.T) {
	c := deployedCase(smallerPool())
	hit := []string{"ledger", "rates", "till"}
	if got, want := newCommitScorer(c).sufferers([]Cause{*ledgerCause(MechanismError)}, hit), []string{"ledger", "till"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := newCommitScorer(c).sufferers([]Cause{*ledgerCause(MechanismData)}, hit); !slices.Equal(got, hit) {
		t.Errorf("behind a bad record: got %v, want %v", got, hit)
	}
}

func TestAFlagThatNamesItsCommitIsWhenThatTakesEffect(t *testing.T) {
	shorter := goDiff("ledger/client.go", "-\ttimeout := 5 * time.Second", "+\ttimeout := 50 * time.Millisecond")
	shorter.SHA, shorter.Time = sha(3), at(1)
	c := deployedCase(largerPool()).fail("ledger", "rates: context deadline exceeded, timed out")
	c.Commits = append(c.Commits, shorter)
	c.Changes = append(c.Changes, evidence.Change{ID: "flag", Kind: evidence.ChangeFlag, Service: "ledger", Time: at(29), From: "5000", To: "50", Commit: sha(3)})
	causes := []Cause{*ledgerCause(MechanismLatency)}
	suspects := newCommitScorer(c)
	suspects.settleTriggers(causes)
	if got := causes[0]; got.Trigger != TriggerFlag || got.Commits[0].SHA != sha(3) || got.Change != "flag" {
		t.Errorf("got trigger %s by %q%s", got.Trigger, got.Change, show(got.Commits))
	}
	if got := actionsFor(suspects, causes); len(got) != 1 || got[0].Kind != "config-revert" {
		t.Errorf("got %+v, want config-revert for a value that was changed", got)
	}
}
