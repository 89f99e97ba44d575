package blameindex

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func openIndex(t testing.TB, dir string, o Options) (*git.Repo, *DB) {
	t.Helper()
	repo, err := git.Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	db, err := Open(filepath.Join(t.TempDir(), "w.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // closed twice in some tests
	return repo, db
}

func mustIndex(t testing.TB, db *DB, repo *git.Repo, o IndexOptions) IndexStats {
	t.Helper()
	st, err := db.Index(context.Background(), repo, o)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// many makes a repository of several files with some history each.
func many(t testing.TB) (*gittest.Repo, []string) {
	r := gittest.New(t)
	var shas []string
	for i, edit := range []string{"a\nb\nc\nd\n", "a\nb2\nc\nd\n", "x\na\nb2\nc\nd\n", "x\na\nb2\nc\nd3\n"} {
		for _, f := range []string{"one.txt", "two.txt", "dir/three.txt", "dir/four.txt"} {
			r.Write(f, edit+f+"\n")
		}
		shas = append(shas, r.Commit(strings.Repeat("i", i+1)))
	}
	return r, shas
}

func TestIgnoredRevisionsAreBlamedAsGitDoes(t *testing.T) {
	r, shas := many(t)
	r.Write(".git-blame-ignore-revs", "# style\n"+shas[2]+" # reformat\n"+shas[1]+"\n")
	r.Commit("Ignore the reformatting")
	repo, db := openIndex(t, r.Dir, Options{})
	mustIndex(t, db, repo, IndexOptions{})
	mustEqualBlame(t, db, r, "HEAD", "--ignore-revs-file=.git-blame-ignore-revs")
	// A revision without the list is blamed plainly, also after one with it.
	mustIndex(t, db, repo, IndexOptions{Revs: []string{shas[3]}})
	if _, err := r.Blame(shas[3], "one.txt"); err != nil {
		t.Fatal(err)
	}
	mustEqualBlame(t, db, r, shas[3])
	// And so is a later one under the same list, which starts from it.
	r.Write("one.txt", "x\na\nb9\nc\nd3\none.txt\n")
	r.Commit("Change one more")
	mustIndex(t, db, repo, IndexOptions{Revs: []string{"HEAD"}})
	mustEqualBlame(t, db, r, strings.TrimSpace(r.Git("rev-parse", "HEAD")), "--ignore-revs-file=.git-blame-ignore-revs")
}

// TestUserConfigurationChangesNothing holds the answers against a repository
// whose own configuration tries to run programs and to change the diff.
func TestUserConfigurationChangesNothing(t *testing.T) {
	r, _ := many(t)
	mark := filepath.Join(t.TempDir(), "ran")
	for k, v := range map[string]string{
		"core.fsmonitor": "touch " + mark, "core.pager": "touch " + mark, "diff.external": "touch " + mark,
		"diff.evil.textconv": "touch " + mark, "diff.evil.command": "touch " + mark, "diff.algorithm": "histogram",
		"diff.renames": "copies", "blame.ignoreRevsFile": "/nonexistent", "log.showSignature": "true", "gpg.program": "touch " + mark,
		"core.hooksPath": "/nonexistent", "core.quotePath": "true", "core.attributesFile": "/nonexistent",
	} {
		r.Git("config", k, v)
	}
	r.Write(".gitattributes", "*.txt diff=evil\n")
	if _, err := r.Try(nil, "-c", "core.fsmonitor=false", "add", "-A"); err != nil {
		t.Fatal(err)
	}
	repo, db := openIndex(t, r.Dir, Options{})
	mustIndex(t, db, repo, IndexOptions{})
	if _, err := db.Why(context.Background(), "dir/three.txt", 2, "HEAD"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("a program that the repository's configuration names was run")
	}
}

// removeObject takes one object out of a repository.
func TestBinaryHugeLinkAndSubmoduleAreSkippedAndSaid(t *testing.T) {
	r := gittest.New(t)
	r.Write("bin.dat", "a\x00b\n")
	r.Write("huge.txt", strings.Repeat("line\n", 1000))
	r.Write("empty.txt", "")
	r.Git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("a", 40)+",sub")
	if err := os.Symlink("huge.txt", filepath.Join(r.Dir, "link")); err != nil {
		t.Fatal(err)
	}
	r.Git("add", "bin.dat", "huge.txt", "empty.txt", "link")
	r.Git("commit", "-qm", "All kinds")
	repo, db := openIndex(t, r.Dir, Options{})
	st := mustIndex(t, db, repo, IndexOptions{MaxFile: 1000})
	for _, reason := range []string{"binary", "huge", "link", "submodule"} {
		if st.Skipped[reason] != 1 {
			t.Errorf("got %v skipped, want one %s", st.Skipped, reason)
		}
	}
	for path, want := range map[string]string{"bin.dat": "binary files", "huge.txt": "too large", "link": "symbolic links", "sub": "submodule", "empty.txt": "has 0 lines"} {
		if _, err := db.Why(context.Background(), path, 1, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", path, err, want)
		}
	}
}

func TestShallowCloneIsSaid(t *testing.T) {
	r, shas := many(t)
	dir := filepath.Join(t.TempDir(), "shallow")
	r.Git("clone", "--quiet", "--depth=2", "file://"+r.Dir, dir)
	repo, db := openIndex(t, dir, Options{})
	if st := mustIndex(t, db, repo, IndexOptions{}); !st.Shallow {
		t.Error("the clone was not recognised as shallow")
	}
	a, err := db.Why(context.Background(), "one.txt", 3, "HEAD")
	if err != nil || !a.Shallow || a.Commit != shas[2] {
		t.Errorf("got %+v, %v; want the boundary %s", a, err, shas[2])
	}
}

func TestMailmapIsHonoured(t *testing.T) {
	r, _ := many(t)
	r.Write(".mailmap", "Ada Lovelace <ada@lovelace.example> <ada@example.org>\n")
	r.Commit("Name people")
	bare := filepath.Join(t.TempDir(), "bare.git")
	r.Git("clone", "--quiet", "--bare", r.Dir, bare)
	for _, dir := range []string{r.Dir, bare} {
		repo, db := openIndex(t, dir, Options{})
		mustIndex(t, db, repo, IndexOptions{Revs: []string{"main"}})
		if a, err := db.Why(context.Background(), "one.txt", 1, "main"); err != nil || a.Author != "Ada Lovelace" || a.Email != "ada@lovelace.example" {
			t.Errorf("%s: got %s <%s>, %v", dir, a.Author, a.Email, err)
		}
	}
}

// TestAChangedMailmapIsReadAgain, by the next indexing, or the next question of
// somebody who has the repository.
func TestAChangedMailmapIsReadAgain(t *testing.T) {
	r, _ := many(t)
	repo, db := openIndex(t, r.Dir, Options{})
	mustIndex(t, db, repo, IndexOptions{})
	for i, name := range []string{"Ada One", "Ada Two"} {
		r.Write(".mailmap", name+" <ada@lovelace.example> <ada@example.org>\n")
		ask := func() (Answer, error) { return db.Why(t.Context(), "one.txt", 1, "HEAD") }
		if i == 0 {
			mustIndex(t, db, repo, IndexOptions{})
		} else {
			sha := strings.TrimSpace(r.Git("rev-parse", "HEAD"))
			ask = func() (Answer, error) { return db.WhyIn(t.Context(), repo, "one.txt", 1, sha) }
		}
		if a, err := ask(); err != nil || a.Author != name {
			t.Errorf("got %q, %v; want %q", a.Author, err, name)
		}
	}
}

// TestIndexingCanBeCancelledAndGoesOn stops an indexing in the middle.
func TestIndexingCanBeCancelledAndGoesOn(t *testing.T) {
	r, _ := many(t)
	repo, db := openIndex(t, r.Dir, Options{})
	ctx, cancel := context.WithCancel(context.Background())
	_, err := db.Index(ctx, repo, IndexOptions{Progress: func(string, int, int) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want cancelled", err)
	}
	mustIndex(t, db, repo, IndexOptions{})
	mustEqualBlame(t, db, r, "HEAD")
}

// TestKilledIndexingLeavesASoundDatabase kills the process that indexes, again
// and again, at moments that differ, and lets the last one finish.
func TestKilledIndexingLeavesASoundDatabase(t *testing.T) {
	if dir := os.Getenv("WHEREFORE_INDEX_DIR"); dir != "" { // the process that is killed
		repo, err := git.Open(context.Background(), dir)
		if err != nil {
			t.Fatal(err)
		}
		db, err := Open(os.Getenv("WHEREFORE_INDEX_DB"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		mustIndex(t, db, repo, IndexOptions{})
		return
	}
	r, shas := many(t)
	for i, s := range shas {
		r.Git("tag", "v"+string(rune('0'+i)), s)
	}
	file := filepath.Join(t.TempDir(), "w.db")
	for i := range 12 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledIndexingLeavesASoundDatabase$")
		cmd.Env = append(os.Environ(), "WHEREFORE_INDEX_DIR="+r.Dir, "WHEREFORE_INDEX_DB="+file)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(20+i*25) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		db, err := Open(file, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Check(context.Background()); err != nil {
			t.Errorf("after kill %d: %v", i, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	repo, err := git.Open(context.Background(), r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	db, err := Open(file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	mustIndex(t, db, repo, IndexOptions{})
	for _, s := range shas {
		mustEqualBlame(t, db, r, s)
	}
}

func TestHostileNamesAreRefused(t *testing.T) {
	r, _ := many(t)
	repo, db := openIndex(t, r.Dir, Options{})
	mustIndex(t, db, repo, IndexOptions{})
	for _, path := range []string{"../x", "/etc/passwd", "a/../b", ".git/config", "a\x00b", "", "dir/.GIT/x"} {
		if _, err := db.Why(context.Background(), path, 1, ""); !errors.Is(err, evidence.ErrInvalid) {
			t.Errorf("path %q: got %v, want invalid", path, err)
		}
	}
	for _, rev := range []string{"--output=x", "a..b", "HEAD:one.txt", "x\ny", "^HEAD^"} {
		if _, err := repo.Resolve(context.Background(), rev); err == nil {
			t.Errorf("revision %q was accepted", rev)
		}
	}
}

// TestMovedAndCopiedLinesAreFollowedOnRequest, as git blame -M and -C do, and no
// longer when that is taken back.
func TestMovedAndCopiedLinesAreFollowedOnRequest(t *testing.T) {
	r := gittest.New(t)
	block := strings.Repeat("a long enough line to be recognised\nand another one that follows it\n", 4)
	rest := strings.Repeat("something else altogether stands here\n", 6)
	r.Write("a.txt", block+rest)
	r.Write("b.txt", "b\n")
	r.Commit("Start")
	r.Write("a.txt", rest+block)
	r.Commit("Move a block")
	r.Write("a.txt", rest)
	r.Write("b.txt", "b\n"+block)
	r.Commit("Move it to another file")
	repo, db := openIndex(t, r.Dir, Options{})
	detect := func(d git.Detection) *git.Detection { return &d }
	for _, step := range []struct {
		o    IndexOptions
		args []string
	}{{IndexOptions{}, nil}, {IndexOptions{Detect: detect("M")}, []string{"-M"}}, {IndexOptions{Detect: detect("C")}, []string{"-C"}}, {IndexOptions{}, []string{"-C"}}, {IndexOptions{Detect: detect("")}, nil}} {
		step.o.Revs = []string{"HEAD", "HEAD~1"}
		mustIndex(t, db, repo, step.o)
		for _, rev := range step.o.Revs {
			mustEqualBlame(t, db, r, rev, step.args...)
		}
	}
}
