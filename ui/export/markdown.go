package export

import (
	"bufio"
	"io"
	"net/url"
	"strings"
	"unicode"

	"github.com/wherefore-dev/wherefore/ui/visible"
)

// Markdown writes the postmortem as CommonMark with tables.
func Markdown(w io.Writer, in Input) error {
	doc := document(in)
	b := bufio.NewWriter(w)
	put := func(parts ...string) {
		for _, p := range parts {
			_, _ = b.WriteString(p) // a bufio.Writer keeps its first error for Flush
		}
	}
	put("# ", escape(doc.title), "\n")
	for _, s := range doc.sections {
		put("\n", strings.Repeat("#", s.level), " ", s.title, "\n")
		for _, k := range s.blocks {
			put("\n")
			k.markdown(put)
		}
	}
	return b.Flush()
}

func (k block) markdown(put func(...string)) {
	switch {
	case k.text != "":
		put(escape(k.text), "\n")
	case k.prompt != "":
		put("*TODO: ", escape(k.prompt), "*\n")
	case k.code != "":
		put(fence(k.code, k.language))
	case k.link != "":
		put(autolink(k.link), "\n")
	case len(k.links) > 0:
		for _, l := range k.links {
			put("- ", escape(l.text), ": ", autolink(l.url), "\n")
		}
	case len(k.head) > 0:
		put("| ", strings.Join(k.head, " | "), " |\n|", strings.Repeat(" --- |", len(k.head)), "\n")
		for _, row := range k.rows {
			put("|")
			for i, cell := range row {
				cell = escape(cell)
				if i > 0 && i == k.literal {
					cell = literal(cell)
				}
				put(" ", cell, " |")
			}
			put("\n")
		}
	case len(k.pictures) > 0:
		for _, p := range k.pictures {
			put("- ", escape(p.caption), "\n")
		}
	default:
		for _, i := range k.items {
			put("- ", escape(i), "\n")
		}
	}
}

// autolink is a web address between angle brackets, which every Markdown takes
// for a link; anything else is text.
func autolink(address string) string {
	if u, err := url.Parse(address); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.ContainsFunc(address, unicode.IsSpace) || strings.ContainsAny(address, "<>") {
		return escape(address)
	}
	return "<" + address + ">"
}

// literal keeps escaped text as it is where a converter (pandoc's "smart") would
// set quotes, dashes and dots as a book does: a query must survive being copied.
func literal(escaped string) string { return typographic.Replace(escaped) }

var typographic = strings.NewReplacer(`"`, `\"`, `'`, `\'`, "--", `-\-`, "...", `.\.\.`)

// escape makes hostile text plain in Markdown: nothing in it starts emphasis,
// code, a link, an image, HTML, an entity, a table cell or a block, nor what
// GitHub (bare addresses) and pandoc (citations, superscripts) add to that.
func escape(s string) string {
	s = strings.TrimSpace(bounded(s))
	var b strings.Builder
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		if n := addressIn(runes[i:]); n > 0 {
			b.WriteString("`" + string(runes[i:i+n]) + "`")
			i += n - 1
			continue
		}
		switch {
		case strings.ContainsRune("\\`*[]<>|&~$^@", r), r == '_' && (i == 0 || i+1 == len(runes) || !word(runes[i-1]) || !word(runes[i+1])):
			b.WriteByte('\\')
		case r == '/' && i > 0 && runes[i-1] == ':', r == '.' && i > 2 && strings.EqualFold(string(runes[i-3:i]), "www"):
			b.WriteByte('\\')
		case i == 0 && strings.ContainsRune("#+-=:", r), (r == '.' || r == ')') && digitsOnly(runes[:i]):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// addressIn is the length of a web address that a text begins with, of the characters
// alone that mean nothing within code: as code it stays as people write it, and no
// renderer makes a link of what a program wrote. 0 where there is none.
func addressIn(rs []rune) int {
	const longest = len("https://")
	head := strings.ToLower(string(rs[:min(len(rs), longest)]))
	if !strings.HasPrefix(head, "http://") && !strings.HasPrefix(head, "https://") {
		return 0
	}
	n := 0
	for n < len(rs) && (word(rs[n]) || strings.ContainsRune("/:.?#=%_+,;!()-", rs[n])) {
		n++
	}
	return len(strings.TrimRight(string(rs[:n]), ".,;:!?)")) // all of one byte
}

// word reports whether an underscore beside r stands inside a word, where it
// marks nothing.
func word(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' }

func digitsOnly(rs []rune) bool {
	for _, r := range rs {
		if r < '0' || r > '9' {
			return false
		}
	}
	return len(rs) > 0
}

// fence writes code between backticks, more of them than the code holds in a row.
func fence(code, language string) string {
	code = visible.ShortBlock(code, 4000)
	longest, run := 2, 0
	for _, r := range code {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	marks := strings.Repeat("`", longest+1)
	return marks + language + "\n" + strings.TrimRight(code, "\n") + "\n" + marks + "\n"
}
