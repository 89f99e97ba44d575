package blameindex

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
)

// winding makes a repository with merges and renames; main is the tip of one of
// its branches.
func winding(t *testing.T, format string) *gittest.Repo {
	t.Helper()
	r := gittest.At(t, t.TempDir())
	r.Git("init", "--quiet", "--initial-branch=main", "--template=", "--object-format="+format)
	if format == "sha1" {
		r.Import(gittest.Random(rand.New(rand.NewPCG(5, 5)).IntN, 40))
	} else { // a generated submodule has a name of 40 digits
		var stream bytes.Buffer
		if err := gittest.Pulls(&stream, gittest.Shape{Commits: 60, Files: 6}, 2); err != nil {
			t.Fatal(err)
		}
		r.Import(stream.Bytes())
		r.Git("branch", "-f", "b0", "main")
	}
	r.Git("update-ref", "refs/heads/main", "b0")
	r.Git("reset", "-q", "--hard", "main")
	return r
}

// TestUnusualRepositories: whatever a repository is put together of, an answer
// is git blame's in that very repository.
func TestUnusualRepositories(t *testing.T) {
	commits := func(r *gittest.Repo) []string {
		return strings.Fields(r.Git("rev-list", "--topo-order", "main"))
	}
	graph := func(r *gittest.Repo, _ *testing.T) {
		r.Git("commit-graph", "write", "--reachable", "--changed-paths")
	}
	for _, tt := range []struct {
		name, format string
		arrange      func(r *gittest.Repo, t *testing.T)
	}{
		{"a graft that cuts history", "sha1", func(r *gittest.Repo, t *testing.T) {
			graft(t, r, commits(r)[9])
		}},
		{"a graft that joins histories", "sha1", func(r *gittest.Repo, t *testing.T) {
			cs := commits(r)
			graft(t, r, cs[3]+" "+cs[8]+" "+cs[len(cs)-1])
		}},
		{"a replaced commit", "sha1", func(r *gittest.Repo, _ *testing.T) {
			cs := commits(r)
			r.Git("replace", cs[2], cs[7])
		}},
		{"replaced parents", "sha1", func(r *gittest.Repo, _ *testing.T) {
			cs := commits(r)
			r.Git("replace", "--graft", cs[4], cs[len(cs)-2])
		}},
		{"a replaced tree", "sha1", func(r *gittest.Repo, _ *testing.T) {
			cs := commits(r)
			r.Git("replace", strings.TrimSpace(r.Git("rev-parse", cs[5]+"^{tree}")), strings.TrimSpace(r.Git("rev-parse", cs[1]+"^{tree}")))
		}},
		{"a replaced content", "sha1", func(r *gittest.Repo, _ *testing.T) {
			f := strings.Fields(r.Git("diff-tree", "-r", "--no-commit-id", "--diff-filter=M", "-m", "--no-abbrev", "main~1"))
			if len(f) > 3 {
				r.Git("replace", f[2], f[3])
			}
		}},
		{"a commit graph with Bloom filters", "sha1", graph},
		{"a stale commit graph", "sha1", func(r *gittest.Repo, t *testing.T) {
			graph(r, t)
			r.Write("dir1/f1.txt", "new\nlines\n")
			r.Git("add", "-A")
			r.Git("commit", "-q", "-m", "more")
			r.Git("replace", "--graft", "main~2") // the graph does not count any more
		}},
		{"names of 64 digits", "sha256", func(*gittest.Repo, *testing.T) {}},
		{"names of 64 digits and a commit graph", "sha256", graph},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := winding(t, tt.format)
			tt.arrange(r, t)
			equalInSteps(t, r, "main~1", "main")
		})
	}
}

func graft(t *testing.T, r *gittest.Repo, line string) {
	t.Helper()
	dir := filepath.Join(r.Dir, ".git", "info")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "grafts"), []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// equalInSteps indexes revisions one after the other, by both ways of walking,
// and compares each with git blame.
func equalInSteps(t *testing.T, r *gittest.Repo, revs ...string) {
	t.Helper()
	for _, few := range []int{-1, 0} {
		repo, db := openIndex(t, r.Dir, Options{})
		for _, rev := range revs {
			if st := mustIndex(t, db, repo, IndexOptions{Revs: []string{rev}, few: few}); st.Unknown > 0 || st.Skipped["missing"] > 0 {
				t.Errorf("%s: got %+v, want nothing unknown", rev, st)
			}
		}
		for _, rev := range revs {
			mustEqualBlame(t, db, r, rev)
		}
	}
}

