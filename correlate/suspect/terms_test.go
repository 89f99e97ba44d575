package suspect

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// first is a scorer's candidate with the first commit's number.
func first(t *testing.T, e *gathered.Evidence, n int) (*Scorer, *Candidate) {
	t.Helper()
	s := New(view.New(e))
	cd := s.CandidateOf(casetest.Sha(n))
	if cd == nil {
		t.Fatalf("no candidate %s", casetest.Sha(n))
	}
	return s, cd
}

func TestWhatExcludesACommit(t *testing.T) {
	comment := casetest.GoDiff("ledger/store/open.go", "-\t// forty", "+\t// four")
	revert := casetest.LargerPool()
	revert.Message = "Revert \"change ledger/store/open.go\"\n\nThis reverts commit " + casetest.Sha(0) + "."
	merge := casetest.SmallerPool()
	merge.Parents = []string{casetest.Sha(5), casetest.Sha(6)}
	nowhere := casetest.DeployedCase(casetest.SmallerPool())
	nowhere.Changes, nowhere.Deployments = nil, nil
	kept := casetest.GoDiff("vendor/example.org/dial/dial.go", "-\treturn a", "+\treturn b")
	standing := casetest.DeployedCase(kept)
	standing.Frames = []gathered.Frame{{Service: "ledger", Failing: true, Seen: 1, Frame: evidence.Frame{File: "/src/vendor/example.org/dial/dial.go", Line: 4, Rung: evidence.LocationStack}}}
	late := casetest.DeployedCase()
	cm := casetest.SmallerPool()
	cm.SHA = casetest.Sha(0)
	casetest.Deploy(late, "ledger", 34, cm)
	late.Commits = []evidence.Commit{cm}
	for _, c := range []struct {
		name string
		e    *gathered.Evidence
		want string // id of the feature, "" for a suspect
	}{
		{"live before the onset", casetest.DeployedCase(casetest.SmallerPool()), ""},
		{"live only after it", late, "commit/not-live"},
		{"in no deployment", nowhere, "commit/not-live"},
		{"a comment", casetest.DeployedCase(comment), "commit/innocuous"},
		{"a dependency's file that is kept", casetest.DeployedCase(kept), "commit/innocuous"},
		{"one that the failure stands in", standing, ""},
		{"taken back before the onset", casetest.DeployedCase(casetest.SmallerPool(), revert), "commit/reverted"},
		{"a merge of what is looked at by itself", casetest.DeployedCase(merge, casetest.LargerPool()), "commit/merge"},
	} {
		s, cd := first(t, c.e, 0)
		f, out := s.cleared(cd, casetest.LedgerCause(report.MechanismError))
		if f.id != c.want || out != (c.want != "") || out && (f.value != 1000 || f.why == "" || len(f.refs) != 1) {
			t.Errorf("%s: got %q at %d, want %q with its reason and a reference", c.name, f.id, f.value, c.want)
		}
	}
}

func TestWhereACommitIsLive(t *testing.T) {
	by := bare(&gathered.Evidence{}).by.Commit.Live
	shared := casetest.GoDiff("platform/dbx/defaults.go", "-const most = 40", "+const most = 4")
	on := func(service string, cm evidence.Commit, heads ...string) *gathered.Evidence {
		e := casetest.DeployedCase()
		cm.SHA = casetest.Sha(0)
		casetest.Deploy(e, service, 20, cm)
		e.Commits = append(e.Commits, cm)
		for i, h := range heads {
			other := casetest.GoDiff(h+"/main.go", "-\ta()", "+\tb()")
			other.SHA = casetest.Sha(10 + i)
			casetest.Deploy(e, h, 21, other)
			e.Commits = append(e.Commits, other)
		}
		return e
	}
	own := func(service string) evidence.Commit { return casetest.GoDiff(service+"/post.go", "-\ta()", "+\tb()") }
	for _, c := range []struct {
		name string
		e    *gathered.Evidence
		want int
	}{
		{"its own code", on("ledger", own("ledger")), 1000},
		{"shared code, in the deployment that names it, as others are named elsewhere", on("ledger", shared, "rates"), by.Head},
		{"shared code in a repository of one service", on("ledger", shared), by.Shared},
		{"what it calls", on("rates", own("rates")), by.Callee},
		{"what calls it", on("till", own("till")), by.Caller},
		{"nothing of the two", on("report", own("report")), -1000},
	} {
		s, cd := first(t, c.e, 0)
		if got, why := s.nearness(cd, casetest.LedgerCause(report.MechanismError)); got != c.want || why == "" {
			t.Errorf("%s: got %d (%q), want %d", c.name, got, why, c.want)
		}
	}
}

