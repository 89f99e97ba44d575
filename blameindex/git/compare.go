package git

import (
	"context"
	"fmt"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// MergeBase is the newest commit that the histories of all the commits have in
// common; evidence.ErrNotFound when there is none.
func (r *Repo) MergeBase(ctx context.Context, commits ...string) (string, error) {
	out, err := r.run(ctx, shortCall, nil, append([]string{"merge-base", "--octopus"}, commits...)...)
	if err != nil {
		if ctx.Err() != nil {
			return "", err
		}
		return "", fmt.Errorf("%s have no common history; give a base that the change began at: %w", strings.Join(commits, " and "), evidence.ErrNotFound)
	}
	return strings.TrimSpace(string(out)), nil
}

// Diff is the unified diff between two commits, renames included.
func (r *Repo) Diff(ctx context.Context, from, to string) ([]byte, error) {
	return r.run(ctx, longCall, nil, "diff-tree", "-r", "-p", "-M", "--no-commit-id", "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--end-of-options", from, to, "--")
}
