package logline

import (
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
	d := logfmt.NewDecoder(strings.NewReader(s))
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
