package correlate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func at(minute int) time.Time { return time.Date(2026, 3, 4, 12, minute, 0, 0, time.UTC) }

func sha(n int) string { return fmt.Sprintf("%040x", n+0xabc0000) }

// deployedCase has a service "ledger" that is called by "till" and calls
// "rates"; trouble begins at minute 30. Commits are deployed to ledger at
// minutes 10 and 25, in the order given.
func deployedCase(commits ...evidence.Commit) *Case {
	c := &Case{
		Onset:    Onset{At: at(30), Earliest: at(29), Latest: at(30)},
		Incident: evidence.Window{Start: at(30), End: at(36)},
		Alerting: []string{"ledger"},
		Entities: []evidence.Entity{{Name: "ledger", Kind: evidence.KindService}, {Name: "rates", Kind: evidence.KindService}, {Name: "till", Kind: evidence.KindService}},
		Edges:    []evidence.Edge{{Caller: "till", Callee: "ledger"}, {Caller: "ledger", Callee: "rates"}},
	}
	c.Request.Alert = evidence.Alert{Labels: map[string]string{"alertname": "LedgerErrors"}, Instances: []evidence.AlertInstance{{StartsAt: at(36)}}}
	for i := range commits {
		minute := 25 - 15*(len(commits)-1-i)
		commits[i].SHA, commits[i].Time = sha(i), at(minute-5)
		c.deploy("ledger", minute, commits[i])
		c.Commits = append(c.Commits, commits[i])
	}
	return c
}

func (c *Case) deploy(service string, minute int, commits ...evidence.Commit) {
	ch := evidence.Change{ID: fmt.Sprintf("%s@%d", service, minute), Kind: evidence.ChangeDeploy, Service: service, Time: at(minute), To: fmt.Sprintf("v%d", minute), Commit: commits[0].SHA}
	c.Changes = append(c.Changes, ch)
	c.Deployments = append(c.Deployments, Deployment{Change: ch, Service: service, To: commits[0].SHA, Commits: commits, CommitsKnown: true})
}

func (c *Case) fail(service, text string) *Case {
	for m := 30; m < 36; m++ {
		c.Logs = append(c.Logs, CaseLog{LogLine: evidence.LogLine{Time: at(m), Service: service, Severity: evidence.SeverityError, Body: text}, Template: text})
	}
	return c
}

func ledgerCause(m Mechanism) *Cause {
	return &Cause{Entity: evidence.Entity{Name: "ledger", Kind: evidence.KindService}, Mechanism: m}
}

func goDiff(file string, lines ...string) evidence.Commit {
	return evidence.Commit{Message: "change " + file, Files: []string{file}, Diff: "--- a/" + file + "\n+++ b/" + file + "\n@@ -1,9 +1,9 @@ func f() {\n" + strings.Join(lines, "\n") + "\n"}
}

func smallerPool() evidence.Commit {
	return goDiff("ledger/store/open.go", "-\tdb.SetMaxOpenConns(40)", "+\tdb.SetMaxOpenConns(4)")
}

func largerPool() evidence.Commit {
	return goDiff("ledger/store/open.go", "-\tdb.SetMaxOpenConns(40)", "+\tdb.SetMaxOpenConns(50)")
}

func poolHandler() evidence.Commit {
	return goDiff("ledger/store/handler.go", "-\thttp.Error(w, \"connection pool exhausted\", 503)", "+\twriteError(w, 503, \"connection pool exhausted\")")
}

func show(scores []CommitScore) string {
	var b strings.Builder
	for _, s := range scores {
		fmt.Fprintf(&b, "\n%5d %.10s %s", s.Score, s.SHA, s.Subject)
		for _, t := range s.Terms {
			fmt.Fprintf(&b, "\n        %5d %s: %s", t.Points, t.ID, t.Why)
		}
	}
	return b.String()
}

