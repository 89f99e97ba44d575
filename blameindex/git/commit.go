package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Commit is what git knows of one commit, the author as the mailmap has it.
type Commit struct {
	SHA           string
	Parents       []string
	Author, Email string
	AuthorTime    time.Time
	Time          time.Time // committer's
	Message       string
}

const commitFormat = "%H%x00%P%x00%aN%x00%aE%x00%at%x00%ct%x00%B"

// Commits reads the named commits in the order given. A commit that is missing
// or corrupt is left out.
func (r *Repo) Commits(ctx context.Context, shas []string) ([]Commit, error) {
	if len(shas) == 0 {
		return nil, nil
	}
	out, err := r.run(ctx, longCall, []byte(strings.Join(shas, "\n")+"\n"),
		"log", "--no-walk=unsorted", "--stdin", "--ignore-missing", "-s", "--no-show-signature", "--no-notes", "--encoding=UTF-8", "--format="+commitFormat+"%x00%x01")
	if errors.Is(err, ErrStopped) { // git gives up at a corrupt one
		if len(shas) == 1 {
			return nil, nil
		}
		a, errA := r.Commits(ctx, shas[:len(shas)/2])
		b, errB := r.Commits(ctx, shas[len(shas)/2:])
		return append(a, b...), errors.Join(errA, errB)
	}
	if err != nil {
		return nil, err
	}
	return parseCommits(out)
}

// Mailmap is the text of the mailmap that git reads: the work tree's, or in a
// bare repository HEAD's; nil when there is none.
func (r *Repo) Mailmap(ctx context.Context) ([]byte, error) {
	if r.Top != r.Dir {
		name := filepath.Join(r.Top, ".mailmap")
		if st, err := os.Lstat(name); err != nil || !st.Mode().IsRegular() {
			return nil, nil //nolint:nilerr // git reads none either
		}
		return os.ReadFile(name)
	}
	text, err := r.File(ctx, "HEAD", ".mailmap")
	if errors.Is(err, evidence.ErrNotFound) {
		return nil, nil
	}
	return text, err
}

// RootTrees gives the topmost tree of each commit.
func (r *Repo) RootTrees(ctx context.Context, shas []string) (map[string]string, error) {
	if len(shas) == 0 {
		return nil, nil
	}
	out, err := r.run(ctx, longCall, []byte(strings.Join(shas, "\n")+"\n"), "log", "--no-walk=unsorted", "--stdin", "--ignore-missing", "-s", "--no-show-signature", "--format=%H %T")
	if err != nil {
		return nil, err
	}
	trees := make(map[string]string, len(shas))
	for line := range strings.Lines(string(out)) {
		if sha, tree, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " "); ok {
			trees[sha] = tree
		}
	}
	return trees, nil
}

// Log reads the commits that are in to and not in any of not, newest first as
// git orders them, at most limit. What lies before a missing commit is left
// out.
func (r *Repo) Log(ctx context.Context, to string, not []string, limit int, extra ...string) ([]Commit, error) {
	args := []string{"log", "-s", "--topo-order", "--no-show-signature", "--no-notes", "--encoding=UTF-8", "--format=" + commitFormat + "%x00%x01"}
	if limit > 0 {
		args = append(args, "-n", strconv.Itoa(limit))
	}
	args = append(args, extra...)
	args = append(args, "--end-of-options", to)
	for _, n := range not {
		args = append(args, "^"+n)
	}
	out, err := r.run(ctx, longCall, nil, append(args, "--")...)
	if err != nil && !(errors.Is(err, ErrStopped) && bytes.HasSuffix(out, []byte("\x00\x01\n"))) {
		return nil, err
	}
	return parseCommits(out)
}

// Count is how many commits the history of a commit has, at most limit.
func (r *Repo) Count(ctx context.Context, commit string, limit int) (int, error) {
	out, err := r.askAt(ctx, commit, longCall, "rev-list", "--count", "-n", strconv.Itoa(limit), "--end-of-options", commit, "--")
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(out)))
}

func parseCommits(out []byte) ([]Commit, error) {
	var commits []Commit
	for _, rec := range bytes.Split(out, []byte("\x00\x01")) {
		f := strings.SplitN(strings.TrimPrefix(string(rec), "\n"), "\x00", 7)
		if len(f) == 1 && strings.TrimSpace(f[0]) == "" {
			continue
		}
		if len(f) != 7 {
			return nil, fmt.Errorf("git log: cannot read a commit of %d fields: %w", len(f), evidence.ErrUnavailable)
		}
		commits = append(commits, Commit{
			SHA: f[0], Parents: strings.Fields(f[1]), Author: f[2], Email: f[3],
			AuthorTime: unix(f[4]), Time: unix(f[5]), Message: strings.ToValidUTF8(strings.TrimRight(f[6], "\n"), "\uFFFD"),
		})
	}
	return commits, nil
}

func unix(s string) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Unix(0, 0).UTC()
	}
	return time.Unix(n, 0).UTC()
}
