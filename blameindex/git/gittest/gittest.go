// Package gittest makes git repositories for tests, by hand or from a stream
// for git fast-import, and asks git itself what the right answer is.
package gittest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Repo is a repository with a work tree in a temporary directory.
type Repo struct {
	Dir string
	t   testing.TB
	now int64
}

// New makes an empty repository; the test is skipped when there is no git.
func New(t testing.TB) *Repo {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	r := &Repo{Dir: t.TempDir(), t: t, now: 1_700_000_000}
	r.Git("init", "--quiet", "--initial-branch=main", "--template=")
	return r
}

// At is a repository that is there already.
func At(t testing.TB, dir string) *Repo {
	return &Repo{Dir: dir, t: t, now: 1_700_000_000}
}

// Env is what git runs with in tests: no configuration but the repository's.
func Env() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=/dev/null", "LC_ALL=C", "TZ=UTC", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_NO_LAZY_FETCH=1", "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.org", "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.org"}
}

// Git runs git in the repository and returns what it printed.
func (r *Repo) Git(args ...string) string {
	r.t.Helper()
	out, err := r.Try(nil, args...)
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

// Try is Git for a call that may fail.
func (r *Repo) Try(stdin []byte, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env, cmd.Stdin = r.Dir, append(Env(), fmt.Sprintf("GIT_AUTHOR_DATE=%d +0000", r.now), fmt.Sprintf("GIT_COMMITTER_DATE=%d +0000", r.now)), bytes.NewReader(stdin)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, errOut.String())
	}
	return out.String(), nil
}

// Write puts a file into the work tree.
func (r *Repo) Write(path, content string) {
	r.t.Helper()
	full := filepath.Join(r.Dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// Commit commits everything in the work tree a minute after the last commit
// and returns its name.
func (r *Repo) Commit(message string) string {
	r.t.Helper()
	r.now += 60
	r.Git("add", "-A")
	r.Git("commit", "--quiet", "--allow-empty", "-m", message)
	return strings.TrimSpace(r.Git("rev-parse", "HEAD"))
}

// Import feeds a stream to git fast-import.
func (r *Repo) Import(stream []byte) {
	r.t.Helper()
	if _, err := r.Try(stream, "fast-import", "--quiet", "--force"); err != nil {
		r.t.Fatal(err)
	}
}

// Line is git blame's answer for one line.
type Line struct {
	Commit, Path string
	Orig         int
}

// Blame is git blame --porcelain on a whole file.
func (r *Repo) Blame(rev, path string, args ...string) ([]Line, error) {
	out, err := r.Try(nil, append(append([]string{"blame", "--porcelain"}, args...), rev, "--", path)...)
	if err != nil {
		return nil, err
	}
	var lines []Line
	names := map[string]string{}
	var cur Line
	for _, l := range strings.Split(out, "\n") {
		f := strings.Fields(l)
		switch {
		case strings.HasPrefix(l, "\t"):
			cur.Path = names[cur.Commit]
			lines = append(lines, cur)
		case strings.HasPrefix(l, "filename "):
			names[cur.Commit] = unquote(strings.TrimPrefix(l, "filename "))
		case (len(f) == 3 || len(f) == 4) && (len(f[0]) == 40 || len(f[0]) == 64):
			n, err := strconv.Atoi(f[1])
			if err != nil {
				continue
			}
			cur = Line{Commit: f[0], Orig: n}
		}
	}
	return lines, nil
}

// BlameCleanly is Blame, and fails also when git complains and answers all the
// same, as it does at a commit that is missing.
func (r *Repo) BlameCleanly(rev, path string, args ...string) ([]Line, error) {
	cmd := exec.Command("git", append(append([]string{"blame", "--porcelain"}, args...), rev, "--", path)...)
	cmd.Dir, cmd.Env = r.Dir, append(Env(), "GIT_ALLOW_PROTOCOL=none")
	if out, err := cmd.CombinedOutput(); err != nil || bytes.Contains(out, []byte("\nerror: ")) || bytes.HasPrefix(out, []byte("error: ")) {
		return nil, fmt.Errorf("git blame %s: %w", path, errors.Join(err, errors.New("it complains")))
	}
	return r.Blame(rev, path, args...)
}

// Text is a file's content at a revision, empty when it is not there.
func (r *Repo) Text(rev, path string) string {
	out, err := r.Try(nil, "cat-file", "blob", rev+":"+path)
	if err != nil {
		return ""
	}
	return out
}

// Files lists the plain files of a commit.
func (r *Repo) Files(rev string) []string {
	r.t.Helper()
	var out []string
	for _, l := range strings.Split(r.Git("ls-tree", "-r", "-z", "--full-tree", rev), "\x00") {
		if meta, path, ok := strings.Cut(l, "\t"); ok && strings.HasPrefix(meta, "100") {
			out = append(out, path)
		}
	}
	return out
}

func unquote(s string) string {
	if u, err := strconv.Unquote(s); err == nil && strings.HasPrefix(s, `"`) {
		return u
	}
	return s
}
