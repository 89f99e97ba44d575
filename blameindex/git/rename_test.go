package git_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
)

// TestARenameIsTheSameByBlame holds the way for very many deleted paths to the
// way for few, and the few to be narrowed down when they are too many to name.
func TestARenameIsTheSameByBlame(t *testing.T) {
	r := gittest.New(t)
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	text := b.String()
	r.Write("old/a.txt", text)
	r.Write("old/b.txt", strings.Repeat("other\n", 40))
	before := r.Commit("Start")
	r.Git("rm", "-rq", "old")
	r.Write("new/c.txt", "first\n"+strings.Replace(text, "line 20\nline 21\n", "changed\n", 1)+"last\n")
	after := r.Commit("Move and edit")
	repo, err := git.Open(t.Context(), r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	pair := git.Pair{Commit: after, Parent: before}
	pass := []string{"old/a.txt", "old/b.txt"}
	for i := range 30000 { // more than one call can name
		pass = append(pass, fmt.Sprintf("never/was/there/in/any/commit/of/this/repository/%d.txt", i))
	}
	from, want, err := repo.Rename(t.Context(), pair, "new/c.txt", pass)
	if err != nil || from != "old/a.txt" || len(want.Hunks) != 3 {
		t.Fatalf("got %q with %d hunks, %v; want old/a.txt with 3", from, len(want.Hunks), err)
	}
	from, got, err := repo.RenameByBlame(t.Context(), pair, "new/c.txt")
	if err != nil || from != "old/a.txt" || len(got.Hunks) != 3 {
		t.Fatalf("by blame: got %q with %+v, %v; want old/a.txt with 3 hunks", from, got.Hunks, err)
	}
	for i, h := range got.Hunks {
		if h.NewN = min(h.NewN, want.Hunks[i].NewN); h != want.Hunks[i] { // the last reaches to the end, wherever that is
			t.Errorf("hunk %d: got %+v, want %+v", i, h, want.Hunks[i])
		}
	}
}
