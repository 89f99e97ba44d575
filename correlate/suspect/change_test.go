package suspect

import (
	"fmt"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// release adds a deployment of which only the version is known.
func release(c *gathered.Evidence, service, version string, minute int) {
	ch := evidence.Change{ID: service + "-" + version, Kind: evidence.ChangeDeploy, Service: service, Time: casetest.At(minute), From: "1.0.0", To: version}
	c.Changes = append(c.Changes, ch)
	c.Deployments = append(c.Deployments, gathered.Deployment{Change: ch, Service: service, From: "1.0.0", To: version})
}

func flag(c *gathered.Evidence, kind evidence.ChangeKind, service, name string, minute int) {
	c.Changes = append(c.Changes, evidence.Change{ID: name, Kind: kind, Service: service, Time: casetest.At(minute), Summary: name + " off to on", Attributes: map[string]string{"flag": name}})
}

// beside adds spans of two versions of ledger that serve side by side; those of
// the failing one fail.
func beside(c *gathered.Evidence, failing string, versions ...string) {
	for i := range 80 {
		v := versions[i%len(versions)]
		c.Traces = append(c.Traces, gathered.Trace{Trace: evidence.Trace{ID: fmt.Sprint(i), Spans: []evidence.Span{{
			TraceID: fmt.Sprint(i), SpanID: fmt.Sprint(i), Service: "ledger", Operation: "Post", Start: casetest.At(31), Duration: 40 * time.Millisecond,
			Failed: v == failing || failing == "both", Resource: map[string]string{"service.version": v}}}}})
	}
}

func TestChangesWithoutACommitAreHypotheses(t *testing.T) {
	for _, c := range []struct {
		name    string
		build   func(c *gathered.Evidence)
		commits []evidence.Commit
		text    string
		want    string // the change's ID, "" for none
		trigger report.Trigger
	}{
		{"the version that fails beside the one before", func(c *gathered.Evidence) {
			release(c, "ledger", "1.1.0", 29)
			release(c, "rates", "2.0.0", 28)
			beside(c, "1.1.0", "1.0.0", "1.1.0")
		}, nil, "internal error", "ledger-1.1.0", report.TriggerCode},
		{"none, where both versions fail", func(c *gathered.Evidence) {
			release(c, "ledger", "1.1.0", 26)
			beside(c, "both", "1.0.0", "1.1.0")
		}, nil, "internal error", "", ""},
		{"a flag as it began, beside a commit that has nothing to do with it", func(c *gathered.Evidence) { flag(c, evidence.ChangeFlag, "ledger", "settlement_batching", 29) },
			[]evidence.Commit{casetest.LargerPool()}, "settlement queue is stuck", "settlement_batching", report.TriggerFlag},
		{"no flag of a service that has nothing to do with it", func(c *gathered.Evidence) { flag(c, evidence.ChangeFlag, "till", "banner_colour", 5) },
			[]evidence.Commit{casetest.LargerPool()}, "settlement queue is stuck", "", report.TriggerNone},
		{"no flag where an operational fault is seen", func(c *gathered.Evidence) { flag(c, evidence.ChangeFlag, "ledger", "banner_colour", 26) },
			nil, "x509: certificate has expired", "", report.TriggerInfra},
		{"no flag after the onset", func(c *gathered.Evidence) { flag(c, evidence.ChangeFlag, "ledger", "settlement_batching", 34) },
			nil, "settlement queue is stuck", "", ""},
		{"no scaling, which goes on all day", func(c *gathered.Evidence) { flag(c, evidence.ChangeScale, "ledger", "replicas", 29) },
			nil, "internal error", "", ""},
		{"a push of configuration that names what fails", func(c *gathered.Evidence) { flag(c, evidence.ChangeConfig, "ledger", "settlement_window", 29) },
			nil, "settlement window is empty", "settlement_window", report.TriggerConfig},
	} {
		e := casetest.Fail(casetest.DeployedCase(c.commits...), "ledger", c.text)
		c.build(e)
		cause := casetest.LedgerCause(report.MechanismError)
		New(view.New(e)).setTrigger(cause)
		first := cause.Commits[0]
		if c.want == "" && first.SHA != report.NoCommit || first.Change != c.want || first.IsCommit() {
			t.Errorf("%s: got%s\nwant %q first", c.name, casetest.Show(cause.Commits), c.want)
		}
		if cause.Trigger != c.trigger || cause.Change != c.want {
			t.Errorf("%s: got trigger %q by %q, want %q by %q", c.name, cause.Trigger, cause.Change, c.trigger, c.want)
		}
	}
}

func TestOneChangeMadeInManyPlacesIsOneHypothesis(t *testing.T) {
	e := casetest.Fail(casetest.DeployedCase(), "ledger", "internal error")
	for pod := range 300 {
		e.Changes = append(e.Changes, evidence.Change{ID: fmt.Sprint(pod), Kind: evidence.ChangeDeploy, Service: "ledger", Time: casetest.At(20 + pod%9), From: "1.0.0", To: "1.1.0"})
	}
	if got := New(view.New(e)).score(casetest.LedgerCause(report.MechanismError)); len(got) != 2 {
		t.Errorf("got %d hypotheses, want the release and none%s", len(got), casetest.Show(got))
	}
	for n := range 400 {
		flag(e, evidence.ChangeFlag, "ledger", fmt.Sprintf("flag_%d", n), 20)
	}
	if got := New(view.New(e)).score(casetest.LedgerCause(report.MechanismError)); len(got) > mostChanges+1 {
		t.Errorf("got %d hypotheses, want %d at most", len(got), mostChanges+1)
	}
}

func TestRoutineChangesDoNotMakeNoneLikelier(t *testing.T) {
	prior := func(kind evidence.ChangeKind) int {
		e := casetest.Fail(casetest.DeployedCase(casetest.LargerPool()), "ledger", "internal error")
		for n := range 60 {
			flag(e, kind, "ledger", fmt.Sprintf("x%d", n), 20)
		}
		s := New(view.New(e))
		return s.prior(s.ask(casetest.LedgerCause(report.MechanismError))).Points
	}
	if flags, scalings := prior(evidence.ChangeFlag), prior(evidence.ChangeScale); scalings >= flags {
		t.Errorf("got a prior of %d for none with sixty scalings and %d with sixty flags, want less with the scalings", scalings, flags)
	}
}
