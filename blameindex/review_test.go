package blameindex

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
)

// TestWhatIsStagedIsReviewedAsTheCommitWouldBe has the same findings before and
// after the commit, and none of what is not staged.
func TestWhatIsStagedIsReviewedAsTheCommitWouldBe(t *testing.T) {
	r := gittest.New(t)
	r.Write("docs/decisions/047.yaml", "id: ADR-047\ntitle: x\nkind: rule\nscope: [\"*.go\"]\nchecks: [{type: code-pattern, pattern: \"panic\", severity: error, message: \"return an error\"}]\n")
	r.Write("a.go", "package a\n")
	base := strings.TrimSpace(r.Commit("Start"))
	r.Write("a.go", "package a\n\nfunc f() { panic(1) }\n")
	r.Git("add", "a.go")
	r.Write("b.go", "package a\n\nfunc g() { panic(2) }\n")
	repo, err := git.Open(t.Context(), r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	staged, diff, err := ReviewStaged(t.Context(), repo, Options{}, false)
	if err != nil || len(staged.Findings) != 1 || staged.Findings[0].Path != "a.go" || staged.Findings[0].Line != 3 || !strings.Contains(string(diff), "panic(1)") {
		t.Fatalf("got %+v (%v), want the panic in a.go", staged.Findings, err)
	}
	r.Git("commit", "-q", "-m", "Panic")
	head := strings.TrimSpace(r.Git("rev-parse", "HEAD"))
	after, _, err := Review(t.Context(), repo, base, head, Options{}, false)
	if err != nil || len(after.Findings) != 1 || after.Findings[0] != staged.Findings[0] {
		t.Errorf("got %+v (%v) of the commit, want %+v", after.Findings, err, staged.Findings)
	}
	if none, _, err := ReviewStaged(t.Context(), repo, Options{}, false); err != nil || len(none.Findings) != 0 {
		t.Errorf("got %+v (%v) with nothing staged", none.Findings, err)
	}
}
