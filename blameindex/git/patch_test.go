package git

import (
	"bufio"
	"strings"
	"testing"
)

// A hunk's header may be as long as an object's name; it is no commit.
func TestAHunkHeaderOfFortyCharactersIsNoCommit(t *testing.T) {
	id := strings.Repeat("a1", 20)
	header := "@@ -18,5 +18,5 @@ type auctions struct {"
	if len(header) != len(id) {
		t.Fatalf("the header has %d characters, want %d", len(header), len(id))
	}
	text := id + "\ndiff --git a/x b/x\nindex " + id + ".." + strings.Repeat("b2", 20) + " 100644\n--- a/x\n+++ b/x\n" +
		header + "\n" + strings.Repeat("-l\n", 5) + strings.Repeat("+m\n", 5)
	var got []Patch
	p := patchReader{hashLen: 40, at: -1, yield: func(_ int, ps []Patch) error {
		got = append(got, ps...)
		return nil
	}}
	n, err := p.read(bufio.NewReader(strings.NewReader(text)), []string{id})
	if err != nil || n != 1 {
		t.Fatalf("got %d commits and error %v, want 1 and none", n, err)
	}
	if len(got) != 1 || len(got[0].Hunks) != 1 || got[0].Hunks[0] != (Hunk{Old: 17, OldN: 5, New: 17, NewN: 5}) {
		t.Errorf("got %+v, want one patch with one hunk of five lines from the eighteenth, counted from 0", got)
	}
}

// TestALineThatGitDoesNotWriteIsAnError: what the reader cannot read it says,
// and reads on into nothing.
func TestALineThatGitDoesNotWriteIsAnError(t *testing.T) {
	id := strings.Repeat("a1", 20)
	for _, line := range []string{"index ", "index  ", "index x", "index .. ..", "index a b..c", "@@ ", "@@  @@", "@@ - + @@", "@@ -1 +1", "@@ -x +1 @@", "@@ -1 +99999999999 @@", "@@ -1 +1 @@"} {
		p := patchReader{hashLen: 40, at: -1, yield: func(int, []Patch) error { return nil }}
		if _, err := p.read(bufio.NewReader(strings.NewReader(id+"\n"+line+"\n")), []string{id}); err == nil && line != "index .. .." {
			t.Errorf("%q: got no error", line)
		}
	}
}
