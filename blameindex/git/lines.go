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
	out, err := r.askAt(ctx, rev, longCall, "log", "-s", "--format=%H", "--no-show-signature", "-n", strconv.Itoa(n), fmt.Sprintf("-L%d,%d:%s", first, last, path), "--end-of-options", rev, "--")
	if err != nil {
		return nil, err
	}
	return strings.Fields(string(out)), nil
}
