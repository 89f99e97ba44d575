package git_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
)

func TestSHA256RepositoriesAreMirroredAndUnbundled(t *testing.T) {
	r := gittest.At(t, t.TempDir())
	r.Git("init", "--quiet", "--initial-branch=main", "--template=", "--object-format=sha256")
	r.Write("a.txt", "a\n")
	sha := r.Commit("Add a")
	dir := t.TempDir()
	r.Git("bundle", "create", "--quiet", filepath.Join(dir, "b"), "main")
	m, err := git.Mirror(context.Background(), r.Dir, filepath.Join(dir, "m.git"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := git.CloneBundle(context.Background(), filepath.Join(dir, "b"), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, repo := range []*git.Repo{m, b} {
		spans, err := repo.Blame(context.Background(), sha, "a.txt", git.BlameOptions{})
		if err != nil || len(spans) != 1 || spans[0].Commit != sha || repo.HashLen != 64 {
			t.Errorf("%s: got %+v, %v; want one line of %s", repo.Dir, spans, err, sha)
		}
	}
}
