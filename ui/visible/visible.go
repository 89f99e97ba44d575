// Package visible makes text from telemetry, git and people safe to look at:
// terminal escapes, control characters and the bidirectional controls that
// reorder what a reader sees ("Trojan Source", CVE-2021-42574) are written out
// as visible symbols, never interpreted and never silently dropped.
//
// It does not escape HTML; whoever writes HTML does that.
package visible

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text makes one line visible: line breaks and tabs become symbols too.
func Text(s string) string { return replace(s, false) }

// Block makes text of several lines visible, keeping line feeds and tabs.
func Block(s string) string { return replace(s, true) }

// Short is Text cut to at most n runes, the cut marked with an ellipsis.
func Short(s string, n int) string { return Within(s, n, Text) }

// ShortBlock is Block cut like that.
func ShortBlock(s string, n int) string { return Within(s, n, Block) }

// perRune is how many bytes of a text one rune shown may stand for: four of a
// character, and a full hash is shown in a sixth of its digits.
const perRune = 32

// Within is clean(s) in at most n runes. What lies far behind the cut is never
// looked at: text from outside may have megabytes where a line has room for 80
// runes.
func Within(s string, n int, clean func(string) string) string {
	most := perRune*max(n, 0) + 256
	if len(s) <= most {
		return Cut(clean(s), n)
	}
	for back := 0; back < utf8.UTFMax && !utf8.RuneStart(s[most]); back++ {
		most--
	}
	return Cut(clean(s[:most])+"…", n)
}

// Cut shortens s to at most n runes, the cut marked with an ellipsis.
func Cut(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	if n < 1 {
		return ""
	}
	i := 0
	for at := range s {
		if i == n-1 {
			return strings.TrimRight(s[:at], " ") + "…"
		}
		i++
	}
	return s
}

// mostMarks is how many combining marks may stand on one character. No script
// needs more; piles of them cover the lines above and below.
const mostMarks = 4

func replace(s string, block bool) string {
	if clean(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	marks := 0
	for _, r := range s {
		if !unicode.In(r, unicode.Mn, unicode.Me) {
			writePiled(&b, marks)
			marks = 0
		} else if marks++; marks > mostMarks {
			continue // counted, and told behind the character
		}
		switch {
		case block && (r == '\n' || r == '\t'), !Hidden(r):
			b.WriteRune(r) // an invalid byte arrives as U+FFFD and is shown as that
		case r == '\n':
			b.WriteRune('⏎')
		case r < 0x20:
			b.WriteRune(0x2400 + r) // the control pictures block: ␀ to ␟, so ESC shows as ␛
		case r == 0x7f:
			b.WriteRune('␡')
		default:
			writeCodePoint(&b, r)
		}
	}
	writePiled(&b, marks)
	return b.String()
}

// clean reports whether nothing in s needs a symbol.
func clean(s string) bool {
	marks := 0
	for _, r := range s {
		if r == utf8.RuneError || Hidden(r) {
			return false
		}
		if r < 0x300 || !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = 0
		} else if marks++; marks > mostMarks {
			return false
		}
	}
	return true
}

// writePiled tells of the marks that were left out of a pile.
func writePiled(b *strings.Builder, marks int) {
	if marks > mostMarks {
		b.WriteString("⟨" + strconv.Itoa(marks-mostMarks) + " marks⟩")
	}
}

// Hidden reports whether r would act on the reader's screen instead of being
// seen: C0 and C1 controls, bidirectional controls, zero-width and other
// default-ignorable format characters, line separators, tag characters.
func Hidden(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0:
		return true
	case r == 0xad, r == 0x61c, r == 0x180e, r == 0xfeff, r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0:
		return true
	case r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f:
		return true
	case r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return false
}

// writeCodePoint writes r as "⟨U+202E⟩".
func writeCodePoint(b *strings.Builder, r rune) {
	const digits = "0123456789ABCDEF"
	b.WriteString("⟨U+")
	for shift := 20; shift >= 0; shift -= 4 {
		if d := r >> shift; d != 0 || shift < 16 {
			b.WriteByte(digits[d&0xf])
		}
	}
	b.WriteString("⟩")
}
