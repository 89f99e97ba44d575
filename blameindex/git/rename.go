package git

import (
	"bufio"
	"bytes"
	"context"
	"path"
	"slices"
	"strings"
)

// Rename asks git which of the paths that a pair deleted the pair's new path
// was renamed from, as git blame does: that path alone is the destination. It
// returns the path it came from, empty when git sees none, and the patch. pass
// are the deleted paths to be considered.
func (r *Repo) Rename(ctx context.Context, p Pair, to string, pass []string) (from string, patch Patch, err error) {
	if length(pass) > mostArguments {
		if pass, err = r.likeliest(ctx, p, to, pass); err != nil || len(pass) == 0 {
			return "", Patch{}, err
		}
	}
	base := []string{"diff-tree", "-r", "-M", "--no-commit-id", "--full-index", "--text", "--no-ext-diff", "--no-textconv", "--no-color", "-U0", "--inter-hunk-context=0", "--diff-algorithm=default", "--indent-heuristic"}
	tail := append([]string{"--end-of-options", p.Parent, p.Commit, "--", to}, pass...)
	out, err := r.run(ctx, longCall, nil, append(append(base, "--raw", "-z"), tail...)...)
	if err != nil {
		return "", Patch{}, err
	}
	tokens := strings.Split(string(out), "\x00")
	for i := 0; i+1 < len(tokens); i++ {
		f := strings.Fields(tokens[i])
		if len(f) != 5 || !strings.HasPrefix(f[0], ":") {
			continue
		}
		if f[4][0] != 'R' {
			i++
			continue
		}
		if i+2 < len(tokens) && tokens[i+2] == to {
			from, patch.Old, patch.New = tokens[i+1], f[2], f[3]
		}
		i += 2
	}
	if from == "" || patch.Old == patch.New {
		return from, patch, nil
	}
	out, err = r.run(ctx, longCall, nil, append(append(base, "-p"), tail...)...)
	if err != nil {
		return "", Patch{}, err
	}
	pr := patchReader{hashLen: r.HashLen, yield: func(_ int, ps []Patch) error {
		for _, x := range ps {
			if x.Old == patch.Old && x.New == patch.New {
				patch = x
			}
		}
		return nil
	}}
	if _, err := pr.read(bufio.NewReader(bytes.NewReader(out)), []string{p.Commit}); err != nil {
		return "", Patch{}, err
	}
	return from, patch, nil
}

// mostArguments is how many bytes of paths are named to git in one call; systems
// allow two megabytes at most.
const mostArguments = 1 << 20

func length(paths []string) (n int) {
	for _, p := range paths {
		n += len(p) + 1
	}
	return n
}

// likeliest narrows deleted paths that are too many for one call: the best of
// each part, in order, and all that have the new path's base name, which git
// prefers when it is the only one.
func (r *Repo) likeliest(ctx context.Context, p Pair, to string, pass []string) ([]string, error) {
	var same, others, best []string
	for _, name := range pass {
		if path.Base(name) == path.Base(to) {
			same = append(same, name)
		} else {
			others = append(others, name)
		}
	}
	if length(same) > mostArguments/2 {
		same = same[:2] // so many that none is the only one
	}
	for len(others) > 0 {
		n := 0
		for n < len(others) && length(others[:n+1])+length(same) <= mostArguments*3/4 {
			n += min(256, len(others)-n)
		}
		from, _, err := r.Rename(ctx, p, to, append(slices.Clone(same), others[:n]...))
		if err != nil {
			return nil, err
		}
		if from != "" && !slices.Contains(same, from) {
			best = append(best, from)
		}
		others = others[n:]
	}
	return append(same, best...), nil
}

// RenameByBlame is Rename for a commit of one parent and so many deleted paths
// that naming them to git costs more than git blame over the one commit does.
// A rename of which no line is left is not seen, which makes no difference to
// whose the lines are.
func (r *Repo) RenameByBlame(ctx context.Context, p Pair, to string) (from string, patch Patch, err error) {
	out, complaint, err := r.runAll(ctx, longCall, r.Top, nil, "blame", "--incremental", "--no-textconv", "--no-progress", p.Parent+".."+p.Commit, "--", to)
	if err != nil {
		return "", Patch{}, err
	}
	if strings.HasPrefix(complaint, "error: ") {
		return "", Patch{}, ErrStopped
	}
	spans, err := parseIncremental(out, r.HashLen)
	if err != nil {
		return "", Patch{}, err
	}
	// What the parent keeps is what no hunk touches.
	patch.Old, patch.New = p.Parent, p.Commit
	now, old := int32(0), int32(0)
	for _, s := range spans {
		if s.Commit != p.Parent {
			continue
		}
		from = s.Path
		at, orig, n := int32(s.Line-1), int32(s.OrigLine-1), int32(s.Lines)
		if at > now || orig > old {
			patch.Hunks = append(patch.Hunks, Hunk{Old: old, OldN: orig - old, New: now, NewN: at - now})
		}
		now, old = at+n, orig+n
	}
	if from != "" {
		patch.Hunks = append(patch.Hunks, Hunk{Old: old, OldN: 0, New: now, NewN: endOfFile})
	}
	return from, patch, nil
}

// endOfFile is more lines than a file has: a hunk of so many reaches to its end.
const endOfFile = 1 << 28
