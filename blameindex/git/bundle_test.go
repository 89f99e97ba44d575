package git_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
)

// TestABundleOfABranchHasAHead: git bundle create FILE main names no HEAD, and
// a clone without one cannot list its newest commits.
func TestABundleOfABranchHasAHead(t *testing.T) {
	r := gittest.New(t)
	r.Write("a.txt", "one\n")
	want := strings.TrimSpace(r.Commit("first"))
	for name, args := range map[string][]string{"branch": {strings.TrimSpace(r.Git("symbolic-ref", "--short", "HEAD"))}, "head": {"HEAD"}} {
		file := filepath.Join(t.TempDir(), "repo.bundle")
		r.Git(append([]string{"bundle", "create", "-q", file}, args...)...)
		clone, err := git.CloneBundle(t.Context(), file, t.TempDir())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := clone.Resolve(t.Context(), "HEAD"); got != want || err != nil {
			t.Errorf("%s: got HEAD %q (%v), want %s", name, got, err, want)
		}
	}
}

// TestABundleOpensWhateverItsBranchesAreCalled is about the names that a new
// repository takes for itself, and about bundles that lack a branch or a HEAD.
func TestABundleOpensWhateverItsBranchesAreCalled(t *testing.T) {
	kinds := func(branch string) map[string][]string {
		return map[string][]string{
			"branch": {branch}, "branch twice": {branch, "refs/heads/" + branch}, "all": {"--all"}, "tag": {"v1"},
			"annotated tag": {"v2"}, "tags": {"--tags"}, "head": {"HEAD"}, "branches, tags and head": {"--branches", "--tags", "HEAD"},
		}
	}
	for _, branch := range []string{"main", "master", "release/1", "wherefore"} {
		r := gittest.New(t)
		r.Git("checkout", "-q", "-b", "first-")
		r.Write("a.txt", "one\n")
		want := strings.TrimSpace(r.Commit("first"))
		r.Git("branch", "-m", "first-", branch)
		r.Git("tag", "v1")
		r.Git("tag", "-a", "-m", "second", "v2")
		for _, state := range []string{"attached", "detached"} {
			if state == "detached" {
				r.Git("checkout", "-q", "--detach")
			}
			for name, args := range kinds(branch) {
				file := filepath.Join(t.TempDir(), "repo.bundle")
				r.Git(append([]string{"bundle", "create", "-q", file}, args...)...)
				clone, err := git.CloneBundle(t.Context(), file, t.TempDir())
				if err != nil {
					t.Errorf("%s of branch %s, %s: %v", name, branch, state, err)
					continue
				}
				if got, err := clone.Resolve(t.Context(), "HEAD"); got != want || err != nil {
					t.Errorf("%s of branch %s, %s: got HEAD %q (%v), want %s", name, branch, state, got, err, want)
				}
			}
		}
	}
}
