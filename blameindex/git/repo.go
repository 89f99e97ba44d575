// Package git runs git's plumbing on one repository and reads what it prints.
//
// A repository and everything in it is untrusted. Hooks, pagers, external
// diff, textconv, fsmonitor, signatures and transports are off, the user's and
// the system's configuration is not read, names go after "--" or
// "--end-of-options", and every call has a deadline. Nothing is ever written
// to the repository.
package git

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Deadlines of one call: for a question about one thing, and for a pass over
// history.
const (
	shortCall = 30 * time.Second
	longCall  = 2 * time.Hour
)

// Repo is a local repository, bare or not. It is safe for concurrent use.
type Repo struct {
	// Dir is the absolute path of the git directory.
	Dir string
	// Common is the git directory that work trees share: Dir but for linked ones.
	Common string
	// Top is where git runs: the work tree's root, or Dir of a bare repository.
	Top  string
	Bare bool
	// Shallow and Partial say that history or objects are left out.
	Shallow, Partial bool
	// HashLen is the length of an object name in hex digits.
	HashLen int

	local   localObjects
	answers answers
}

// Open finds the repository that contains path; evidence.ErrNotFound when
// there is none.
func Open(ctx context.Context, path string) (*Repo, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open repository %s: %w", path, err)
	}
	if st, err := os.Stat(abs); err != nil || !st.IsDir() {
		return nil, fmt.Errorf("%s: not a directory with a git repository; name one, or clone it first: %w", path, evidence.ErrNotFound)
	}
	r := &Repo{Top: abs, Dir: abs, Common: abs, HashLen: 40}
	out, err := r.run(ctx, shortCall, nil, "rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir", "--is-bare-repository", "--is-shallow-repository", "--is-inside-work-tree", "--show-object-format")
	if err != nil {
		why := "not a git repository"
		if !strings.Contains(err.Error(), why) {
			why += fmt.Sprintf(" that can be read (%v)", err)
		}
		return nil, fmt.Errorf("%s: %s; name one, or clone it first: %w", path, why, evidence.ErrNotFound)
	}
	f := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(f) != 6 {
		return nil, fmt.Errorf("%s: git rev-parse printed %d lines, not 6: %w", path, len(f), evidence.ErrUnavailable)
	}
	r.Dir, r.Common, r.Bare, r.Shallow = f[0], f[1], f[2] == "true", f[3] == "true"
	if f[5] == "sha256" {
		r.HashLen = 64
	}
	r.Top = r.Dir
	if f[4] == "true" {
		if top, err := r.runIn(ctx, shortCall, abs, nil, "rev-parse", "--show-toplevel"); err == nil {
			r.Top = strings.TrimRight(string(top), "\n")
		}
	}
	r.Partial = r.isPartial(ctx)
	return r, nil
}

func (r *Repo) isPartial(ctx context.Context) bool {
	out, err := r.run(ctx, shortCall, nil, "config", "--local", "--get-regexp", `^(extensions\.partialclone|remote\..*\.promisor)$`)
	return err == nil && len(bytes.TrimSpace(out)) > 0
}

// neutral is the configuration that keeps a repository from running programs
// and from answering differently on another machine.
func neutral(dir string) []string {
	return []string{
		"--no-pager", "--literal-pathspecs", "--no-optional-locks",
		"-c", "safe.directory=" + dir,
		"-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.attributesFile=/dev/null",
		"-c", "core.quotePath=false", "-c", "core.abbrev=no", "-c", "core.alternateRefsCommand=true",
		"-c", "diff.external=", "-c", "diff.orderFile=/dev/null", "-c", "diff.algorithm=default", "-c", "diff.indentHeuristic=true",
		"-c", "diff.renameLimit=1000", "-c", "diff.ignoreSubmodules=none", "-c", "diff.suppressBlankEmpty=false",
		"-c", "blame.ignoreRevsFile=", "-c", "log.showSignature=false", "-c", "gpg.program=false",
		"-c", "mailmap.file=", "-c", "protocol.allow=never", "-c", "gc.auto=0", "-c", "maintenance.auto=false",
		"-c", "i18n.logOutputEncoding=UTF-8", "-c", "color.ui=false", "-c", "uploadpack.packObjectsHook=",
	}
}

