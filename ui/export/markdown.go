package export

import (
	"bufio"
	"io"
	"strings"

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
		put(fence(k.code))
	case len(k.head) > 0:
		put("| ", strings.Join(k.head, " | "), " |\n|", strings.Repeat(" --- |", len(k.head)), "\n")
		for _, row := range k.rows {
			put("|")
			for _, cell := range row {
				put(" ", escape(cell), " |")
			}
			put("\n")
		}
	default:
		for _, i := range k.items {
			put("- ", escape(i), "\n")
		}
	}
}

// escape makes hostile text plain in Markdown: nothing in it starts emphasis,
// code, a link, an image, HTML, an entity, a table cell or a block.
func escape(s string) string {
	s = strings.TrimSpace(bounded(s))
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		switch {
		case strings.ContainsRune("\\`*[]<>|&~$", r), r == '_' && (i == 0 || i+1 == len(runes) || !word(runes[i-1]) || !word(runes[i+1])):
			b.WriteByte('\\')
		case i == 0 && strings.ContainsRune("#+-=:", r), (r == '.' || r == ')') && digitsOnly(runes[:i]):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
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
func fence(code string) string {
	code = visible.Cut(visible.Block(code), 4000)
	longest, run := 2, 0
	for _, r := range code {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	marks := strings.Repeat("`", longest+1)
	return marks + "\n" + strings.TrimRight(code, "\n") + "\n" + marks + "\n"
}
