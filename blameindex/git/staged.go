package git

import (
	"context"
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Staged lists the files that git's index would commit. It is
// evidence.ErrInvalid while a merge is unresolved.
func (r *Repo) Staged(ctx context.Context) ([]Entry, error) {
	out, err := r.run(ctx, longCall, nil, "ls-files", "--stage", "-z", "--full-name")
	if err != nil {
		return nil, err
	}
	return listed(out, "ls-files", func(f []string, path string) (Entry, error) {
		if f[2] != "0" {
			return Entry{}, fmt.Errorf("%s has a conflict that is not resolved; resolve it and stage it: %w", path, evidence.ErrInvalid)
		}
		return Entry{Mode: f[0], OID: f[1], Path: path}, nil
	})
}

// StagedDiff is the difference of what is staged from a commit, as Diff writes
// it.
func (r *Repo) StagedDiff(ctx context.Context, from string) ([]byte, error) {
	return r.run(ctx, longCall, nil, "diff-index", "--cached", "-r", "-p", "-M", "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--end-of-options", from, "--")
}
