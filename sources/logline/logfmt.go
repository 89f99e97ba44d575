package logline

import (
	"strconv"
	"strings"

	"github.com/go-logfmt/logfmt" // what Loki's own reader of logfmt began as
)

// logfmtLike reports whether a line begins with two pairs, or with one that a
// logger writes first.
func logfmtLike(s string) bool {
	key, rest, ok := strings.Cut(s[:min(len(s), 300)], "=")
	if !ok || !logfmtKey(key) {
		return false
	}
	if strings.HasPrefix(rest, `"`) {
		if i := strings.Index(rest[1:], `"`); i >= 0 {
			rest = rest[i+2:]
		}
	} else if i := strings.IndexByte(rest, ' '); i >= 0 {
		rest = rest[i:]
	} else {
		rest = ""
	}
	next, _, ok := strings.Cut(strings.TrimLeft(rest, " "), "=")
	return ok && logfmtKey(next)
}

func logfmtKey(s string) bool {
	if s == "" || len(s) > maxKey {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '@' || i > 0 && (c >= '0' && c <= '9' || c == '.' || c == '-' || c == '/')) {
			return false
		}
	}
	return true
}

// logfmt reads pairs. A line of pairs without a message is one all the same:
// its message is then the line.
func (c *reading) logfmt(s string) bool {
	d := logfmt.NewDecoder(strings.NewReader(doubleQuoted(s)))
	const mostPairs = 4096
	n := 0
	if d.ScanRecord() {
		for d.ScanKeyval() && n < mostPairs {
			if d.Value() == nil {
				continue
			}
			n++
			c.field(string(d.Key()), string(d.Value()))
		}
	}
	if n == 0 {
		return false
	}
	if d.Err() != nil {
		c.line.Cut++
	}
	if strings.Contains(c.stack.text, `\n`) && !strings.Contains(c.stack.text, "\n") {
		c.stack.text = strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(c.stack.text)
	}
	return true
}

// doubleQuoted is a line of pairs with its values in single quotes, as Lograge writes
// them, in the double ones that the decoder knows. Such a quote ends before a space and
// the next key, or with the line: one inside of it is the text's own.
func doubleQuoted(s string) string {
	if !strings.Contains(s, "='") {
		return s
	}
	var out strings.Builder
	for {
		begin := strings.Index(s, "='")
		if begin < 0 {
			break
		}
		out.WriteString(s[:begin+1])
		s = s[begin+1:]
		end := 1
		for end < len(s) && !(s[end] == '\'' && endsValue(s[end+1:])) {
			end++
		}
		if end == len(s) {
			break
		}
		out.WriteString(strconv.Quote(s[1:end]))
		s = s[end+1:]
	}
	out.WriteString(s)
	return out.String()
}

// endsValue reports whether what follows a quote is the line's end or another pair.
func endsValue(s string) bool {
	if strings.TrimSpace(s) == "" {
		return true
	}
	key, _, pair := strings.Cut(s[:min(len(s), maxKey+2)], "=")
	return pair && s[0] == ' ' && logfmtKey(key[1:])
}
