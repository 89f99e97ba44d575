package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
)

// TestOneHookWaitsAndSeesAllCommits: while a hook works one more waits, which
// sees what was committed meanwhile; others have nothing to do.
func TestOneHookWaitsAndSeesAllCommits(t *testing.T) {
	r := gittest.New(t)
	r.Write("a.go", "package a // decision:ADR-1\n")
	r.Commit("first")
	t.Chdir(r.Dir)
	ledger := filepath.Join(r.Dir, ".git", "wherefore-ledger.csv")

	next := flock.New(filepath.Join(r.Dir, ".git", "wherefore-hook-next.lock"))
	if ok, err := next.TryLock(); !ok || err != nil {
		t.Fatalf("lock: %v %v", ok, err)
	}
	if err := runHook(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(ledger); err == nil {
		t.Error("a hook worked although another one waits to do the same")
	}
	if err := next.Unlock(); err != nil {
		t.Fatal(err)
	}

	now := flock.New(filepath.Join(r.Dir, ".git", "wherefore-hook.lock"))
	if ok, err := now.TryLock(); !ok || err != nil {
		t.Fatalf("lock: %v %v", ok, err)
	}
	done := make(chan error)
	go func() { done <- runHook(t.Context(), "") }()
	r.Write("b.go", "package a // decision:ADR-2\n")
	sha := r.Commit("second")
	if err := now.Unlock(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(ledger)
	if err != nil || !strings.Contains(string(got), sha+",ADR-2") {
		t.Errorf("the ledger has not what was committed while the hook waited: %v\n%s", err, got)
	}
}

// BenchmarkHook tells what the hook adds to an ordinary commit, and what it
// takes behind the commit's back. WHEREFORE_BENCH_COMMITS is the length of the
// history, WHEREFORE_BENCH_REPO a repository whose clone is used instead.
func BenchmarkHook(b *testing.B) {
	dir := hookBenchRepo(b)
	r := gittest.At(b, dir)
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	program := filepath.Join(b.TempDir(), "wherefore") // the name says what the test binary is to be
	if err := os.Symlink(self, program); err != nil {
		b.Fatal(err)
	}
	run := func(args ...string) *os.ProcessState {
		cmd := exec.Command(program, args...)
		cmd.Dir, cmd.Env = dir, gittest.Env()
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %v\n%s", args, err, out)
		}
		return cmd.ProcessState
	}
	run("index", ".", "--path", "*.go", "--rev", "HEAD")
	files := slices.DeleteFunc(r.Files("HEAD"), func(p string) bool { return !strings.HasSuffix(p, ".go") })
	n := 0
	commit := func() time.Duration {
		path := files[n*7919%len(files)]
		n++
		r.Write(path, r.Text("HEAD", path)+"// change "+strconv.Itoa(n)+"\n")
		start := time.Now()
		r.Git("commit", "-q", "-a", "-m", "change")
		return time.Since(start)
	}
	plain := commit()
	hook := filepath.Join(dir, ".git", "hooks", "post-commit")
	if err := os.MkdirAll(filepath.Dir(hook), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(hook, []byte(hookScript(program, "")), 0o755); err != nil {
		b.Fatal(err)
	}
	var hooked, worked, cpu time.Duration
	for b.Loop() {
		hooked += commit()
		time.Sleep(time.Second) // until the one behind the commit's back is done
		if err := os.Rename(hook, hook+".off"); err != nil {
			b.Fatal(err)
		}
		commit()
		if err := os.Rename(hook+".off", hook); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		st := run("hook", "run")
		worked += time.Since(start)
		cpu += st.UserTime() + st.SystemTime()
	}
	per := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(b.N) }
	b.ReportMetric(float64(plain.Microseconds())/1000, "ms-commit")
	b.ReportMetric(per(hooked), "ms-commit-with-hook")
	b.ReportMetric(per(worked), "ms-hook")
	b.ReportMetric(per(cpu), "ms-hook-cpu")
}

func hookBenchRepo(b *testing.B) string {
	if dir := os.Getenv("WHEREFORE_BENCH_REPO"); dir != "" {
		to := filepath.Join(b.TempDir(), "clone")
		gittest.At(b, b.TempDir()).Git("clone", "-q", dir, to)
		return to
	}
	commits := 1500
	if n, err := strconv.Atoi(os.Getenv("WHEREFORE_BENCH_COMMITS")); err == nil {
		commits = n
	}
	r := gittest.New(b)
	var stream bytes.Buffer
	if err := gittest.Large(&stream, gittest.Shape{Commits: commits, Files: max(20, min(700, commits*700/18000))}, 1); err != nil {
		b.Fatal(err)
	}
	r.Import(stream.Bytes())
	r.Git("checkout", "-q", "main")
	r.Git("repack", "-adq")
	return r.Dir
}