// TestClonesOfAllKinds: the same lines from a clone that borrows its objects, a
// bare one, one that is shallow, and a second work tree.
func TestClonesOfAllKinds(t *testing.T) {
	r := winding(t, "sha1")
	for name, args := range map[string][]string{
		"shared":    {"--shared", r.Dir},
		"reference": {"--reference", r.Dir, "file://" + r.Dir},
		"bare":      {"--bare", r.Dir},
		"shallow":   {"--depth=4", "--branch=main", "file://" + r.Dir},
	} {
		dir := filepath.Join(t.TempDir(), name)
		r.Git(append(append([]string{"clone", "-q"}, args...), dir)...)
		equalInSteps(t, gittest.At(t, dir), "main~1", "main")
	}
	dir := filepath.Join(t.TempDir(), "second")
	r.Git("worktree", "add", "-q", "--detach", dir, "main~2")
	equalInSteps(t, gittest.At(t, dir), "HEAD", "main")
}

// TestAChangedViewOfHistoryIsNoticed: what was indexed under another view of
// the same history is worked out again.
func TestAChangedViewOfHistoryIsNoticed(t *testing.T) {
	commits := func(r *gittest.Repo) []string {
		return strings.Fields(r.Git("rev-list", "--topo-order", "main"))
	}
	for name, change := range map[string]func(*gittest.Repo){
		"deepened": func(r *gittest.Repo) { r.Git("fetch", "-q", "--unshallow") },
		"grafted":  func(r *gittest.Repo) { graft(t, r, commits(r)[6]) },
		"replaced": func(r *gittest.Repo) { r.Git("replace", "--graft", commits(r)[3], commits(r)[len(commits(r))-1]) },
	} {
		r := winding(t, "sha1")
		if name == "deepened" {
			dir := filepath.Join(t.TempDir(), "shallow")
			r.Git("clone", "-q", "--depth=3", "--branch=main", "file://"+r.Dir, dir)
			r = gittest.At(t, dir)
		}
		repo, db := openIndex(t, r.Dir, Options{})
		mustIndex(t, db, repo, IndexOptions{Revs: []string{"main"}})
		mustEqualBlame(t, db, r, "main")
		change(r)
		repo, err := git.Open(t.Context(), r.Dir)
		if err != nil {
			t.Fatal(err)
		}
		if st := mustIndex(t, db, repo, IndexOptions{Revs: []string{"main"}}); st.Computed == 0 {
			t.Errorf("%s: got %+v, want all worked out again", name, st)
		}
		mustEqualBlame(t, db, r, "main")
		if st := mustIndex(t, db, repo, IndexOptions{Revs: []string{"main"}}); st.Known != 1 {
			t.Errorf("%s: got %+v, want the revision known now", name, st)
		}
	}
}

// TestWhatWasMissingIsTriedAgain: an object that comes back makes its lines
// known, at the revision itself and at one that took them over.
func TestWhatWasMissingIsTriedAgain(t *testing.T) {
	r, shas := many(t)
	r.Write("five.txt", "later\n")
	r.Commit("later")
	oid := strings.TrimSpace(r.Git("rev-parse", shas[1]+":one.txt"))
	object := filepath.Join(r.Dir, ".git/objects", oid[:2], oid[2:])
	if err := os.Rename(object, object+".aside"); err != nil {
		t.Fatal(err)
	}
	repo, db := openIndex(t, r.Dir, Options{})
	for _, rev := range []string{"main~1", "main"} {
		if st := mustIndex(t, db, repo, IndexOptions{Revs: []string{rev}, few: -1}); st.Unknown+st.Skipped["missing"] != 1 {
			t.Errorf("%s: got %+v, want one file with something unknown", rev, st)
		}
	}
	if err := os.Rename(object+".aside", object); err != nil {
		t.Fatal(err)
	}
	if st := mustIndex(t, db, repo, IndexOptions{Revs: []string{"main"}}); st.Unknown+st.Skipped["missing"] != 0 || st.Computed != 1 {
		t.Errorf("got %+v, want the one file worked out again", st)
	}
	mustEqualBlame(t, db, r, "main")
	mustIndex(t, db, repo, IndexOptions{Revs: []string{"main~1"}})
	mustEqualBlame(t, db, r, "main~1")
}
