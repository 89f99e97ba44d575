package blameindex

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TestEqualOnYourRepository compares every line of every file of a repository
// at hand with git blame. WHEREFORE_EQUAL_REPO names it, WHEREFORE_EQUAL_REVS
// the revisions, separated by spaces; with WHEREFORE_EQUAL_STEPWISE they are
// indexed one after the other. With WHEREFORE_EQUAL_WHOLE, a whole copy
// of it, the repository may lack objects: then an answer has to be the whole
// copy's, or "unknown" where git blame itself stumbles in the damaged one.
func TestEqualOnYourRepository(t *testing.T) {
	dir := os.Getenv("WHEREFORE_EQUAL_REPO")
	if dir == "" {
		t.Skip("WHEREFORE_EQUAL_REPO names no repository")
	}
	whole := os.Getenv("WHEREFORE_EQUAL_WHOLE")
	if whole == "" {
		whole = dir
	}
	revs := strings.Fields(os.Getenv("WHEREFORE_EQUAL_REVS"))
	if len(revs) == 0 {
		revs = []string{"HEAD"}
	}
	repo, db := openIndex(t, dir, Options{})
	steps := [][]string{revs}
	if os.Getenv("WHEREFORE_EQUAL_STEPWISE") != "" {
		steps = nil
		for _, rev := range revs {
			steps = append(steps, []string{rev})
		}
	}
	for _, step := range steps {
		t.Logf("%v: %+v", step, mustIndex(t, db, repo, IndexOptions{Revs: step}))
	}
	c := comparison{t: t, db: db, whole: gittest.At(t, whole), damaged: gittest.At(t, dir)}
	for _, rev := range revs {
		c.revision(rev)
	}
	t.Logf("%d lines equal, %d unknown, %d of those needlessly, %d wrong", c.equal, c.unknown, c.needless, c.wrong)
	if c.wrong > 0 || c.needless > 0 {
		t.Fail()
	}
}

// comparison counts how the index's answers stand to git blame's.
type comparison struct {
	t                               *testing.T
	db                              *DB
	whole, damaged                  *gittest.Repo
	equal, unknown, needless, wrong int
}

func (c *comparison) revision(rev string) {
	for _, path := range c.whole.Files(rev) {
		var args []string
		if list := c.whole.Text(rev, ".git-blame-ignore-revs"); list != "" {
			name := filepath.Join(c.t.TempDir(), "revs")
			if err := os.WriteFile(name, []byte(list), 0o600); err != nil {
				c.t.Fatal(err)
			}
			args = []string{"--ignore-revs-file=" + name}
		}
		want, err := c.whole.Blame(rev, path, args...)
		if err != nil {
			c.t.Fatal(err)
		}
		c.file(rev, path, args, want)
	}
}

func (c *comparison) file(rev, path string, args []string, want []gittest.Line) {
	shown := 0
	say := func(format string, a ...any) {
		if shown++; shown <= 3 {
			c.t.Logf(format, a...)
		}
	}
	unknown := 0
	for i, w := range want {
		a, err := c.db.Why(context.Background(), path, i+1, rev)
		got := gittest.Line{Commit: a.Commit, Path: a.OrigPath, Orig: a.OrigLine}
		switch {
		case errors.Is(err, evidence.ErrNotFound) && strings.Contains(err.Error(), "not indexed"):
			return // binary or huge
		case err != nil && !strings.Contains(err.Error(), "unknown"):
			c.wrong++
			say("%s:%d at %s: %v", path, i+1, rev, err)
		case err != nil || a.Commit == "":
			c.unknown++
			unknown++
		case got != w:
			c.wrong++
			say("%s:%d at %s: got %+v, git blame says %+v", path, i+1, rev, got, w)
		default:
			c.equal++
		}
	}
	if unknown > 0 {
		if out, err := c.damaged.BlameCleanly(rev, path, args...); err == nil {
			c.needless += unknown
			say("%s at %s: %d of %d lines unknown, and git blame knows them (%d)", path, rev, unknown, len(want), len(out))
		}
	}
}