// environment is what git sees: enough to find its programs, no more.
func environment() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.DevNull, "LC_ALL=C", "TZ=UTC",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull, "GIT_ATTR_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=false", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none",
		"GIT_OPTIONAL_LOCKS=0", "GIT_PAGER=cat",
		"TMPDIR=" + os.TempDir(),
	}
}

func (r *Repo) command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append(neutral(r.safe()), args...)...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, environment(), 2*time.Second
	return cmd
}

// safe is the directory whose ownership git need not check: the one that the
// caller named. Its configuration is overridden wherever it could run a
// program.
func (r *Repo) safe() string {
	return strings.TrimSuffix(r.Top, "/.git")
}

func (r *Repo) run(ctx context.Context, limit time.Duration, stdin []byte, args ...string) ([]byte, error) {
	return r.runIn(ctx, limit, r.Top, stdin, args...)
}

func (r *Repo) runIn(ctx context.Context, limit time.Duration, dir string, stdin []byte, args ...string) ([]byte, error) {
	out, _, err := r.runAll(ctx, limit, dir, stdin, args...)
	return out, err
}

// runAll returns what git complained of beside what it printed.
func (r *Repo) runAll(ctx context.Context, limit time.Duration, dir string, stdin []byte, args ...string) (printed []byte, complaint string, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := r.command(ctx, dir, args...)
	var out, errOut bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &out, &errOut
	if err := cmd.Run(); err != nil {
		return out.Bytes(), errOut.String(), failed(ctx, args, err, errOut.String())
	}
	return out.Bytes(), errOut.String(), nil
}

// failed words a failed call: git's own first line, with the subcommand.
func failed(ctx context.Context, args []string, err error, stderr string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("git %s: %w", args[0], ctx.Err())
	}
	var notThere *exec.Error
	if errors.As(err, &notThere) {
		return fmt.Errorf("git is not installed or not in PATH: %w: %w", err, evidence.ErrUnavailable)
	}
	line, _, _ := strings.Cut(strings.TrimSpace(stderr), "\n")
	if line == "" {
		line = err.Error()
	}
	line = fmt.Sprintf("git %s: %s", args[0], strings.ToValidUTF8(line, "?"))
	if gaveUp(err) {
		return fatal(line)
	}
	return errors.New(line)
}

// fatal is what git says when it gives up by itself.
type fatal string

func (f fatal) Error() string { return string(f) }

// Is makes errors.Is(err, ErrStopped) hold.
func (f fatal) Is(target error) bool { return target == ErrStopped }

// gaveUp reports whether git ended by its own die(), which it does at an object
// that it cannot read, and was not killed.
func gaveUp(err error) bool {
	const died = 128
	var exit *exec.ExitError
	return errors.As(err, &exit) && exit.ExitCode() == died
}

// Resolve gives the full name of the commit that a revision means;
// evidence.ErrNotFound when it means none, evidence.ErrInvalid when it could
// be taken for something else than a name.
func (r *Repo) Resolve(ctx context.Context, rev string) (string, error) {
	if err := CheckRevision(rev); err != nil {
		return "", err
	}
	out, err := r.askAt(ctx, rev, shortCall, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		if ctx.Err() != nil {
			return "", err
		}
		return "", fmt.Errorf("revision %q is not in %s; fetch it, or give a tag, branch or SHA that is there: %w", rev, r.Top, evidence.ErrNotFound)
	}
	sha := strings.TrimSpace(string(out))
	sha = strings.TrimPrefix(sha, "--end-of-options\n") // printed by some versions
	return sha, nil
}

// CheckRevision refuses what git could read as an option or as several names.
func CheckRevision(rev string) error {
	if rev == "" || len(rev) > 250 || strings.HasPrefix(rev, "-") || strings.HasPrefix(rev, "^") || strings.ContainsAny(rev, "\x00\n\r :\\?*[") || strings.Contains(rev, "..") {
		return fmt.Errorf("%q is not a revision; give one tag, branch or SHA: %w", rev, evidence.ErrInvalid)
	}
	return nil
}

