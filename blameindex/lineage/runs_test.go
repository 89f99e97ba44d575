package lineage

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/wherefore-dev/wherefore/blameindex/git"
)

// owner is where one line comes from.
type owner struct{ commit, path, orig int32 }

func flatten(runs []run, n int32) []owner {
	var out []owner
	for _, r := range cut(runs, n) {
		for i := range r.lines {
			out = append(out, owner{r.commit, r.path, r.orig + i})
		}
	}
	return out
}

// naive does line by line what build does by stretches.
func naive(parents []parentView, own run, n int32) []owner {
	out := make([]owner, n)
	for line := range n {
		out[line] = owner{own.commit, own.path, line}
	next:
		for _, p := range parents {
			at := line
			for _, h := range p.hunks {
				if line >= h.New && line < h.New+h.NewN {
					continue next // changed against this parent
				}
				if line >= h.New+h.NewN {
					at = line - (h.New + h.NewN) + h.Old + h.OldN
				}
			}
			out[line] = flatten(p.runs, at+1)[at]
			break
		}
	}
	return out
}

func drawHunks(t *rapid.T, n int32) []git.Hunk {
	var hunks []git.Hunk
	old, now := int32(0), int32(0)
	for now < n {
		same := rapid.Int32Range(1, 5).Draw(t, "same")
		h := git.Hunk{Old: old + same, OldN: rapid.Int32Range(0, 3).Draw(t, "old"), New: now + same, NewN: rapid.Int32Range(0, 3).Draw(t, "new")}
		if h.OldN+h.NewN == 0 {
			break
		}
		hunks = append(hunks, h)
		old, now = h.Old+h.OldN, h.New+h.NewN
	}
	return hunks
}

func drawRuns(t *rapid.T, commit int32) []run {
	var b builder
	for range rapid.IntRange(0, 4).Draw(t, "runs") {
		b.add(run{lines: rapid.Int32Range(1, 6).Draw(t, "lines"), commit: commit + rapid.Int32Range(0, 3).Draw(t, "commit"), path: 1, orig: rapid.Int32Range(0, 9).Draw(t, "orig")})
	}
	b.add(run{lines: endless, commit: commit, path: 2})
	return b.runs
}

func TestBuildIsWhatIsTrueOfEachLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int32Range(0, 30).Draw(t, "lines")
		var parents []parentView
		for i := range rapid.Int32Range(0, 3).Draw(t, "parents") {
			parents = append(parents, parentView{runs: drawRuns(t, 10*(i+1)), hunks: drawHunks(t, n)})
		}
		own := run{commit: 99, path: 7}
		got, want := flatten(build(parents, own), n), naive(parents, own, n)
		if len(want) == 0 {
			want = nil
		}
		if d := cmp.Diff(want, got, cmp.AllowUnexported(owner{})); d != "" {
			t.Fatalf("want (-) got (+):\n%s", d)
		}
	})
}

func TestALostParentMakesItsLinesUnknown(t *testing.T) {
	lost := parentView{lost: true}
	got := cut(build([]parentView{lost}, run{commit: 3}), 4)
	if len(got) != 1 || got[0].commit != unknownCommit || got[0].lines != 4 {
		t.Errorf("got %+v", got)
	}
}

func TestIdenticalPrefersTheSameBaseName(t *testing.T) {
	to := git.Change{Path: "b/x.go", New: "o"}
	for _, tt := range []struct {
		sources []git.Change
		want    string
	}{
		{[]git.Change{{Path: "a/y.go", Old: "o"}, {Path: "c/x.go", Old: "o"}}, "c/x.go"},
		{[]git.Change{{Path: "a/y.go", Old: "o"}, {Path: "c/z.go", Old: "o"}}, "a/y.go"},
		{[]git.Change{{Path: "a/x.go", Old: "p"}}, ""},
	} {
		if got := identical(tt.sources, to); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestPlausibleSourcesAreThoseGitWouldScore(t *testing.T) {
	sizes := map[string]int64{"to": 100, "half": 50, "less": 49, "double": 200, "more": 201, "gone": -1}
	to := git.Change{Path: "a/new.go", New: "to"}
	var got []string
	for _, name := range []string{"half", "less", "double", "more", "gone"} {
		if len(plausible(sizes, []git.Change{{Path: "b/" + name, Old: name}}, to)) > 0 {
			got = append(got, name)
		}
	}
	if d := cmp.Diff([]string{"half", "double", "gone"}, got); d != "" {
		t.Errorf("want (-) got (+):\n%s", d)
	}
	if got := plausible(sizes, []git.Change{{Path: "b/new.go", Old: "less"}, {Path: "c/half", Old: "half"}}, to); len(got) != 2 {
		t.Errorf("got %d sources, want the namesake kept beside one that fits", len(got))
	}
}
