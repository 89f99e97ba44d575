package git

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
)

// changed is a repository of five commits: a first one, a rename with an edit to
// a path that git quotes, a matter of style, an empty one, and a merge.
func changed(t *testing.T) (g *gittest.Repo, r *Repo, shas []string) {
	g = gittest.New(t)
	body := strings.Repeat("a line of some length\n", 20)
	g.Write("a.txt", body)
	shas = append(shas, g.Commit("First"))
	g.Git("mv", "a.txt", "tab\there é.txt")
	g.Write("tab\there é.txt", body+"40d3b0c1d2e3f405162738495a6b7c8d9e0f1a2b\n")
	shas = append(shas, g.Commit("Rename"))
	g.Write("tab\there é.txt", strings.ReplaceAll(body, "a line", "a  line")+"\n40d3b0c1d2e3f405162738495a6b7c8d9e0f1a2b\n")
	shas = append(shas, g.Commit("Style"))
	shas = append(shas, g.Commit("Nothing"))
	g.Git("checkout", "--quiet", "-b", "side", shas[0])
	g.Write("b.txt", "b\n")
	g.Commit("Side")
	g.Git("checkout", "--quiet", "main")
	g.Git("merge", "--quiet", "--no-ff", "-m", "Merge", "side")
	shas = append(shas, strings.TrimSpace(g.Git("rev-parse", "HEAD")))
	r, err := Open(context.Background(), g.Dir)
	if err != nil {
		t.Fatal(err)
	}
	return g, r, shas
}

func TestShowIsWhatGitSaysOfEachCommit(t *testing.T) {
	g, r, shas := changed(t)
	got, err := r.Show(t.Context(), shas, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	files := [][]string{{"a.txt"}, {"a.txt", "tab\there é.txt"}, {"tab\there é.txt"}, nil, {"b.txt"}}
	for i, sha := range shas {
		want := g.Git("-c", "core.quotePath=false", "-c", "core.abbrev=no", "diff-tree", "-r", "--root", "--diff-merges=first-parent", "--no-commit-id", "-p", "-M", sha)
		if d := cmp.Diff(Shown{Diff: want, Files: files[i]}, got[sha]); d != "" {
			t.Errorf("commit %d (-git +got):\n%s", i, d)
		}
	}
	cut, err := r.Show(t.Context(), shas[:1], 100)
	if err != nil || len(cut[shas[0]].Diff) > 100 || !strings.HasPrefix(got[shas[0]].Diff, cut[shas[0]].Diff) || !strings.HasSuffix(cut[shas[0]].Diff, "\n") || len(cut[shas[0]].Files) != 1 {
		t.Errorf("cut at 100 bytes: got %+v, %v; want whole lines of the diff", cut, err)
	}
}

func TestStyleOnlyIsWhiteSpaceAlone(t *testing.T) {
	_, r, shas := changed(t)
	got, err := r.StyleOnly(t.Context(), shas)
	want := map[string]bool{shas[0]: false, shas[1]: false, shas[2]: true, shas[3]: true, shas[4]: false}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", d, err)
	}
}

// TestACommitThatCannotBeReadHidesNoOther: git gives up at it.
func TestACommitThatCannotBeReadHidesNoOther(t *testing.T) {
	g, r, shas := changed(t)
	tree := strings.TrimSpace(g.Git("rev-parse", shas[1]+"^{tree}"))
	if err := os.Remove(filepath.Join(g.Dir, ".git", "objects", tree[:2], tree[2:])); err != nil {
		t.Fatal(err)
	}
	unheard := strings.Repeat("e", 40)
	for name, ask := range map[string][]string{
		"in the middle": {shas[0], shas[1], unheard, shas[3], shas[4]},
		"at the end":    {shas[0], shas[3], shas[4], unheard, shas[1]},
		"at first":      {shas[1], unheard, shas[0], shas[3], shas[4]},
		"twice":         {shas[1], shas[2], shas[0], shas[3], shas[4]}, // the third compares with the second's tree
	} {
		got, err := r.Show(t.Context(), ask, 1<<20)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(got) != 3 || len(got[shas[0]].Files) != 1 || len(got[shas[4]].Files) != 1 {
			t.Errorf("%s: got %v, want the three that can be read", name, got)
		}
	}
}

// TestAnswersAboutObjectsAreRemembered: what a full name means does not change;
// what a branch means does.
func TestAnswersAboutObjectsAreRemembered(t *testing.T) {
	g, r, shas := changed(t)
	ctx := t.Context()
	before, err := r.File(ctx, shas[0], "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	head, err := r.Resolve(ctx, "HEAD")
	if err != nil || head != shas[4] {
		t.Fatalf("got %s, %v; want %s", head, err, shas[4])
	}
	g.Write("c.txt", "c\n")
	next := g.Commit("Next")
	if head, err = r.Resolve(ctx, "HEAD"); err != nil || head != next {
		t.Errorf("HEAD: got %s, %v; want %s", head, err, next)
	}
	if err := os.Rename(g.Dir, g.Dir+"-gone"); err != nil {
		t.Fatal(err)
	}
	if again, err := r.File(ctx, shas[0], "a.txt"); err != nil || string(again) != string(before) {
		t.Errorf("got %q, %v; want what was read a moment ago", again, err)
	}
	if _, err := r.File(ctx, shas[0], "other.txt"); err == nil {
		t.Error("a file that nobody asked for was found in a repository that is gone")
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := r.File(ended, shas[0], "a.txt"); err == nil {
		t.Error("got an answer after the question was withdrawn")
	}
}