func TestFirstCommit(t *testing.T) {
	const exhausted = "acquire conn: connection pool exhausted"
	for _, c := range []struct {
		name string
		c    *Case
		m    Mechanism
		want string
	}{
		{"the smaller pool, though a newer commit words it better", deployedCase(smallerPool(), poolHandler()).fail("ledger", exhausted), MechanismSaturation, sha(0)},
		{"nobody when the pool was made larger", deployedCase(largerPool(), poolHandler()).fail("ledger", exhausted), MechanismSaturation, NoCommit},
		{"nobody when the diff does something else than what is seen", deployedCase(smallerPool()).fail("ledger", "x509: certificate has expired or is not yet valid"), MechanismError, NoCommit},
		{"nobody when the diff is a comment", deployedCase(goDiff("ledger/store/open.go", "-\t// db.SetMaxOpenConns(40)", "+\t// db.SetMaxOpenConns(4)")).fail("ledger", exhausted), MechanismSaturation, NoCommit},
		{"the only suspect, seen through its consequence", deployedCase(goDiff("ledger/store/rows.go", " \trows, err := db.QueryContext(ctx, q)", "-\tdefer rows.Close()")).fail("ledger", exhausted), MechanismSaturation, sha(0)},
	} {
		s := newCommitScorer(c.c)
		got := s.score(ledgerCause(c.m))
		if len(got) == 0 || got[0].SHA != c.want {
			t.Errorf("%s: got%s\nwant %s first", c.name, show(got), c.want)
		}
	}
}

func TestACommitThatWentLiveAfterTheOnsetIsNeverFirst(t *testing.T) {
	c := deployedCase().fail("ledger", "connection pool exhausted")
	late := smallerPool()
	late.SHA, late.Time = sha(7), at(31)
	c.deploy("ledger", 33, late)
	got := newCommitScorer(c).score(ledgerCause(MechanismSaturation))
	if len(got) != 2 || got[0].SHA != NoCommit || got[1].Score >= 0 {
		t.Errorf("got%s\nwant none first and the late commit below zero", show(got))
	}
}

func TestACommitThatWasTakenBackIsInnocent(t *testing.T) {
	revert := goDiff("ledger/store/open.go", "-\tdb.SetMaxOpenConns(4)", "+\tdb.SetMaxOpenConns(40)")
	revert.Message = "Revert \"change ledger/store/open.go\"\n\nThis reverts commit " + sha(0) + "."
	c := deployedCase(smallerPool(), revert).fail("ledger", "connection pool exhausted")
	got := newCommitScorer(c).score(ledgerCause(MechanismSaturation))
	if got[0].SHA != NoCommit {
		t.Errorf("got%s\nwant none first", show(got))
	}
}

func TestSharedCodeReachesWhatWasBuiltWithIt(t *testing.T) {
	lib := goDiff("platform/dbx/defaults.go", "-const defaultMaxConns = 40", "+const defaultMaxConns = 4")
	other := goDiff("rates/import.go", "-\tbatch := 10", "+\tbatch := 20")
	c := deployedCase(lib, other).fail("ledger", "connection pool exhausted")
	if got := newCommitScorer(c).score(ledgerCause(MechanismSaturation)); got[0].SHA != sha(0) {
		t.Errorf("got%s\nwant the shared library's commit first", show(got))
	}
}

func TestLinesThatAFailureNamesVoteForTheirCommit(t *testing.T) {
	odd := goDiff("ledger/post.go", "-\tx := plan(a)", "+\tx := sketch(a)")
	c := deployedCase(odd, largerPool()).fail("ledger", "boom")
	c.Frames = []CaseFrame{{Service: "ledger", Failing: true, Seen: 5, Frame: evidence.Frame{File: "/build/src/ledger/post.go", Line: 12},
		Blame: &evidence.Blame{Ref: evidence.CodeRef{Path: "ledger/post.go", Line: 12}, Lines: []evidence.BlameLine{{Line: 12, Commit: sha(0)}}}}}
	if got := newCommitScorer(c).score(ledgerCause(MechanismError)); got[0].SHA != sha(0) {
		t.Errorf("got%s\nwant the commit that wrote the failing line first", show(got))
	}
}

func TestTwoVersionsSideBySideDecide(t *testing.T) {
	build := func(failing string) *Case {
		c := deployedCase(goDiff("ledger/post.go", "-\tx := plan(a)", "+\tx := sketch(a)")).fail("ledger", "boom")
		for i := range 60 {
			version := []string{"v10", "v25"}[i%2]
			c.Traces = append(c.Traces, CaseTrace{Trace: evidence.Trace{ID: fmt.Sprint(i), Spans: []evidence.Span{{
				TraceID: fmt.Sprint(i), SpanID: fmt.Sprint(i), Service: "ledger", Operation: "Post", Start: at(31), Duration: 40 * time.Millisecond,
				Failed: version == failing || failing == "both", Resource: map[string]string{"service.version": version}}}}})
		}
		return c
	}
	if got := newCommitScorer(build("v25")).score(ledgerCause(MechanismError)); got[0].SHA != sha(0) {
		t.Errorf("only the new version fails: got%s\nwant its commit first", show(got))
	}
	if got := newCommitScorer(build("both")).score(ledgerCause(MechanismError)); got[0].SHA != NoCommit || got[1].Score > 200 {
		t.Errorf("both versions fail: got%s\nwant none first and its commit cleared", show(got))
	}
}

