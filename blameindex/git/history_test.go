package git

import (
	"bufio"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	shaA = strings.Repeat("a", 40)
	shaB = strings.Repeat("b", 40)
)

func readPatches(t testing.TB, text string, commits ...string) ([][]Patch, int, error) {
	t.Helper()
	var got [][]Patch
	p := patchReader{hashLen: 40, at: -1, yield: func(_ int, ps []Patch) error {
		got = append(got, ps)
		return nil
	}}
	done, err := p.read(bufio.NewReaderSize(strings.NewReader(text), 4096), commits)
	return got, done, err
}

// TestPatchLinesAreSkippedByNumber holds the reader against contents that look
// like a patch themselves.
func TestPatchLinesAreSkippedByNumber(t *testing.T) {
	text := shaA + "\ndiff --git a/x b/x\nindex " + shaA + ".." + shaB + " 100644\n--- a/x\n+++ b/x\n" +
		"@@ -2,2 +2,3 @@ func\n--- a/evil\n-@@ -1 +1 @@\n+" + shaB + "\n+diff --git a/y b/y\n+index c..d\n" +
		"@@ -9 +10,0 @@\n-last\n\\ No newline at end of file\n" +
		"@@ -20,0 +21 @@ " + strings.Repeat("long ", 2000) + "\n+" + strings.Repeat("x", 9000) + "\n" +
		shaB + "\n"
	got, done, err := readPatches(t, text, shaA, shaB)
	want := [][]Patch{{{Old: shaA, New: shaB, Hunks: []Hunk{{Old: 1, OldN: 2, New: 1, NewN: 3}, {Old: 8, OldN: 1, New: 10, NewN: 0}, {Old: 20, OldN: 0, New: 20, NewN: 1}}}}, nil}
	if d := cmp.Diff(want, got); d != "" || done != 2 || err != nil {
		t.Errorf("done %d, %v; want (-) got (+):\n%s", done, err, d)
	}
}

func TestACutPatchIsNotTakenForWhole(t *testing.T) {
	text := shaA + "\n" + shaB + "\ndiff --git a/x b/x\nindex " + shaA + ".." + shaB + "\n@@ -1,3 +1,3 @@\n-a\n"
	got, done, err := readPatches(t, text, shaA, shaB, shaA)
	if err != nil || done != 1 || len(got) != 1 {
		t.Errorf("got %d patches, done %d, %v; want the first pair only", len(got), done, err)
	}
}

func TestRawPathsMayLookLikeNames(t *testing.T) {
	text := shaA + "\x00:100644 100644 " + shaA + " " + shaB + " M\x00" + shaB + "\x00:100644 000000 " + shaA + " " + strings.Repeat("0", 40) + " D\x00:odd name\x00" + shaB + "\x00"
	var got [][]Change
	p := rawReader{hashLen: 40, at: -1, yield: func(_ int, cs []Change) error { got = append(got, cs); return nil }}
	done, err := p.read(bufio.NewReader(strings.NewReader(text)), []string{shaA, shaB})
	if err != nil || done != 2 || len(got) != 2 || len(got[0]) != 2 || got[0][0].Path != shaB || got[0][1].Path != ":odd name" || got[1] != nil {
		t.Errorf("got %+v, done %d, %v", got, done, err)
	}
}

// TestAPairThatGitPassesOverShiftsNoOther: git is silent about a commit that is
// missing.
func TestAPairThatGitPassesOverShiftsNoOther(t *testing.T) {
	text := shaB + "\ndiff --git a/x b/x\nindex " + shaA + ".." + shaB + "\n@@ -1 +1 @@\n-a\n+b\n"
	var at []int
	p := patchReader{hashLen: 40, at: -1, yield: func(i int, _ []Patch) error { at = append(at, i); return nil }}
	done, err := p.read(bufio.NewReader(strings.NewReader(text)), []string{shaA, shaA, shaB})
	if err != nil || done != 3 || len(at) != 1 || at[0] != 2 {
		t.Errorf("got answers for %v, done %d, %v; want for the third pair alone", at, done, err)
	}
}

func FuzzPatches(f *testing.F) {
	f.Add(shaA + "\ndiff --git a/x b/x\nindex " + shaA + ".." + shaB + "\n@@ -1,3 +1,3 @@\n-a\n")
	f.Add("@@ -1 +1 @@\nindex \n")
	f.Fuzz(func(t *testing.T, text string) {
		_, done, err := readPatches(t, text, shaA, shaB)
		if err == nil && (done < 0 || done > 2) {
			t.Errorf("done %d of 2", done)
		}
	})
}

func TestNamesThatCouldBeOptionsAreRefused(t *testing.T) {
	for _, rev := range []string{"", "-x", "--all", "a b", "a..b", "a:b", "^a", "a\nb", "a*", strings.Repeat("a", 251)} {
		if CheckRevision(rev) == nil {
			t.Errorf("revision %q was accepted", rev)
		}
	}
	for _, rev := range []string{"v1.8.2", "HEAD~3", "main^2", "feature/x", "HEAD@{1}"} {
		if err := CheckRevision(rev); err != nil {
			t.Errorf("revision %q: %v", rev, err)
		}
	}
}

func TestUnquoteUndoesGitsQuoting(t *testing.T) {
	for in, want := range map[string]string{`plain.go`: "plain.go", `"a\tb\"c"`: "a\tb\"c", `"\303\244.go"`: "ä.go"} {
		if got := unquote(in); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}