// CheckPath refuses a path that is not plainly inside a repository.
func CheckPath(p string) error {
	bad := p == "" || len(p) > 4096 || strings.HasPrefix(p, "/") || strings.ContainsAny(p, "\x00\n")
	for _, part := range strings.Split(p, "/") {
		bad = bad || part == ".." || strings.EqualFold(part, ".git")
	}
	if bad {
		return fmt.Errorf("%q is not a path inside a repository; give it from the top of one, with slashes: %w", p, evidence.ErrInvalid)
	}
	return nil
}

// Ref is a name for a commit.
type Ref struct{ Name, SHA string }

// Tags lists the tags that mean commits, in git's order of names. A tag whose
// object is missing is left out and counted.
func (r *Repo) Tags(ctx context.Context) (refs []Ref, missing int, err error) {
	out, err := r.run(ctx, shortCall, nil, "for-each-ref", "--format=%(objectname) %(refname:strip=2)", "refs/tags")
	if err != nil {
		return nil, 0, err
	}
	var ask strings.Builder
	for line := range strings.Lines(string(out)) {
		if oid, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " "); ok {
			refs = append(refs, Ref{Name: name, SHA: oid})
			ask.WriteString(oid + "^{}\n")
		}
	}
	if len(refs) == 0 {
		return nil, 0, nil
	}
	out, err = r.run(ctx, shortCall, []byte(ask.String()), "cat-file", "--batch-check=%(objecttype) %(objectname)", "--buffer")
	if err != nil {
		return nil, 0, err
	}
	kept := refs[:0]
	for i, line := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		if i >= len(refs) {
			break
		}
		kind, sha, _ := strings.Cut(line, " ")
		switch {
		case kind == "commit":
			kept = append(kept, Ref{Name: refs[i].Name, SHA: sha})
		case strings.HasSuffix(line, " missing"):
			missing++
		}
	}
	return kept, missing, nil
}

// View names what makes git show another history than the commits themselves
// say: a digest of grafts, replaced objects and the end of a shallow clone;
// empty when there is none of them.
func (r *Repo) View(ctx context.Context) (string, error) {
	seen, err := r.run(ctx, shortCall, nil, "for-each-ref", "--format=%(refname) %(objectname)", "refs/replace")
	if err != nil {
		return "", err
	}
	for _, name := range []string{"shallow", "info/grafts"} {
		text, err := os.ReadFile(filepath.Join(r.Common, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("read %s of %s: %w", name, r.Common, err)
		}
		if len(text) > 0 {
			seen = append(append(seen, name+"\n"...), text...)
		}
	}
	if len(seen) == 0 {
		return "", nil
	}
	return fmt.Sprintf("%x", sha256.Sum256(seen))[:16], nil
}

// IsAncestor reports whether a is an ancestor of b or b itself.
func (r *Repo) IsAncestor(ctx context.Context, a, b string) (bool, error) {
	_, err := r.ask(ctx, shortCall, "merge-base", "--is-ancestor", a, b)
	if err == nil {
		return true, nil
	}
	if ctx.Err() != nil {
		return false, err
	}
	return false, nil
}

// Has reports whether a commit is in the repository.
func (r *Repo) Has(ctx context.Context, sha string) bool {
	_, err := r.run(ctx, shortCall, nil, "cat-file", "-e", sha+"^{commit}")
	return err == nil
}

// Hooks is the directory that git takes the repository's hooks from. shared says
// that the user's or the system's configuration names it, for other
// repositories as well. It is the one call that reads their configuration.
func (r *Repo) Hooks(ctx context.Context) (dir string, shared bool, err error) {
	out, err := r.run(ctx, shortCall, nil, "config", "--local", "--path", "--get", "core.hooksPath")
	if ctx.Err() != nil {
		return "", false, err
	}
	if dir := strings.TrimSpace(string(out)); err == nil && dir != "" {
		return r.below(dir), false, nil
	}
	cmd := exec.CommandContext(ctx, "git", "config", "--path", "--get", "core.hooksPath")
	cmd.Dir = r.Top
	if out, err := cmd.Output(); err == nil && len(strings.TrimSpace(string(out))) > 0 {
		return r.below(strings.TrimSpace(string(out))), true, nil
	}
	return filepath.Join(r.Common, "hooks"), false, nil
}

func (r *Repo) below(dir string) string {
	if filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(r.Top, dir)
}