func TestSettleNamesTheTrigger(t *testing.T) {
	flagged := deployedCase(largerPool()).fail("ledger", "settlement batching: queue stuck")
	flagged.Changes = append(flagged.Changes, evidence.Change{ID: "flag", Kind: evidence.ChangeFlag, Service: "ledger", Time: at(29), Attributes: map[string]string{"flag": "settlement_batching"}})
	distant := deployedCase(largerPool()).fail("ledger", "settlement batching: queue stuck")
	distant.Changes = append(distant.Changes, evidence.Change{ID: "flag", Kind: evidence.ChangeFlag, Service: "till", Time: at(5), Attributes: map[string]string{"flag": "banner_colour"}})
	for _, c := range []struct {
		name    string
		c       *Case
		cause   *Cause
		trigger Trigger
		change  string
	}{
		{"a commit", deployedCase(smallerPool()).fail("ledger", "connection pool exhausted"), ledgerCause(MechanismSaturation), TriggerCode, "ledger@25"},
		{"an expired certificate", deployedCase(largerPool()).fail("ledger", "x509: certificate has expired"), ledgerCause(MechanismError), TriggerInfra, ""},
		{"a surge", deployedCase(largerPool()).fail("ledger", "shedding load"), ledgerCause(MechanismSurge), TriggerLoad, ""},
		{"a flag turned a minute before", flagged, ledgerCause(MechanismError), TriggerFlag, "flag"},
		{"unknown, in spite of a flag elsewhere", distant, ledgerCause(MechanismError), TriggerNone, ""},
		{"an expired certificate where no commit is known", deployedCase().fail("ledger", "x509: certificate has expired"), ledgerCause(MechanismError), TriggerInfra, ""},
	} {
		newCommitScorer(c.c).settle(c.cause)
		if c.cause.Trigger != c.trigger || c.cause.Change != c.change {
			t.Errorf("%s: got trigger %q by %q, want %q by %q%s", c.name, c.cause.Trigger, c.cause.Change, c.trigger, c.change, show(c.cause.Commits))
		}
	}
}

func TestScoresAreTheSumsOfTheirTerms(t *testing.T) {
	c := deployedCase(smallerPool(), poolHandler()).fail("ledger", "connection pool exhausted")
	for _, s := range newCommitScorer(c).score(ledgerCause(MechanismSaturation)) {
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

func TestStemDropsWhatOnlySaysService(t *testing.T) {
	for name, want := range map[string]string{"cart-service": "cart", "cartservice": "cart", "CartSvc": "cart", "api": "api", "ts-order-service": "tsorder", "event-worker-1": "eventworker"} {
		if got := stem(name); got != want {
			t.Errorf("stem(%q): got %q, want %q", name, got, want)
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
		commits = append(commits, goDiff(fmt.Sprintf("ledger/f%d.go", i), fmt.Sprintf("-\tcfg.Limit%d = 10", i), fmt.Sprintf("+\tcfg.Limit%d = 5", i)))
	}
	c := deployedCase(commits...).fail("ledger", "connection pool exhausted")
	for b.Loop() {
		newCommitScorer(c).score(ledgerCause(MechanismSaturation))
	}
}

func TestACommitThatOnlyADeploymentNamesIsASuspect(t *testing.T) {
	c := deployedCase()
	c.deploy("ledger", 25, evidence.Commit{SHA: sha(1)})
	c.deploy("rates", 26, evidence.Commit{SHA: sha(2)})
	for i := range c.Deployments {
		c.Deployments[i].Commits, c.Deployments[i].CommitsKnown = nil, false
	}
	cause := ledgerCause(MechanismError)
	got := newCommitScorer(c).score(cause)
	if len(got) != 3 || got[0].SHA != NoCommit || got[1].SHA != sha(1) {
		t.Errorf("without a contrast: got%s\nwant none, then the commit deployed to ledger", show(got))
	}
	cause.add(Term{ID: "change/gray", Points: 1200, Why: "the new version fails, the old one does not"})
	if got = newCommitScorer(c).score(cause); got[0].SHA != sha(1) {
		t.Errorf("with a contrast: got%s\nwant the commit deployed to ledger first", show(got))
	}
}
