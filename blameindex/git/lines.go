package git

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// LineHistory lists the commits that made lines first..last of a file what
// they are at a revision, newest first, at most n: what "git log -L" follows.
func (r *Repo) LineHistory(ctx context.Context, rev, path string, first, last, n int) ([]string, error) {
	if err := CheckPath(path); err != nil {
		return nil, err
	}
	if strings.Contains(path, ":") {
		return nil, nil // -L has no way to say it
	}
	out, err := r.run(ctx, longCall, nil, "log", "-s", "--format=%H", "--no-show-signature", "-n", strconv.Itoa(n), fmt.Sprintf("-L%d,%d:%s", first, last, path), "--end-of-options", rev, "--")
	if err != nil {
		return nil, err
	}
	return strings.Fields(string(out)), nil
}

// StyleOnly reports whether a commit changed nothing but white space and blank
// lines.
func (r *Repo) StyleOnly(ctx context.Context, sha string) (bool, error) {
	out, err := r.run(ctx, longCall, nil, "diff-tree", "--root", "-r", "--no-commit-id", "-m", "--first-parent", "-w", "--ignore-blank-lines", "--ignore-cr-at-eol", "--numstat", "-M", "--no-ext-diff", "--no-textconv", "--end-of-options", sha, "--")
	if err != nil {
		return false, err
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		if f := strings.Fields(line); len(f) >= 3 && (f[0] != "0" || f[1] != "0") {
			return false, nil
		}
	}
	return true, nil
}
