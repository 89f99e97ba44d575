package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Graph is a part of history: commits with every child before its parents.
type Graph struct {
	SHAs    []string
	Parents [][]int32 // indexes; Lost for a missing one
	Index   map[string]int32
	// Within is how many commits are part of it. Those behind are their parents
	// outside of the part, without parents of their own.
	Within int
}

// History lists the commits reachable from tips and from none of not. Where a
// commit is missing the parts of history before it are left out, and its
// children have Lost in its place; with not, ErrStopped is returned instead.
func (r *Repo) History(ctx context.Context, tips, not []string) (*Graph, error) {
	var in strings.Builder
	for _, t := range tips {
		in.WriteString(t + "\n")
	}
	for _, n := range not {
		in.WriteString("^" + n + "\n")
	}
	out, err := r.run(ctx, longCall, []byte(in.String()), "rev-list", "--topo-order", "--parents", "--stdin")
	if errors.Is(err, ErrStopped) && len(not) == 0 {
		return r.damagedHistory(ctx, tips)
	}
	if err != nil {
		return nil, err
	}
	n := bytes.Count(out, []byte{'\n'})
	g := &Graph{SHAs: make([]string, 0, n), Parents: make([][]int32, 0, n), Index: make(map[string]int32, n)}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	for _, line := range lines {
		if sha, _, _ := strings.Cut(line, " "); sha != "" {
			g.Index[sha] = int32(len(g.SHAs))
			g.SHAs = append(g.SHAs, sha)
		}
	}
	g.Within = len(g.SHAs)
	for _, line := range lines[:g.Within] {
		f := strings.Fields(line)
		ps := make([]int32, 0, len(f)-1)
		for _, p := range f[1:] {
			ps = append(ps, g.id(p))
		}
		g.Parents = append(g.Parents, ps)
	}
	for len(g.Parents) < len(g.SHAs) {
		g.Parents = append(g.Parents, nil)
	}
	return g, nil
}

// id is the index of a commit, which is put behind the part when it is new.
func (g *Graph) id(sha string) int32 {
	i, ok := g.Index[sha]
	if !ok {
		i = int32(len(g.SHAs))
		g.Index[sha] = i
		g.SHAs = append(g.SHAs, sha)
	}
	return i
}

// Pair is a commit and the commit that it is compared with.
type Pair struct{ Commit, Parent string }

// line is how diff-tree is asked for the pair.
func (p Pair) line() string { return p.Commit + " " + p.Parent }

// Trees are a directory in two commits: the object names of its trees.
type Trees struct{ Old, New string }

// line is how diff-tree is asked for the two, and what it announces them with.
func (t Trees) line() string { return t.Old + " " + t.New }

// Change is one path that differs between the two commits of a pair.
type Change struct {
	Status           byte // A, D, M or T; renames are not looked for
	OldMode, NewMode string
	Old, New         string // object names
	Path             string
	// Dir is the directory that the path lies in, if it is in both commits and
	// not the topmost one.
	Dir Trees
}

// Hunk is one difference between two contents, in lines from 0: Old..Old+OldN
// became New..New+NewN.
type Hunk struct{ Old, OldN, New, NewN int32 }

// Patch is the difference between two contents.
type Patch struct {
	Old, New string // object names
	Hunks    []Hunk
}

// ErrStopped says that git gave up before it had answered for every pair,
// because an object is missing or corrupt.
var ErrStopped = errors.New("git stopped at an object that is missing or corrupt")

// Changes calls yield with the changes of each pair, in order, those of one
// pair in git's order of paths; with paths, only of those. After an object that
// git cannot read it returns how many pairs were answered for certain and
// ErrStopped: the next pair may have been answered in part, in whole or not at
// all, so it has to be asked about again. A pair whose commit is missing is
// passed over.
func (r *Repo) Changes(ctx context.Context, pairs []Pair, paths []string, yield func(i int, cs []Change) error) (done int, err error) {
	args := []string{"diff-tree", "--stdin", "--always", "-r", "-t", "--raw", "--no-renames", "--no-abbrev", "-z"}
	if len(paths) > 0 {
		args = append(append(args, "--"), paths...)
	}
	lines, heads := asking(pairs)
	return r.stream(ctx, args, lines, func(br *bufio.Reader) (int, error) {
		p := rawReader{hashLen: r.HashLen, yield: yield, at: -1}
		return p.read(br, heads)
	})
}

