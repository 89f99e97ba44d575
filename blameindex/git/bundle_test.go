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
