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

func TestFirstCommit(t *testing.T) {
	const exhausted = "acquire conn: connection pool exhausted"
	for _, c := range []struct {
		name string
		c    *gathered.Evidence
		m    report.Mechanism
		want string
	}{
		{"the smaller pool, though a newer commit words it better", casetest.Fail(casetest.DeployedCase(casetest.SmallerPool(), casetest.PoolHandler()), "ledger", exhausted), report.MechanismSaturation, casetest.Sha(0)},
		{"nobody when the pool was made larger", casetest.Fail(casetest.DeployedCase(casetest.LargerPool(), casetest.PoolHandler()), "ledger", exhausted), report.MechanismSaturation, report.NoCommit},
		{"nobody when the diff does something else than what is seen", casetest.Fail(casetest.DeployedCase(casetest.SmallerPool()), "ledger", "x509: certificate has expired or is not yet valid"), report.MechanismError, report.NoCommit},
		{"nobody when the diff is a comment", casetest.Fail(casetest.DeployedCase(casetest.GoDiff("ledger/store/open.go", "-\t// db.SetMaxOpenConns(40)", "+\t// db.SetMaxOpenConns(4)")), "ledger", exhausted), report.MechanismSaturation, report.NoCommit},
		{"the only suspect, seen through its consequence", casetest.Fail(casetest.DeployedCase(casetest.GoDiff("ledger/store/rows.go", " \trows, err := db.QueryContext(ctx, q)", "-\tdefer rows.Close()")), "ledger", exhausted), report.MechanismSaturation, casetest.Sha(0)},
	} {
		s := New(view.New(c.c))
		got := s.score(casetest.LedgerCause(c.m))
		if len(got) == 0 || got[0].SHA != c.want {
			t.Errorf("%s: got%s\nwant %s first", c.name, casetest.Show(got), c.want)
		}
	}
}

func TestACommitThatWentLiveAfterTheOnsetIsNeverFirst(t *testing.T) {
	c := casetest.Fail(casetest.DeployedCase(), "ledger", "connection pool exhausted")
	late := casetest.SmallerPool()
	late.SHA, late.Time = casetest.Sha(7), casetest.At(31)
	casetest.Deploy(c, "ledger", 33, late)
	got := New(view.New(c)).score(casetest.LedgerCause(report.MechanismSaturation))
	if len(got) != 2 || got[0].SHA != report.NoCommit || got[1].Score >= 0 {
		t.Errorf("got%s\nwant none first and the late commit below zero", casetest.Show(got))
	}
}

func TestACommitThatWasTakenBackIsInnocent(t *testing.T) {
	revert := casetest.GoDiff("ledger/store/open.go", "-\tdb.SetMaxOpenConns(4)", "+\tdb.SetMaxOpenConns(40)")
	revert.Message = "Revert \"change ledger/store/open.go\"\n\nThis reverts commit " + casetest.Sha(0) + "."
	c := casetest.Fail(casetest.DeployedCase(casetest.SmallerPool(), revert), "ledger", "connection pool exhausted")
	got := New(view.New(c)).score(casetest.LedgerCause(report.MechanismSaturation))
	if got[0].SHA != report.NoCommit {
		t.Errorf("got%s\nwant none first", casetest.Show(got))
	}
}

func TestSharedCodeReachesWhatWasBuiltWithIt(t *testing.T) {
	lib := casetest.GoDiff("platform/dbx/defaults.go", "-const defaultMaxConns = 40", "+const defaultMaxConns = 4")
	other := casetest.GoDiff("rates/import.go", "-\tbatch := 10", "+\tbatch := 20")
	c := casetest.Fail(casetest.DeployedCase(lib, other), "ledger", "connection pool exhausted")
	if got := New(view.New(c)).score(casetest.LedgerCause(report.MechanismSaturation)); got[0].SHA != casetest.Sha(0) {
		t.Errorf("got%s\nwant the shared library's commit first", casetest.Show(got))
	}
}

