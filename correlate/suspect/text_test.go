package suspect

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

func TestTextFindsTheCommitThatTheFailureSpeaksOf(t *testing.T) {
	commits := []evidence.Commit{
		casetest.GoDiff("store/tariff.go", "-\trow := findTariff(id)", "+\trow := findTariffRegion(id, region)"),
		casetest.GoDiff("http/router.go", "-\tr.Get(\"/tariffs\")", "+\tr.Get(\"/v2/tariffs\")"),
		casetest.GoDiff("ui/colour.go", "-\tc := red", "+\tc := blue"),
	}
	for i := range commits {
		commits[i].SHA = casetest.Sha(i)
	}
	for _, c := range []struct{ name, text, want, word string }{
		{"a name that one brought", "panic: findTariffRegion: region not known\n", casetest.Sha(0), ""},
		{"a stack through its file", "panic: boom\n\ngoroutine 7 [running]:\nexample.org/x/store.load(...)\n\t/src/store/tariff.go:12 +0x1d\n", casetest.Sha(0), ""},
		{"nothing in common", "x509: certificate has expired or is not yet valid\n", report.NoCommit, ""},
	} {
		got := Text(commits, c.text)
		if len(got.Commits) == 0 || got.Commits[0].SHA != c.want {
			t.Errorf("%s: got%s\nwant %s first", c.name, casetest.Show(got.Commits), c.want)
		}
		if got.Suspicion == nil || got.Suspicion.Odds < 1 || !strings.Contains(got.Suspicion.Sentence, "as likely as the next") {
			t.Errorf("%s: got suspicion %+v, want odds and a sentence", c.name, got.Suspicion)
		}
	}
}

func TestSharesOfTheBeliefMakeOneWhole(t *testing.T) {
	list := []report.CommitScore{{Score: 2000}, {Score: 2000 - 1387}, {Score: -9000}}
	believe(list)
	if list[0].Share != 800 || list[1].Share != 200 || list[2].Share != 0 {
		t.Errorf("got %d, %d, %d; want 800, 200, 0", list[0].Share, list[1].Share, list[2].Share)
	}
	if got := suspicion(list, weights.Default().Commit.Word); got.Word != report.SuspicionClear || got.Odds != 4 || !strings.HasPrefix(got.Sentence, "This commit, four times as likely as the next") {
		t.Errorf("got %+v", got)
	}
}

func TestARuleThatFiresEverywhereTellsNothing(t *testing.T) {
	s := &Scorer{by: weights.Default()}
	if got := s.telling("pool"); got != 1000 {
		t.Errorf("a rare rule: got %d, want 1000", got)
	}
	if got := s.telling("condition"); got <= 0 || got >= 500 {
		t.Errorf("a rule that fires on one innocent commit in five: got %d", got)
	}
}

func TestIdentityIsWhatRuns(t *testing.T) {
	id := readIdentity(evidence.Commit{Files: []string{"a.go", "a_test.go"}, Diff: "diff --git a/a.go b/a.go\n--- a/a.go\n+++ b/a.go\n@@ -1,2 +1,2 @@ func loadTariff(id string) {\n-\trow := oldCall(\"cannot load the tariff\")\n+\trow := newCall(\"cannot load the tariff\", \"the region is not known\", 250*ms)\ndiff --git a/a_test.go b/a_test.go\n--- a/a_test.go\n+++ b/a_test.go\n@@ -1 +1 @@\n-\tx := testOnlyName()\n+\tx := testOtherName()\n"})
	for _, n := range []string{"loadtariff", "oldcall", "newcall"} {
		if !id.names[n] {
			t.Errorf("%s is not among the names: %v", n, id.names)
		}
	}
	if _, ok := id.names["testothername"]; ok {
		t.Error("a test's name counts")
	}
	if len(id.literals) != 1 || id.literals[0] != "the region is not known" {
		t.Errorf("got literals %q, want the one that it brought", id.literals)
	}
}
