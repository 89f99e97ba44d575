package blameindex

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TestDamagedRepositoriesAreAnsweredRightlyOrUnknown takes random objects out
// of generated repositories: an answer is the whole repository's, or unknown
// where git blame itself stumbles.
func TestDamagedRepositoriesAreAnsweredRightlyOrUnknown(t *testing.T) {
	checks(t, "12")
	rapid.Check(t, func(rt *rapid.T) {
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 2))
		r := gittest.New(t)
		r.Import(gittest.Random(rnd.IntN, rapid.IntRange(10, 50).Draw(rt, "commits")))
		unpack(t, r)
		damaged := filepath.Join(t.TempDir(), "damaged")
		if out, err := exec.Command("cp", "-r", r.Dir, damaged).CombinedOutput(); err != nil {
			rt.Fatalf("%v: %s", err, out)
		}
		d := gittest.At(t, damaged)
		kind := rapid.SampledFrom([]string{"commit", "tree", "blob", ""}).Draw(rt, "kind")
		tip := strings.TrimSpace(r.Git("rev-parse", "b0"))
		for range 1 + rnd.IntN(4) {
			if oid := anyObject(d, rnd, kind); oid != "" && oid != tip {
				removeObject(t, d, oid)
			}
		}
		repo, db := openIndex(t, damaged, Options{})
		st, err := db.Index(t.Context(), repo, IndexOptions{Revs: []string{"b0"}, few: rapid.SampledFrom([]int{-1, 0, 3}).Draw(rt, "few")})
		if err != nil {
			if st.Unread > 0 {
				return // the revision's own tree is gone
			}
			rt.Fatal(err)
		}
		c := comparison{t: t, db: db, whole: r, damaged: d}
		c.revision("b0")
		if c.wrong > 0 || c.needless > 0 {
			rt.Fatalf("%d lines equal, %d unknown, %d of those needlessly, %d wrong", c.equal, c.unknown, c.needless, c.wrong)
		}
	})
}

