package git

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// CloneBundle unpacks a git bundle into a new bare repository below dir.
func CloneBundle(ctx context.Context, file, dir string) (*Repo, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("git bundle %s: %w", file, err)
	}
	if st, err := os.Stat(abs); err != nil || !st.Mode().IsRegular() {
		return nil, fmt.Errorf("git bundle %s: no such file: %w", file, evidence.ErrNotFound)
	}
	parent, err := os.MkdirTemp(dir, "repo-")
	if err != nil {
		return nil, fmt.Errorf("git bundle %s: %w", file, err)
	}
	// The last element is a repository's name in a report, which must not differ
	// between two unpackings of the same bundle.
	into := filepath.Join(parent, "repo.git")
	if err := os.Mkdir(into, 0o700); err != nil {
		return nil, fmt.Errorf("git bundle %s: %w", file, err)
	}
	format, err := bundleFormat(abs)
	if err != nil {
		return nil, fmt.Errorf("git bundle %s: %w", file, err)
	}
	r := &Repo{Top: into, Dir: into, Common: into, Bare: true, HashLen: 40}
	if format == "sha256" {
		r.HashLen = 64
	}
	// HEAD names a branch that no bundle has: a name of the bundle's own that HEAD
	// stood for would be written twice in the one transaction below.
	if _, err := r.run(ctx, shortCall, nil, "init", "--bare", "--quiet", "--template=", "--initial-branch="+unborn, "--object-format="+format, into); err != nil {
		return nil, err
	}
	// unbundle reads the objects without any transport and prints the names.
	names, err := r.run(ctx, longCall, nil, "bundle", "unbundle", abs)
	if err != nil {
		return nil, fmt.Errorf("git bundle %s cannot be read (%v); make it again with git bundle create: %w", file, err, evidence.ErrInvalid)
	}
	refs, tag := bundleRefs(names)
	if _, err := r.run(ctx, shortCall, refs, "update-ref", "--stdin"); err != nil {
		return nil, fmt.Errorf("git bundle %s: %v: %w", file, err, evidence.ErrInvalid)
	}
	if tag != "" {
		if err := r.pointHead(ctx, tag); err != nil {
			return nil, fmt.Errorf("git bundle %s: %v: %w", file, err, evidence.ErrInvalid)
		}
	}
	return Open(ctx, into)
}

// pointHead makes the commit behind a tag the HEAD; a tag may be of something
// else, and then there is none.
func (r *Repo) pointHead(ctx context.Context, tag string) error {
	sha, err := r.run(ctx, shortCall, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", tag+"^{commit}")
	if err != nil {
		return ctx.Err()
	}
	_, err = r.run(ctx, shortCall, nil, "update-ref", "--no-deref", "HEAD", strings.TrimSpace(string(sha)))
	return err
}

// ErrTooLarge says that a history has more bytes than its bundle may have.
var ErrTooLarge = errors.New("the history is larger than allowed")

// WriteBundle writes the history as a git bundle: all branches, all tags, HEAD,
// and the commits also, which no name may lead to. It is ErrTooLarge when the
// bundle would have more than most bytes, and evidence.ErrUnsupported for a
// repository that does not have all of its history.
func (r *Repo) WriteBundle(ctx context.Context, w io.Writer, most int64, also []string) error {
	if r.Shallow || r.Partial {
		return fmt.Errorf("git bundle of %s: it holds a part of the history only: %w", r.Top, evidence.ErrUnsupported)
	}
	// Packing a large history to find out that it is large would cost minutes.
	packed, err := r.packedBytes(ctx)
	if err != nil {
		return err
	}
	if packed/2 > most || most <= 0 {
		return ErrTooLarge
	}
	ctx, cancel := context.WithTimeout(ctx, longCall)
	defer cancel()
	args := []string{"-c", "pack.threads=1", "bundle", "create", "--quiet", "-", "--branches", "--tags"}
	if _, err := r.Resolve(ctx, "HEAD"); err == nil {
		args = append(args, "HEAD")
	}
	var complaint strings.Builder
	room := &atMost{w: w, left: most}
	cmd := r.command(ctx, r.Top, append(args, also...)...)
	cmd.Stdout, cmd.Stderr = room, &complaint
	err = cmd.Run()
	switch {
	case room.full:
		return ErrTooLarge
	case err != nil:
		return failed(ctx, args[2:], err, complaint.String())
	}
	return nil
}

// packedBytes is how much room the packs take. Loose objects say little: each
// takes a block of the disk, and packed they are a fraction of it.
func (r *Repo) packedBytes(ctx context.Context) (int64, error) {
	out, err := r.run(ctx, shortCall, nil, "count-objects", "-v")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(out)) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "size-pack: "); ok {
			kib, err := strconv.ParseInt(value, 10, 64)
			return kib << 10, err
		}
	}
	return 0, nil
}

// atMost fails, which ends git, where more is written than allowed.
type atMost struct {
	w    io.Writer
	left int64
	full bool
}

func (a *atMost) Write(p []byte) (int, error) {
	if a.left -= int64(len(p)); a.left < 0 {
		a.full = true
		return 0, ErrTooLarge
	}
	return a.w.Write(p)
}

// unborn is the branch that HEAD of a new repository names; git's check of
// names allows it, and nobody makes such a branch.
const unborn = "wherefore/none"

// bundleRefs makes, of the names that a bundle carries, what update-ref reads. A
// bundle of some branches or tags names no HEAD: then the first branch is it,
// and without a branch it is the first tag's, which is returned: it may be the
// name of a tag object, which only the repository can follow.
func bundleRefs(names []byte) (stdin []byte, tag string) {
	var refs strings.Builder
	head, branch := "", ""
	seen := map[string]bool{} // git bundle create BRANCH BRANCH names it twice
	for line := range strings.Lines(string(names)) {
		sha, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch {
		case ok && name == "HEAD":
			head = sha
		case ok && strings.HasPrefix(name, "refs/") && !seen[name]:
			seen[name] = true
			fmt.Fprintf(&refs, "create %s %s\n", name, sha)
			if branch == "" && strings.HasPrefix(name, "refs/heads/") {
				branch = sha
			}
			if tag == "" && strings.HasPrefix(name, "refs/tags/") {
				tag = sha
			}
		}
	}
	if head = cmp.Or(head, branch); head != "" {
		fmt.Fprintf(&refs, "option no-deref\nupdate HEAD %s\n", head)
		tag = ""
	}
	return []byte(refs.String()), tag
}

// bundleFormat reads the kind of object names from a bundle's header.
func bundleFormat(file string) (_ string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	head := make([]byte, 256)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	if strings.Contains(string(head[:n]), "\n@object-format=sha256\n") {
		return "sha256", nil
	}
	return "sha1", nil
}
