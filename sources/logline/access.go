package logline

import (
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// access reads a line of a web server's or proxy's access log: somewhere in it
// a quoted request, and behind it the status. An answer of the 500s is an error,
// any other line is not.
func (c *reading) access(s string) bool {
	http := strings.Index(s[:min(len(s), 8<<10)], " HTTP/")
	if http < 0 {
		return false
	}
	open := strings.LastIndexByte(s[:http], '"')
	if open < 0 {
		return false
	}
	method, target, ok := strings.Cut(s[open+1:http], " ")
	if !ok || len(method) > 10 || method == "" || method != strings.ToUpper(method) {
		return false
	}
	quote := strings.IndexByte(s[http:], '"')
	if quote < 0 {
		return false
	}
	after := strings.TrimLeft(s[http+quote+1:], " ")
	if digits(after, 0, 4) != 3 || len(after) > 3 && after[3] != ' ' {
		return false
	}
	status := after[:3]
	path, _, _ := strings.Cut(target, "?")
	c.message.take(method+" "+path+" "+status, "", 1)
	c.keep("http.request.method", method)
	c.keep("url.path", path)
	c.keep("http.response.status_code", status)
	if c.mark = evidence.SeverityInfo; status[0] == '5' {
		c.mark = evidence.SeverityError
	}
	if i := strings.IndexByte(s, '['); i >= 0 && i < open {
		if n := stampLength(s[i+1:]); n > 0 {
			c.time = s[i+1 : i+1+n]
		}
	}
	c.accessIDs(after)
	return true
}

// accessIDs looks for a trace behind the status: name=value, a traceparent, or
// bare IDs, as an operator's own log format adds them at the end.
func (c *reading) accessIDs(s string) {
	c.pairs(s)
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ' ' || r == '"' || r == '|' || r == ',' || r == '[' || r == ']' }) {
		switch {
		case c.trace == "" && len(word) == 32:
			if id, err := evidence.ParseTraceID(word); err == nil {
				c.trace = id
			}
		case c.trace != "" && c.span == "" && len(word) == 16:
			c.span = evidence.ReadSpanID(word)
		case c.trace == "" && isTraceparent(word):
			c.seeTrace("traceparent", word, 7)
		}
	}
}