func TestLinesThatAFailureNamesVoteForTheirCommit(t *testing.T) {
	odd := casetest.GoDiff("ledger/post.go", "-\tx := plan(a)", "+\tx := sketch(a)")
	c := casetest.Fail(casetest.DeployedCase(odd, casetest.LargerPool()), "ledger", "boom")
	c.Frames = []gathered.Frame{{Service: "ledger", Failing: true, Seen: 5, Frame: evidence.Frame{File: "/build/src/ledger/post.go", Line: 12},
		Blame: &evidence.Blame{Ref: evidence.CodeRef{Path: "ledger/post.go", Line: 12}, Lines: []evidence.BlameLine{{Line: 12, Commit: casetest.Sha(0)}}}}}
	if got := New(view.New(c)).score(casetest.LedgerCause(report.MechanismError)); got[0].SHA != casetest.Sha(0) {
		t.Errorf("got%s\nwant the commit that wrote the failing line first", casetest.Show(got))
	}
}

func TestTwoVersionsSideBySideDecide(t *testing.T) {
	build := func(failing string) *gathered.Evidence {
		c := casetest.Fail(casetest.DeployedCase(casetest.GoDiff("ledger/post.go", "-\tx := plan(a)", "+\tx := sketch(a)")), "ledger", "boom")
		for i := range 60 {
			version := []string{"v10", "v25"}[i%2]
			c.Traces = append(c.Traces, gathered.Trace{Trace: evidence.Trace{ID: fmt.Sprint(i), Spans: []evidence.Span{{
				TraceID: fmt.Sprint(i), SpanID: fmt.Sprint(i), Service: "ledger", Operation: "Post", Start: casetest.At(31), Duration: 40 * time.Millisecond,
				Failed: version == failing || failing == "both", Resource: map[string]string{"service.version": version}}}}})
		}
		return c
	}
	if got := New(view.New(build("v25"))).score(casetest.LedgerCause(report.MechanismError)); got[0].SHA != casetest.Sha(0) {
		t.Errorf("only the new version fails: got%s\nwant its commit first", casetest.Show(got))
	}
	if got := New(view.New(build("both"))).score(casetest.LedgerCause(report.MechanismError)); got[0].SHA != report.NoCommit || got[1].Score > 200 {
		t.Errorf("both versions fail: got%s\nwant none first and its commit cleared", casetest.Show(got))
	}
}

func TestTheTriggerIsNamed(t *testing.T) {
	flagged := casetest.Fail(casetest.DeployedCase(casetest.LargerPool()), "ledger", "settlement batching: queue stuck")
	flagged.Changes = append(flagged.Changes, evidence.Change{ID: "flag", Kind: evidence.ChangeFlag, Service: "ledger", Time: casetest.At(29), Attributes: map[string]string{"flag": "settlement_batching"}})
	distant := casetest.Fail(casetest.DeployedCase(casetest.LargerPool()), "ledger", "settlement batching: queue stuck")
	distant.Changes = append(distant.Changes, evidence.Change{ID: "flag", Kind: evidence.ChangeFlag, Service: "till", Time: casetest.At(5), Attributes: map[string]string{"flag": "banner_colour"}})
	for _, c := range []struct {
		name    string
		c       *gathered.Evidence
		cause   *report.Cause
		trigger report.Trigger
		change  string
	}{
		{"a commit", casetest.Fail(casetest.DeployedCase(casetest.SmallerPool()), "ledger", "connection pool exhausted"), casetest.LedgerCause(report.MechanismSaturation), report.TriggerCode, "ledger@25"},
		{"an expired certificate", casetest.Fail(casetest.DeployedCase(casetest.LargerPool()), "ledger", "x509: certificate has expired"), casetest.LedgerCause(report.MechanismError), report.TriggerInfra, ""},
		{"a surge", casetest.Fail(casetest.DeployedCase(casetest.LargerPool()), "ledger", "shedding load"), casetest.LedgerCause(report.MechanismSurge), report.TriggerLoad, ""},
		{"a flag turned a minute before", flagged, casetest.LedgerCause(report.MechanismError), report.TriggerFlag, "flag"},
		{"unknown, in spite of a flag elsewhere", distant, casetest.LedgerCause(report.MechanismError), report.TriggerNone, ""},
		{"an expired certificate where no commit is known", casetest.Fail(casetest.DeployedCase(), "ledger", "x509: certificate has expired"), casetest.LedgerCause(report.MechanismError), report.TriggerInfra, ""},
	} {
		New(view.New(c.c)).setTrigger(c.cause)
		if c.cause.Trigger != c.trigger || c.cause.Change != c.change {
			t.Errorf("%s: got trigger %q by %q, want %q by %q%s", c.name, c.cause.Trigger, c.cause.Change, c.trigger, c.change, casetest.Show(c.cause.Commits))
		}
	}
}

