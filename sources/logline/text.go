package logline

import (
	"regexp"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// body reads a line's body: what is wrapped around it comes off, then its shape
// decides.
func (c *reading) body(s string) {
	s = plain(s)
	for range maxWraps {
		inner, ok := c.peel(s)
		if !ok {
			break
		}
		s = inner
	}
	first, rest, several := strings.Cut(s, "\n")
	switch {
	case strings.HasPrefix(s, "{") && c.object(s), strings.HasPrefix(s, "{") && several && c.object(first):
		if several && c.stack.text == "" && strings.HasSuffix(strings.TrimSpace(first), "}") {
			c.stack.take(rest, "", 1)
		}
	case c.access(first), c.csvlog(s):
	case logfmtLike(first) && c.logfmt(first):
		if several {
			c.stack.take(rest, "", 1)
		}
	default:
		c.text(s)
	}
}

// wrapped reads the line that was inside another.
func (c *reading) wrapped(s string) {
	c.body(strings.TrimRight(s, "\r\n"))
	if c.message.text == "" {
		c.message.take(strings.TrimRight(s, "\r\n"), "", 1)
	}
}

// text reads a line that begins with time, level, place and the like in any
// order, and goes on in words.
func (c *reading) text(s string) {
	h := head{c: c, s: unrolled(s)}
	h.read()
	rest := strings.TrimLeft(h.s, " \t")
	for strings.HasPrefix(rest, "\n") || strings.HasPrefix(rest, "\r\n") || strings.HasPrefix(rest, "=> ") { // .NET's console says it on the next line, scopes before it
		if scopes, after, ok := strings.Cut(rest, "\n"); ok && strings.HasPrefix(rest, "=> ") {
			c.pairs(scopes)
			rest = "\n" + after
		} else if !ok {
			break
		}
		rest = strings.TrimLeft(rest, "\r\n \t")
	}
	rest = lastWords(h.below(rest))
	message, more, several := strings.Cut(rest, "\n")
	message = strings.TrimRight(message, " \t\r")
	switch {
	case several && (stackStart(message) || placed(message)), panicked(message), diedAt(message):
		c.stack.take(rest, "", 1)
		if words, _, _ := strings.Cut(more, "\n"); strings.HasSuffix(message, ":") && panicked(message) {
			c.cause.take(strings.TrimSpace(words), "", 1)
		}
	case strings.Contains(message, "[object] ("): // Monolog's exception, in the context
		c.stack.take(rest, "", 1)
	case several && stackLike(more):
		c.stack.take(more, "", 1)
	case several:
		message = strings.TrimRight(rest, " \t\r\n")
	}
	message = c.barred(c.tail(message))
	if c.message.take(message, "", 1) && len(message) == len(c.line.Body) {
		c.message.text = c.line.Body
	}
}

// unrolled gives a text that tells of an exception in one line its line ends
// back: written as \n, or left out where .NET's frames begin.
func unrolled(s string) string {
	if strings.Contains(s, "\n") {
		return s
	}
	if strings.Contains(s, `\n`) {
		if t := written.Replace(s); stackLike(t[strings.IndexByte(t, '\n')+1:]) {
			return t
		}
	}
	if strings.Contains(s, "   at ") && strings.Contains(s, ":line ") {
		return strings.ReplaceAll(s, "   at ", "\n   at ")
	}
	return s
}

var written = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", `\t`, "\t")

// lastWords takes the code off that Node.js prints before the error it ends with:
// a place, the line there and a mark under it.
func lastWords(s string) string {
	place, rest, several := strings.Cut(s, "\n")
	if !several || !hasPlace(strings.TrimSpace(place)) {
		return s
	}
	const few = 5
	for range few {
		line, after, ok := strings.Cut(rest, "\n")
		if t := strings.TrimSpace(line); ok && (strings.HasPrefix(t, "Error: ") || thrownLine(t)) {
			return rest
		}
		rest = after
	}
	return s
}

// panicked reports whether a line begins Rust's last words; what it panicked with
// stands on the next one, or in older forms in quotes.
func panicked(s string) bool {
	return strings.HasPrefix(s, "thread '") && strings.Contains(s, "' panicked at ")
}

// placed reports whether a message ends with the place of what it tells, before
// the calls that led there: PHP's "Uncaught TypeError: … in /app/basket.php:61".
func placed(message string) bool {
	before, place := message, ""
	if i := strings.LastIndexByte(message, ' '); i > 0 {
		before, place = message[:i], message[i+1:]
	}
	return strings.HasSuffix(before, " in") && hasPlace(place)
}

// perlPlace ends what Perl says of an error.
var perlPlace = regexp.MustCompile(` at \S+\.(?:pl|pm|cgi|psgi|t) line \d+[.,]`)

// diedAt reports whether a message ends with the place as Perl names it; the calls
// that led there may follow.
func diedAt(message string) bool {
	return strings.Contains(message, " line ") && perlPlace.MatchString(message)
}

// tail takes fields at the end of a message: zap's console writes them as JSON,
// zerolog's and tracing's as name=value. Trace and span IDs come off the
// message.
func (c *reading) tail(message string) string {
	if strings.HasSuffix(message, "}") {
		if i := strings.Index(message, "\t{"); i > 0 || strings.HasPrefix(message, "{") {
			if c.object(strings.TrimSpace(message[max(i, 0):])) {
				c.structured = false
				return message[:max(i, 0)]
			}
		}
	}
	if strings.IndexByte(message, '=') > 0 || strings.Contains(message, "00-") || strings.Contains(message, "race") {
		return c.pairs(message)
	}
	return message
}

// barred takes IDs off that stand at the end of a message between bars, as New
// Relic's agents put them there.
func (c *reading) barred(message string) string {
	i := strings.LastIndexByte(message, ' ')
	if i < 0 || strings.Count(message[i:], "|") < 3 || !c.traceList(message[i+1:]) {
		return message
	}
	return strings.TrimRight(message[:i], " \t")
}

// pairs looks for name=value and name: value in running text, of which those
// count that say a trace, a span, a place or an error.
func (c *reading) pairs(message string) string {
	kept, cut := message, false
	const mostPairs = 64
	for rest, n := message, 0; rest != "" && n < mostPairs; n++ {
		word, after := nextWord(rest)
		start := len(message) - len(after) - len(word)
		rest = after
		word = strings.TrimLeft(strings.TrimRight(word, ",;])}\""), "[({\"")
		if isTraceparent(word) {
			c.seeTrace("traceparent", word, 7)
			continue
		}
		name, value, ok := strings.Cut(word, "=")
		if !ok {
			if name, ok = strings.CutSuffix(word, ":"); ok {
				value, _ = nextWord(after)
				value = strings.Trim(value, "\",;])}")
			} else if name, value, ok = strings.Cut(word, ":"); ok && !c.meaning(name).is.ofTrace() {
				ok = false
			}
		}
		if !ok || name == "" || len(value) < 3 {
			continue
		}
		switch c.meaning(name).is {
		case fieldTrace, fieldSpan:
			if c.see(name, strings.Trim(value, `"'`)) && !cut {
				kept, cut = strings.TrimRight(message[:start], " \t,;|[("), true
			}
		case fieldError, fieldCaller:
			c.see(name, pairValue(message, start, word))
		}
		if isTraceparent(value) {
			c.seeTrace(name, value, 7)
		}
	}
	if cut && kept != "" && onlyPairs(message[len(kept):]) {
		return kept
	}
	return message
}

// pairValue is the value of the pair that begins at start, to its closing quote
// where it is quoted.
func pairValue(message string, start int, word string) string {
	rest := message[start:]
	i := strings.IndexByte(rest, '=')
	if i < 0 || i+1 >= len(rest) || rest[i+1] != '"' {
		_, v, _ := strings.Cut(word, "=")
		return v
	}
	v, _, _ := strings.Cut(rest[i+2:], `"`)
	return v
}

// onlyPairs reports whether nothing but name=value stands in a text.
func onlyPairs(s string) bool {
	for word := range strings.FieldsSeq(strings.Trim(s, " \t,;|[]()")) {
		if strings.IndexByte(word, '=') < 1 && !strings.HasSuffix(word, ":") && evidence.ReadSpanID(word) == "" && len(word) != 32 {
			return false
		}
	}
	return true
}

func isTraceparent(s string) bool {
	return len(s) == 55 && s[2] == '-' && s[35] == '-' && s[52] == '-'
}

// plain takes terminal colours and moves of the cursor off: ESC [ … letter. The
// well-kept stripper of terminals brings a renderer with it, for one form of
// escape.
func plain(s string) string {
	i := strings.IndexByte(s, '\x1b')
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i >= 0 {
		b.WriteString(s[:i])
		s = s[i+1:]
		if strings.HasPrefix(s, "[") {
			end := 1
			for end < len(s) && end < 32 && (s[end] < '@' || s[end] > '~') {
				end++
			}
			s = s[min(end+1, len(s)):]
		}
		i = strings.IndexByte(s, '\x1b')
	}
	b.WriteString(s)
	return b.String()
}
