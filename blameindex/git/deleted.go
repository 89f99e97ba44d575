package git

import (
	"context"
	"errors"
	"strings"

	"github.com/wherefore-dev/wherefore/blameindex/pathglob"
)

// Deleted lists the files that the history of a commit, without that of since
// when it is given, deleted and whose paths match any of the globs, newest deletion first, with their last contents. A
// path may come several times. What lies before a missing object is left out.
func (r *Repo) Deleted(ctx context.Context, commit, since string, globs []string) ([]Entry, error) {
	args := []string{"log", "--format=", "--diff-filter=D", "--no-renames", "--raw", "-z", "--no-abbrev", "--no-show-signature", "--no-ext-diff", "-m", "--end-of-options", commit}
	if since != "" {
		args = append(args, "^"+since)
	}
	args = append(args, "--")
	out, err := r.run(ctx, longCall, nil, append(args, roots(globs)...)...)
	if err != nil && !errors.Is(err, ErrStopped) {
		return nil, err
	}
	var entries []Entry
	tokens := strings.Split(string(out), "\x00")
	for i := 0; i+1 < len(tokens); i++ {
		f := strings.Fields(strings.TrimLeft(tokens[i], "\n"))
		if len(f) != 5 || !strings.HasPrefix(f[0], ":") {
			continue
		}
		i++
		e := Entry{Mode: f[0][1:], OID: f[2], Path: tokens[i]}
		if e.Regular() && pathglob.Any(globs, e.Path) {
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// roots are the directories that globs begin with: what git has to look at.
func roots(globs []string) []string {
	var out []string
	for _, g := range globs {
		out = append(out, pathglob.Root(g))
	}
	return out
}