func TestABrokenDecisionCountsByItsOwnLevel(t *testing.T) {
	broke := func(levels ...string) []evidence.BrokenCheck {
		var out []evidence.BrokenCheck
		for _, l := range levels {
			out = append(out, evidence.BrokenCheck{DecisionID: "ADR-7", Level: l, Path: "ledger/post.go", Line: 3, Message: "no call without a time limit"})
		}
		return out
	}
	for _, c := range []struct {
		name   string
		broken []evidence.BrokenCheck
		want   int
		says   string
	}{
		{"none", nil, 0, ""},
		{"an error", broke("error"), 1000, "broke ADR-7: no call without a time limit"},
		{"a warning", broke("warning"), 500, "broke ADR-7"},
		{"a note", broke("note"), 200, "broke ADR-7"},
		{"the worst stands first", broke("error", "note", "note"), 1000, "(and 2 more checks)"},
		{"a level that nobody knows", broke("fatal"), 0, "broke ADR-7"},
	} {
		e := casetest.DeployedCase(casetest.SmallerPool())
		e.Broken = map[string][]evidence.BrokenCheck{casetest.Sha(0): c.broken}
		s, cd := first(t, e, 0)
		got := s.brokenFeature(cd)
		if got.id != "commit/breaks-decision" || got.value != c.want || !strings.Contains(got.why, c.says) {
			t.Errorf("%s: got %q at %d: %q, want %d and %q", c.name, got.id, got.value, got.why, c.want, c.says)
		}
		if len(c.broken) > 0 && (len(got.refs) != 1 || got.refs[0].ID != "ledger/post.go:3") {
			t.Errorf("%s: got references %v, want the place", c.name, got.refs)
		}
	}
}

func TestACommitNamedAsTheCulprit(t *testing.T) {
	for _, c := range []struct{ message, taken, mended string }{
		{"Revert \"Shrink the pool\"\n\nThis reverts commit 0123456789abcdef.", "0123456789abcdef", ""},
		{"Revert \"Shrink the pool\"\n\nThis reverts commit 0123456789abcdef, reversing\nchanges made to 99.", "0123456789abcdef", ""},
		{"Revert \"Shrink the pool\"", "Shrink the pool", ""},
		{"Grow the pool again\n\nFixes: 0123456789ab", "", "0123456789ab"},
		{"Grow the pool again\n\nRegression in commit 0123456789AB", "", "0123456789ab"},
		{"Fixes the pool's size", "", ""},
		{"Fixes #1234567", "", ""},
	} {
		if taken, mended := revertedBy(c.message), fixes(c.message); taken != c.taken || mended != c.mended {
			t.Errorf("%q: got taken back %q and mended %q, want %q and %q", c.message, taken, mended, c.taken, c.mended)
		}
	}
}

func TestWhoMendedLaterKnew(t *testing.T) {
	mend := casetest.LargerPool()
	mend.Message = "Grow the pool again\n\nFixes: " + casetest.Sha(0)
	e := casetest.DeployedCase(casetest.SmallerPool())
	mend.SHA, mend.Time = casetest.Sha(1), casetest.At(33)
	casetest.Deploy(e, "ledger", 34, mend)
	e.Commits = append(e.Commits, mend)
	s, cd := first(t, e, 0)
	if !cd.fixed || cd.reverted {
		t.Errorf("mended after the onset: got fixed %v, taken back %v, want fixed alone", cd.fixed, cd.reverted)
	}
	if early := s.CandidateOf(casetest.Sha(1)); early.fixed || early.reverted {
		t.Error("the one that mends is taken for mended")
	}
}
