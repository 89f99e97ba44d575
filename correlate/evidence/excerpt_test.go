package evidence_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestATextIsCutBetweenCharacters(t *testing.T) {
	for _, c := range []struct {
		s            string
		most         int
		cut, excerpt string
	}{
		{"", 3, "", ""}, {"abc", 3, "abc", "abc"}, {"abcd", 3, "abc", "abc…"},
		{"aé", 2, "a", "a…"}, {"€€", 4, "€", "€…"}, {"€", 1, "", "…"}, {"🙂🙂", 7, "🙂", "🙂…"},
		{"abc", 0, "", "…"}, {"abc", -1, "", "…"},
	} {
		if got := evidence.Cut(c.s, c.most); got != c.cut || !utf8.ValidString(got) {
			t.Errorf("%q in %d bytes: got %q, want %q", c.s, c.most, got, c.cut)
		}
		if got := evidence.Excerpt(c.s, c.most); got != c.excerpt {
			t.Errorf("%q in %d bytes: got %q, want %q", c.s, c.most, got, c.excerpt)
		}
	}
	// Bytes that begin no character are not searched to the text's beginning.
	if got := evidence.Cut(strings.Repeat("\x80", 100), 50); len(got) < 46 {
		t.Errorf("of 100 bytes without a character %d were kept, want nearly 50", len(got))
	}
}

func TestRevisionsAreShortenedAsPeopleCompareThem(t *testing.T) {
	sha := strings.Repeat("0123456789", 4)
	for r, want := range map[string]string{sha: "0123456", sha[:13]: "0123456", sha[:12]: sha[:12], "v1.2.3": "v1.2.3", "release-2026-03-01": "release-2026-03-01", strings.ToUpper(sha[:39] + "a"): strings.ToUpper(sha[:39] + "a"), "": ""} {
		if got := evidence.ShortRevision(r); got != want {
			t.Errorf("%q: got %q, want %q", r, got, want)
		}
	}
	for r, want := range map[string]bool{sha: true, sha + sha[:24]: true, sha[:39]: false, sha + "0": false, strings.Repeat("g", 40): false} {
		if got := evidence.WholeSHA(r); got != want {
			t.Errorf("%q is a whole name: got %v, want %v", r, got, want)
		}
	}
}
