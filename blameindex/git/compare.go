package git

import (
	"context"
	"fmt"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// MergeBase is the commit at which two histories parted; evidence.ErrNotFound
// when they have nothing in common.
func (r *Repo) MergeBase(ctx context.Context, a, b string) (string, error) {
	out, err := r.run(ctx, shortCall, nil, "merge-base", a, b)
	if err != nil {
		if ctx.Err() != nil {
			return "", err
		}
		return "", fmt.Errorf("%s and %s have no common history: %w", a, b, evidence.ErrNotFound)
	}
	return strings.TrimSpace(string(out)), nil
}

// Diff is the unified diff between two commits, renames included.
func (r *Repo) Diff(ctx context.Context, from, to string) ([]byte, error) {
	return r.run(ctx, longCall, nil, "diff-tree", "-r", "-p", "-M", "--no-commit-id", "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--end-of-options", from, to, "--")
}
