package blameindex

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"pgregory.net/rapid" // property tests with shrinking

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
)

// failer is what testing and rapid have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// mustEqualBlame compares every line of every file of a revision with git
// blame --porcelain.
func mustEqualBlame(t failer, db *DB, r *gittest.Repo, rev string, args ...string) int {
	t.Helper()
	ctx := context.Background()
	n := 0
	for _, path := range r.Files(rev) {
		want, err := r.Blame(rev, path, args...)
		if err != nil {
			t.Fatalf("%v", err)
		}
		for i, w := range want {
			a, err := db.Why(ctx, path, i+1, rev)
			if err != nil {
				t.Fatalf("%s:%d at %s: %v", path, i+1, rev, err)
			}
			if got := (gittest.Line{Commit: a.Commit, Path: a.OrigPath, Orig: a.OrigLine}); got != w {
				t.Fatalf("%s:%d at %s: got %+v, git blame says %+v", path, i+1, rev, got, w)
			}
			n++
		}
		if _, err := db.Why(ctx, path, len(want)+1, rev); err == nil {
			t.Fatalf("%s has %d lines and the index knows one more", path, len(want))
		}
	}
	return n
}

// checks lowers the number of generated histories, each of which costs a
// second of git, unless it was asked for with -rapid.checks.
func checks(t *testing.T, n string) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	if f == nil || f.Value.String() != f.DefValue {
		return
	}
	if err := f.Value.Set(n); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(f.DefValue) }) // it was valid before
}

// TestEqualToGitBlame holds the index to git blame on generated histories,
// indexed at once, revision by revision, and after an interruption.
func TestEqualToGitBlame(t *testing.T) {
	checks(t, "12")
	rapid.Check(t, func(rt *rapid.T) {
		r := gittest.New(t)
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		r.Import(gittest.Random(rnd.IntN, rapid.IntRange(5, 60).Draw(rt, "commits")))
		ctx := context.Background()
		repo, err := git.Open(ctx, r.Dir)
		if err != nil {
			rt.Fatal(err)
		}
		db, err := Open(filepath.Join(t.TempDir(), "w.db"), Options{})
		if err != nil {
			rt.Fatal(err)
		}
		defer db.Close()
		var revs []string
		for i := range 4 {
			if name := fmt.Sprintf("b%d", i); repo.Has(ctx, "refs/heads/"+name) {
				for _, back := range []string{"~6", "~3", ""} {
					if repo.Has(ctx, name+back) {
						revs = append(revs, name+back)
					}
				}
			}
		}
		steps := [][]string{revs}
		if rapid.Bool().Draw(rt, "stepwise") {
			steps = nil
			for _, rev := range revs {
				steps = append(steps, []string{rev})
			}
		}
		few := rapid.SampledFrom([]int{-1, 0, 3}).Draw(rt, "few")
		for _, step := range steps {
			if _, err := db.Index(ctx, repo, IndexOptions{Revs: step, few: few}); err != nil {
				rt.Fatal(err)
			}
		}
		for _, rev := range revs {
			mustEqualBlame(rt, db, r, rev)
		}
	})
}

// TestEqualToGitBlameOverPullRequests: branches that left the trunk before the
// revision that is known, and were merged after it.
func TestEqualToGitBlameOverPullRequests(t *testing.T) {
	r := gittest.New(t)
	var stream bytes.Buffer
	if err := gittest.Pulls(&stream, gittest.Shape{Commits: 700, Files: 12}, 3); err != nil {
		t.Fatal(err)
	}
	r.Import(stream.Bytes())
	repo, db := openIndex(t, r.Dir, Options{})
	for _, rev := range []string{"t100", "main~20", "main"} {
		mustIndex(t, db, repo, IndexOptions{Revs: []string{rev}, few: 3})
		if n := mustEqualBlame(t, db, r, rev); n < 500 {
			t.Errorf("%s: only %d lines were compared", rev, n)
		}
	}
}
