package blameindex

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
)

// largeRepo generates the history that the figures are taken on. Its size is
// WHEREFORE_BENCH_COMMITS, small by default so that a plain -bench run ends;
// WHEREFORE_BENCH_PULLS makes one in which every change is a merged branch, and
// WHEREFORE_BENCH_REPO names a repository to be used instead.
func largeRepo(b *testing.B) string {
	b.Helper()
	if dir := os.Getenv("WHEREFORE_BENCH_REPO"); dir != "" {
		return dir
	}
	commits := 1500
	if n, err := strconv.Atoi(os.Getenv("WHEREFORE_BENCH_COMMITS")); err == nil {
		commits = n
	}
	r := gittest.New(b)
	var stream bytes.Buffer
	generate := gittest.Large
	if os.Getenv("WHEREFORE_BENCH_PULLS") != "" {
		generate = gittest.Pulls
	}
	if err := generate(&stream, gittest.Shape{Commits: commits, Files: max(20, min(700, commits*700/18000))}, 1); err != nil {
		b.Fatal(err)
	}
	r.Import(stream.Bytes())
	r.Git("symbolic-ref", "HEAD", "refs/heads/main")
	r.Git("repack", "-adq")
	return r.Dir
}

func packSize(b *testing.B, dir string) int64 {
	var total int64
	packs, err := filepath.Glob(filepath.Join(dir, ".git/objects/pack/*.pack"))
	if err != nil || len(packs) == 0 {
		packs, err = filepath.Glob(filepath.Join(dir, "objects/pack/*.pack"))
	}
	if err != nil {
		b.Fatal(err)
	}
	for _, p := range packs {
		if st, err := os.Stat(p); err == nil {
			total += st.Size()
		}
	}
	return total
}

// gitBlameAll runs git blame over the files on all cores, which is what the
// index is measured against.
func gitBlameAll(b *testing.B, dir, rev string, files []string) time.Duration {
	start := time.Now()
	work := make(chan string)
	var wg sync.WaitGroup
	for range runtime.NumCPU() {
		wg.Go(func() {
			for f := range work {
				cmd := exec.Command("git", "blame", "--porcelain", rev, "--", f)
				cmd.Dir, cmd.Env = dir, gittest.Env()
				if err := cmd.Run(); err != nil {
					b.Errorf("git blame %s: %v", f, err)
				}
			}
		})
	}
	for _, f := range files {
		work <- f
	}
	close(work)
	wg.Wait()
	return time.Since(start)
}

// BenchmarkIndex prints, from one run: how many times faster the first
// indexing is than git blame, the second tag than the first, what a commit and
// an answer cost, and the size of the database.
func BenchmarkIndex(b *testing.B) {
	dir := largeRepo(b)
	ctx := context.Background()
	repo, err := git.Open(ctx, dir)
	if err != nil {
		b.Fatal(err)
	}
	from, to := "t1", "main"
	if os.Getenv("WHEREFORE_BENCH_PULLS") != "" {
		from = "t100"
	}
	if v := os.Getenv("WHEREFORE_BENCH_REVS"); v != "" {
		from, to, _ = strings.Cut(v, "..")
	}
	for b.Loop() {
		file := filepath.Join(b.TempDir(), "w.db")
		db, err := Open(file, Options{})
		if err != nil {
			b.Fatal(err)
		}
		index := func(rev string) (took, cpu time.Duration, st IndexStats) {
			start, used := time.Now(), cpuTime(b)
			st, err := db.Index(ctx, repo, IndexOptions{Revs: []string{rev}, Globs: []string{"*.go"}})
			if err != nil {
				b.Fatal(err)
			}
			return time.Since(start), cpuTime(b) - used, st
		}
		first, firstCPU, st := index(from)
		second, secondCPU, _ := index(to + "~1")
		commit, commitCPU, _ := index(to)
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err == nil && os.Getenv("WHEREFORE_BENCH_REPO") != "" {
			// Not after generating the history in this very process.
			b.ReportMetric(float64(usage.Maxrss)/1024, "MB-peak")
		}
		b.ReportMetric(first.Seconds(), "s-first")
		b.ReportMetric(first.Seconds()/second.Seconds(), "x-second")
		b.ReportMetric(firstCPU.Seconds()/secondCPU.Seconds(), "x-second-cpu")
		b.ReportMetric(float64(second.Milliseconds()), "ms-second")
		b.ReportMetric(float64(commit.Milliseconds()), "ms-commit")
		b.ReportMetric(float64(commitCPU.Milliseconds()), "ms-commit-cpu")
		b.ReportMetric(float64(st.Files), "files")
		if _, err := db.write.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil { // else a small one is all in its log
			b.Fatal(err)
		}
		if st, err := os.Stat(file); err == nil {
			b.ReportMetric(100*float64(st.Size())/float64(packSize(b, dir)), "%-of-pack")
		}
		files := goFiles(b, repo, from)
		p50, p99 := whyTimes(b, db, files, to)
		b.ReportMetric(p50.Seconds()*1e6, "µs-why-p50")
		b.ReportMetric(p99.Seconds()*1e6, "µs-why-p99")
		if os.Getenv("WHEREFORE_BENCH_BASE") != "off" {
			// On a busy machine every n-th file stands for all.
			every := 1
			if n, err := strconv.Atoi(os.Getenv("WHEREFORE_BENCH_EVERY")); err == nil {
				every = n
			}
			var sample []string
			for i := 0; i < len(files); i += every {
				sample = append(sample, files[i])
			}
			base := gitBlameAll(b, dir, from, sample)
			scale := float64(len(files)) / float64(len(sample))
			b.ReportMetric(base.Seconds()*scale/first.Seconds(), "x-git-blame")
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// cpuTime is what this process and the gits it ran have used, which a busy
// machine changes less than how long they took.
func cpuTime(b testing.TB) time.Duration {
	var total time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			b.Fatal(err)
		}
		total += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return total
}

func goFiles(b *testing.B, repo *git.Repo, rev string) []string {
	sha, err := repo.Resolve(context.Background(), rev)
	if err != nil {
		b.Fatal(err)
	}
	entries, err := repo.Tree(context.Background(), sha)
	if err != nil {
		b.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if strings.HasSuffix(e.Path, ".go") && e.Regular() {
			out = append(out, e.Path)
		}
	}
	return out
}

func whyTimes(b *testing.B, db *DB, files []string, rev string) (p50, p99 time.Duration) {
	var took []time.Duration
	for i := range 2000 {
		start := time.Now()
		_, err := db.Why(context.Background(), files[i*7919%len(files)], 1+i%20, rev)
		took = append(took, time.Since(start))
		if err != nil && !strings.Contains(fmt.Sprint(err), "not found") {
			b.Fatal(err)
		}
	}
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*99/100]
}