// asking gives the lines that ask for pairs and those that announce the answers.
func asking(pairs []Pair) (lines, heads []string) {
	for _, p := range pairs {
		lines, heads = append(lines, p.line()), append(heads, p.Commit)
	}
	return lines, heads
}

// Patches calls yield with the patches of the files that each pair has in
// common, in order of pairs. The patches are git's own diff with its default
// algorithm, the one that git blame uses. With specs, only paths that match one
// are looked at; they are git's pathspecs. It ends as Changes does.
func (r *Repo) Patches(ctx context.Context, pairs []Pair, specs []string, yield func(i int, ps []Patch) error) (done int, err error) {
	lines, heads := asking(pairs)
	return r.patches(ctx, lines, heads, specs, yield)
}

// TreePatches is Patches for directories: git is spared what else changed
// between two commits. The specs are about paths inside of the directory.
func (r *Repo) TreePatches(ctx context.Context, dirs []Trees, specs []string, yield func(i int, ps []Patch) error) (done int, err error) {
	lines := make([]string, len(dirs))
	for i, t := range dirs {
		lines[i] = t.line()
	}
	return r.patches(ctx, lines, lines, specs, yield)
}

func (r *Repo) patches(ctx context.Context, lines, heads, specs []string, yield func(i int, ps []Patch) error) (int, error) {
	args := []string{"--no-literal-pathspecs", "diff-tree", "--stdin", "--always", "-r", "-p", "-U0", "--no-renames", "--diff-filter=M", "--full-index", "--text", "--no-ext-diff", "--no-textconv", "--no-color", "--inter-hunk-context=0", "--diff-algorithm=default", "--indent-heuristic"}
	if len(specs) > 0 {
		args = append(append(args, "--"), specs...)
	}
	return r.stream(ctx, args, lines, func(br *bufio.Reader) (int, error) {
		p := patchReader{hashLen: r.HashLen, yield: yield, at: -1}
		return p.read(br, heads)
	})
}

// stream runs a git that answers lines, until read has read it all.
func (r *Repo) stream(ctx context.Context, args, lines []string, read func(*bufio.Reader) (int, error)) (int, error) {
	if len(lines) == 0 {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, longCall)
	defer cancel()
	cmd := r.command(ctx, r.Top, args...)
	in, out := io.Pipe()
	cmd.Stdin = in
	go func() {
		w := bufio.NewWriterSize(out, 1<<16)
		var err error
		for _, line := range lines {
			if _, err = w.WriteString(line + "\n"); err != nil {
				break
			}
		}
		_ = out.CloseWithError(errors.Join(err, w.Flush())) // the reader sees why
	}()
	defer func() { _ = in.Close() }() // ends the writer when git is gone
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return 0, fmt.Errorf("git diff-tree: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return 0, failed(ctx, []string{"diff-tree"}, err, "")
	}
	done, err := read(bufio.NewReaderSize(pipe, 1<<18))
	if err != nil {
		cancel()
	}
	_ = in.Close()
	waitErr := cmd.Wait()
	switch {
	case err != nil:
		return done, err
	case done == len(lines) && gaveUp(waitErr):
		return done - 1, ErrStopped // what was handed on of the last pair is not all
	case done == len(lines):
		return done, nil
	case ctx.Err() != nil:
		return done, ctx.Err()
	case gaveUp(waitErr) || waitErr == nil: // in silence at a commit that is missing
		return done, ErrStopped
	}
	return done, failed(ctx, args, waitErr, "")
}

// announces reports whether a line is what git announces an answer with: the
// name of a commit, or those of two trees.
func announces(line []byte, hashLen int) bool {
	if len(line) == 2*hashLen+1 && line[hashLen] == ' ' {
		return isHex(line[:hashLen]) && isHex(line[hashLen+1:])
	}
	return len(line) == hashLen && isHex(line)
}

// isHex tells an object's name from any other line of the same length, as a
// hunk's header with 40 characters.
func isHex(line []byte) bool {
	for _, c := range line {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
