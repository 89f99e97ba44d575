package eval

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// A recorded case carries its history as a git bundle: it is renamed too, and
// what names a commit names the one that it became.
func TestRenamingRewritesTheHistory(t *testing.T) {
	cases, err := find([]string{filepath.Join("..", "..", "..", "fixtures", "recorded", "lab", "e-memory")})
	if err != nil || len(cases) != 1 {
		t.Fatalf("got cases %v and error %v, want one", cases, err)
	}
	dir := filepath.Join(t.TempDir(), "renamed")
	got, err := rename(t.Context(), cases[0], dir, 3)
	if err != nil {
		t.Fatal(err)
	}
	if got.label.Service == cases[0].label.Service || got.label.Commit == cases[0].label.Commit {
		t.Errorf("got label %+v, want another service and commit than %+v", got.label, cases[0].label)
	}
	clone := filepath.Join(t.TempDir(), "clone")
	run(t, ".", "clone", "-q", "-b", "main", filepath.Join(dir, bundle.RepoFile), clone)
	old := filepath.Join(t.TempDir(), "old")
	run(t, ".", "clone", "-q", "-b", "main", filepath.Join(cases[0].path, bundle.RepoFile), old)
	for _, args := range [][]string{{"log", "--format=%s|%an|%at"}, {"rev-list", "--merges", "--count", "HEAD"}} {
		want := strings.Count(run(t, old, args...), "\n")
		if n := strings.Count(run(t, clone, args...), "\n"); n != want {
			t.Errorf("git %v: got %d lines, want %d", args, n, want)
		}
	}
	if out := run(t, clone, "log", "-p", "--format=%B"); strings.Contains(out, "ad-server") {
		t.Error("ad-server is still in the history")
	}
	// A revert and the list of commits that blame skips name commits by id.
	for _, sha := range append(strings.Fields(run(t, clone, "show", "main:.git-blame-ignore-revs")), got.label.Commit, reverted(t, clone)) {
		if len(sha) == fullSHA {
			run(t, clone, "cat-file", "-e", sha+"^{commit}")
		}
	}
}

func reverted(t *testing.T, repo string) string {
	t.Helper()
	_, after, ok := strings.Cut(run(t, repo, "log", "--grep=^This reverts commit", "--format=%B"), "This reverts commit ")
	if !ok || len(after) < fullSHA {
		t.Fatal("the history has no revert")
	}
	return after[:fullSHA]
}

func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := gitCommand(context.WithoutCancel(t.Context()), args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		t.Fatalf("git %v: %v %v", args, err, exit)
	}
	return string(out)
}