// unpack turns a repository's packs into single objects.
func unpack(t *testing.T, r *gittest.Repo) {
	t.Helper()
	packs, err := filepath.Glob(filepath.Join(r.Dir, ".git/objects/pack/*.pack"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packs {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Dir(p)); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Try(data, "unpack-objects", "-q"); err != nil {
			t.Fatal(err)
		}
	}
}

// anyObject picks an object of a kind, of any when that is empty.
func anyObject(r *gittest.Repo, rnd *rand.Rand, kind string) string {
	var oids []string
	for line := range strings.Lines(r.Git("cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)")) {
		if oid, k, _ := strings.Cut(strings.TrimSpace(line), " "); kind == "" || k == kind {
			oids = append(oids, oid)
		}
	}
	if len(oids) == 0 {
		return ""
	}
	return oids[rnd.IntN(len(oids))]
}

// TestPartialClonesAnswerFromWhatIsThere: what a clone without contents cannot
// know is unknown, and nothing is fetched.
func TestPartialClonesAnswerFromWhatIsThere(t *testing.T) {
	r, _ := many(t)
	r.Write("dir/new.txt", "only\nhere\n")
	r.Commit("Add one")
	r.Git("config", "uploadpack.allowFilter", "true")
	for _, filter := range []string{"blob:none", "tree:0"} {
		dir := filepath.Join(t.TempDir(), "partial")
		r.Git("clone", "--quiet", "--no-checkout", "--filter="+filter, "file://"+r.Dir, dir)
		p := gittest.At(t, dir)
		cmd := exec.Command("git", "checkout", "--quiet", "main")
		cmd.Dir, cmd.Env = dir, append(gittest.Env(), "GIT_NO_LAZY_FETCH=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		repo, db := openIndex(t, dir, Options{})
		if st := mustIndex(t, db, repo, IndexOptions{Revs: []string{"HEAD"}}); !st.Partial || st.Skipped["missing"]+st.Unknown == 0 {
			t.Errorf("%s: got %+v, want a partial clone in which something is unknown", filter, st)
		}
		if st := mustIndex(t, db, repo, IndexOptions{Revs: []string{"HEAD"}}); st.Known != 1 {
			t.Errorf("%s: got %+v, want nothing tried again before something is fetched", filter, st)
		}
		c := comparison{t: t, db: db, whole: r, damaged: p}
		if c.revision("HEAD"); c.wrong > 0 || c.needless > 0 || filter == "blob:none" && c.equal == 0 {
			t.Errorf("%s: %d lines equal, %d unknown, %d of those needlessly, %d wrong", filter, c.equal, c.unknown, c.needless, c.wrong)
		}
	}
}

func removeObject(t *testing.T, r *gittest.Repo, oid string) {
	t.Helper()
	file := filepath.Join(r.Dir, ".git/objects", oid[:2], oid[2:])
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
}

func TestAMissingObjectIsUnknownAndHarmsNoOtherFile(t *testing.T) {
	r, shas := many(t)
	blob := strings.TrimSpace(r.Git("rev-parse", shas[1]+":two.txt"))
	removeObject(t, r, blob)
	repo, db := openIndex(t, r.Dir, Options{})
	st := mustIndex(t, db, repo, IndexOptions{})
	ctx := context.Background()
	for _, path := range []string{"one.txt", "dir/three.txt", "dir/four.txt"} {
		want, err := r.Blame("HEAD", path)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			if a, err := db.Why(ctx, path, i+1, "HEAD"); err != nil || a.Commit != w.Commit {
				t.Errorf("%s:%d: got %s, %v; want %s", path, i+1, a.Commit, err, w.Commit)
			}
		}
	}
	// Line 5 was written after the missing content, line 1 as well; line 2 is
	// older than it, and nobody can know.
	for line, want := range map[int]string{5: shas[3], 1: shas[2], 2: ""} {
		if a, err := db.Why(ctx, "two.txt", line, "HEAD"); err != nil || a.Commit != want && want == "" {
			t.Errorf("two.txt:%d: got %q, %v; want %q", line, a.Commit, err, want)
		}
	}
	if st.Unknown == 0 {
		t.Error("the file with unknown lines was not counted")
	}
}

func TestAMissingTreeLosesOnlyTheFilesInIt(t *testing.T) {
	r, shas := many(t)
	r.Write("deep/er/five.txt", "a\n")
	r.Write("one.txt", "z\nx\na\nb2\nc\nd3\none.txt\n")
	r.Commit("Add one")
	removeObject(t, r, strings.TrimSpace(r.Git("rev-parse", shas[1]+":dir")))
	repo, db := openIndex(t, r.Dir, Options{})
	mustIndex(t, db, repo, IndexOptions{})
	ctx := context.Background()
	for _, path := range []string{"one.txt", "two.txt", "deep/er/five.txt"} {
		want, err := r.Blame("HEAD", path)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			if a, err := db.Why(ctx, path, i+1, "HEAD"); err != nil || a.Commit != w.Commit {
				t.Errorf("%s:%d: got %q, %v; want %s", path, i+1, a.Commit, err, w.Commit)
			}
		}
	}
	if a, err := db.Why(ctx, "dir/three.txt", 5, "HEAD"); err != nil || a.Commit != shas[3] {
		t.Errorf("a line younger than the damage: got %q, %v; want %s", a.Commit, err, shas[3])
	}
	if a, err := db.Why(ctx, "dir/three.txt", 4, "HEAD"); err != nil || a.Commit != "" {
		t.Errorf("a line older than the damage: got %q, %v; want unknown", a.Commit, err)
	}
}

func TestAMissingContentAtTheRevisionIsSkippedAndCounted(t *testing.T) {
	r, _ := many(t)
	removeObject(t, r, strings.TrimSpace(r.Git("rev-parse", "HEAD:two.txt")))
	repo, db := openIndex(t, r.Dir, Options{})
	st := mustIndex(t, db, repo, IndexOptions{})
	if st.Skipped["missing"] != 1 {
		t.Errorf("got %v skipped, want one missing", st.Skipped)
	}
	if _, err := db.Why(context.Background(), "two.txt", 1, "HEAD"); !errors.Is(err, evidence.ErrNotFound) || !strings.Contains(err.Error(), "unknown") {
		t.Errorf("got %v, want unknown", err)
	}
}