func TestScoresAreTheSumsOfTheirTerms(t *testing.T) {
	c := casetest.Fail(casetest.DeployedCase(casetest.SmallerPool(), casetest.PoolHandler()), "ledger", "connection pool exhausted")
	for _, s := range New(view.New(c)).score(casetest.LedgerCause(report.MechanismSaturation)) {
		sum := 0
		for _, term := range s.Terms {
			sum += term.Points
			if term.Why == "" {
				t.Errorf("%s: term %s gives no reason", s.SHA, term.ID)
			}
		}
		if sum != s.Score {
			t.Errorf("%s: got %d, want the sum of its terms, %d", s.SHA, s.Score, sum)
		}
	}
}

func TestTouchesFileAllowsForBuildPrefixes(t *testing.T) {
	cm := evidence.Commit{Files: []string{"svc/a/post.go", "lib/util.py"}}
	for file, want := range map[string]bool{
		"/go/src/x/svc/a/post.go": true, "a/post.go": true, "post.go": true, "b/post.go": false, `C:\x\lib\util.py`: true, "": false, "other.go": false,
	} {
		if got := touchesFile(cm, file); got != want {
			t.Errorf("touchesFile(%q): got %v, want %v", file, got, want)
		}
	}
}

func BenchmarkCommitScorer(b *testing.B) {
	var commits []evidence.Commit
	for i := range 200 {
		commits = append(commits, casetest.GoDiff(fmt.Sprintf("ledger/f%d.go", i), fmt.Sprintf("-\tcfg.Limit%d = 10", i), fmt.Sprintf("+\tcfg.Limit%d = 5", i)))
	}
	c := casetest.Fail(casetest.DeployedCase(commits...), "ledger", "connection pool exhausted")
	for b.Loop() {
		New(view.New(c)).score(casetest.LedgerCause(report.MechanismSaturation))
	}
}

func TestACommitThatOnlyADeploymentNamesIsASuspect(t *testing.T) {
	c := casetest.DeployedCase()
	casetest.Deploy(c, "ledger", 25, evidence.Commit{SHA: casetest.Sha(1)})
	casetest.Deploy(c, "rates", 26, evidence.Commit{SHA: casetest.Sha(2)})
	for i := range c.Deployments {
		c.Deployments[i].Commits, c.Deployments[i].CommitsKnown = nil, false
	}
	cause := casetest.LedgerCause(report.MechanismError)
	got := New(view.New(c)).score(cause)
	if len(got) != 3 || got[0].SHA != report.NoCommit || got[1].SHA != casetest.Sha(1) {
		t.Errorf("without a contrast: got%s\nwant none, then the commit deployed to ledger", casetest.Show(got))
	}
	cause.Add(report.Term{ID: "change/gray", Points: 1200, Why: "the new version fails, the old one does not"})
	if got = New(view.New(c)).score(cause); got[0].SHA != casetest.Sha(1) {
		t.Errorf("with a contrast: got%s\nwant the commit deployed to ledger first", casetest.Show(got))
	}
}
