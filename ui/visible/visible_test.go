package visible

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestTextShowsWhatWouldActOnTheReader(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain text is left alone", "GET /ads 200 – naïve 日本語 ✓", "GET /ads 200 – naïve 日本語 ✓"},
		{"a terminal colour", "\x1b[31mred\x1b[0m", "␛[31mred␛[0m"},
		{"an override", "if admin\u202e } begin", "if admin⟨U+202E⟩ } begin"},
		{"an isolate", "a\u2066b\u2069", "a⟨U+2066⟩b⟨U+2069⟩"},
		{"a zero-width space", "pay\u200bload", "pay⟨U+200B⟩load"},
		{"a line feed", "one\ntwo", "one⏎two"},
		{"a carriage return", "ok\rbad", "ok␍bad"},
		{"delete and C1", "a\x7fb\u009bc", "a␡b⟨U+009B⟩c"},
		{"a tag character", "x\U000e0041", "x⟨U+E0041⟩"},
		{"an invalid byte", "a\xffb", "a\ufffdb"},
		{"marks that a script needs", "e\u0301 \u0e01\u0e35\u0e48 \u05e9\u05c1\u05b8", "e\u0301 \u0e01\u0e35\u0e48 \u05e9\u05c1\u05b8"},
		{"a pile of marks", "e" + strings.Repeat("\u0301", 1000) + "x", "e" + strings.Repeat("\u0301", 4) + "⟨996 marks⟩x"},
		{"a pile at the end", strings.Repeat("\u0334", 6), strings.Repeat("\u0334", 4) + "⟨2 marks⟩"},
		{"markup is not ours to escape", "<b>", "<b>"},
	} {
		if got := Text(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestBlockKeepsLines(t *testing.T) {
	if got, want := Block("a\n\tb\x1b[0m\r\n"), "a\n\tb␛[0m␍\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCutMarksTheCut(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{{"abcdef", 6, "abcdef"}, {"abcdef", 5, "abcd…"}, {"日本語の文", 3, "日本…"}, {"ab cdef", 4, "ab…"}, {"abc", 0, ""}} {
		if got := Cut(c.in, c.n); got != c.want {
			t.Errorf("Cut(%q, %d): got %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

func TestNothingInvisibleSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		got := Text(string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.String().Draw(t, "text"))
		if !utf8.ValidString(got) {
			t.Fatalf("got invalid UTF-8 %q", got)
		}
		if i := strings.IndexFunc(got, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }); i >= 0 {
			t.Fatalf("got %q with a control character at %d", got, i)
		}
	})
}

func TestShortHashesCutsFullHashesOnly(t *testing.T) {
	const full = "857d62e8e3626ec365cbceb77940f6562c5415ae"
	for in, want := range map[string]string{
		"deploy " + full + " → x":          "deploy 857d62e → x",
		full:                               "857d62e",
		full + "0":                         full + "0",
		"\xff" + full + "\xff long enough": "\xff857d62e\xff long enough",
	} {
		if got := ShortHashes(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestWhatLiesFarBehindTheCutIsNotLookedAt(t *testing.T) {
	looked := 0
	count := func(s string) string { looked += len(s); return Text(s) }
	for _, s := range []string{strings.Repeat("x", 4<<20), strings.Repeat("\x1b", 4<<20), strings.Repeat("日", 1<<20), strings.Repeat("\x80", 4<<20), "e" + strings.Repeat("\u0301", 1<<20)} {
		got := Within(s, 80, count)
		if n := utf8.RuneCountInString(got); n > 80 || !strings.HasSuffix(got, "…") || !utf8.ValidString(got) {
			t.Errorf("%.8q...: got %d runes that end with %q, want at most 80 and the mark of a cut", s, n, got[max(0, len(got)-4):])
		}
	}
	if most := 5 * (perRune*80 + 256); looked > most {
		t.Errorf("%d bytes were looked at, want at most %d", looked, most)
	}
}
