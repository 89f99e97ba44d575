package logline

import (
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// reading is one line while it is read.
type reading struct {
	reader *Reader
	line   *evidence.LogLine
	kept   int               // attributes so far
	own    map[string]string // attributes, once they are no longer the caller's

	mark       evidence.Severity // the format's own, unknown when it has none
	guess      evidence.Severity // somebody else's guess
	structured bool              // the message came out of a field
	request    bool              // a field is of a request
	fault      bool              // a field is a status that is the server's fault
	time       string

	trace, span                        string
	message, stack, cause, logger      said
	caller, file, lineNumber, function said
	traceFrom, markFrom                said
	unfolded                           int    // messages that were lines themselves
	number                             string // a level that was a number
}

// said is a value with how surely its key says so.
type said struct {
	text, key string
	rank      uint8
}

// take keeps the surer of two values; of equals the key that sorts first, since
// attributes come in no order.
func (s *said) take(text, key string, rank uint8) bool {
	if text == "" || s.text != "" && (rank < s.rank || rank == s.rank && key >= s.key) {
		return false
	}
	*s = said{text, key, rank}
	return true
}

// meaning looks a key up, by all of it, then for some by its last part.
func (c *reading) meaning(key string) meaning {
	var buf [maxKey]byte
	name := plainKey(buf[:0], key)
	if m, ok := c.reader.fields[string(name)]; ok {
		return m
	}
	if i := strings.LastIndexByte(key, '.'); i > 0 {
		if m, ok := c.reader.fields[string(plainKey(buf[:0], key[i+1:]))]; ok && m.is.anywhere() {
			m.rank = 1
			return m
		}
		object, rest, _ := strings.Cut(key, ".")
		return c.reader.nested(object, rest)
	}
	if strings.HasPrefix(key, "@") { // hclog's @level, @message
		return c.reader.fields[string(plainKey(buf[:0], key[1:]))]
	}
	return meaning{}
}

// see takes what a field says. It reports whether the field is nothing but
// that, so that keeping it among the attributes would say it twice.
func (c *reading) see(key, value string) bool {
	m := c.meaning(key)
	switch m.is {
	case fieldTrace:
		return c.seeTrace(key, value, m.rank)
	case fieldSpan:
		id := evidence.ReadSpanID(value)
		if id != "" && (c.span == "" || m.rank >= 5) {
			c.span = id
		}
		return id != ""
	case fieldLevel:
		return c.seeLevel(key, value, m.rank)
	case fieldNumberOTel:
		if n, err := strconv.Atoi(value); err == nil && n > 0 && n <= 24 {
			return c.marked(evidence.Severity(n), key, rankExact)
		}
	case fieldNumberPy, fieldNumberUnix, fieldNumberFive:
		s := named(value) // some write a word there
		if n, err := strconv.Atoi(value); err == nil {
			s = numbered(n, m.is)
		}
		return c.marked(s, key, 1)
	case fieldTime:
		c.time = value
		return true
	case fieldGuess:
		c.guess = named(value)
	case fieldRequest:
		c.request = true
	case fieldStatus:
		c.fault = c.fault || len(value) == 3 && value[0] == '5' && isNumber(value)
		if key == "status" && statuses[value] { // Datadog's name of the level
			c.marked(named(value), key, 2)
		}
	case fieldDropped:
		return true
	case fieldOther:
		if namesError(key) && strings.Contains(value, " ") {
			c.seeCause(key, value, 2)
		}
	default:
		c.seeWords(m, key, value)
	}
	if m.as != "" && m.as != key {
		c.keep(m.as, value)
	}
	return m.is == fieldMessage && c.message.text == value
}

// namesError reports whether a key that is on no list says by its last word that it
// holds an error: internal_error, db.error, upstreamError.
func namesError(key string) bool {
	before, ok := strings.CutSuffix(key, "error")
	if ok {
		return before != "" && strings.IndexByte("_.-", before[len(before)-1]) >= 0
	}
	before, ok = strings.CutSuffix(key, "Error")
	return ok && before != "" && before[len(before)-1] >= 'a' && before[len(before)-1] <= 'z'
}

func (c *reading) seeWords(m meaning, key, value string) {
	switch m.is {
	case fieldMessage:
		c.structured = c.message.take(value, key, m.rank) || c.structured
		if _, more, several := strings.Cut(value, "\n"); several && m.rank < 5 && stackLike(more) { // GELF's long form of it
			c.stack.take(value, key, 1)
		}
	case fieldStack:
		if strings.ContainsAny(value, "\n") || strings.Contains(value, "\\n") || hasFrame(value) {
			c.stack.take(value, key, m.rank)
		} else {
			c.cause.take(value, key, 1)
		}
	case fieldException:
		c.seeException(key, value, m.rank)
	case fieldError:
		c.seeCause(key, value, m.rank)
	case fieldLogger:
		c.logger.take(value, key, m.rank)
	case fieldCaller:
		if hasPlace(value) {
			c.caller.take(value, key, m.rank)
		}
	case fieldFile:
		if file, _, found := strings.Cut(value, ":"); found && hasPlace(value) && file != "" {
			c.caller.take(value, key, m.rank-1)
		} else {
			c.file.take(value, key, m.rank)
		}
	case fieldLine:
		c.lineNumber.take(value, key, m.rank)
	case fieldFunction:
		c.function.take(value, key, m.rank)
	}
}

// noError are values of an error's field that say that there was none.
var noError = set("null nil <nil> none undefined false 0 {} []")

// seeCause takes an error's text, and the stack that some print with it.
func (c *reading) seeCause(key, value string, rank uint8) {
	if len(value) <= len("undefined") && noError[strings.ToLower(strings.TrimSpace(value))] {
		return
	}
	value = unrolled(value)
	first, more, several := strings.Cut(value, "\n")
	if several && stackLike(more) {
		c.stack.take(value, key, min(rank, 2))
		value = first
	}
	c.cause.take(value, key, rank)
}

// seeException takes a text that is an error, or a stack where it has lines.
func (c *reading) seeException(key, value string, rank uint8) {
	value = unrolled(value)
	first, _, several := strings.Cut(value, "\n")
	switch {
	case several:
		c.stack.take(value, key, rank)
	case strings.Contains(value, ".php:"):
		c.stack.take(value, key, 1)
	}
	c.cause.take(first, key, rank)
}

// seeTrace takes a trace's ID in any of its forms, and the span's with it.
func (c *reading) seeTrace(key, value string, rank uint8) bool {
	if strings.EqualFold(key, "trace") && strings.Contains(value, "\n") {
		c.stack.take(value, key, 1) // PHP and others call a stack so
		return false
	}
	trace, span, ok := evidence.ReadTraceID(value)
	if !ok {
		return false
	}
	if c.traceFrom.take(trace, key, rank) {
		c.trace = trace
		if span != "" && c.span == "" {
			c.span = span
		}
	}
	return true
}

// rankExact is how surely OpenTelemetry's number says a severity: its scale is
// known. A word is next; what a number of another field counts is a guess.
const rankExact = 20

func (c *reading) seeLevel(key, value string, rank uint8) bool {
	if s := named(value); s != evidence.SeverityUnknown {
		return c.marked(s, key, rank+5)
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		return false
	}
	s := numbered(n, fieldNumberUnix)
	if s == evidence.SeverityUnknown && n >= 8 && n <= 100 {
		s = pino(n)
	}
	c.number = value
	return c.marked(s, key, min(rank, 4))
}

// marked takes the severity that a field says, unless a surer one has said
// another. It reports whether the field says any.
func (c *reading) marked(s evidence.Severity, key string, rank uint8) bool {
	if s == evidence.SeverityUnknown {
		return false
	}
	if c.markFrom.take(key, key, rank) {
		c.mark = s
	}
	return true
}

// keep adds an attribute, to a copy of the caller's. One that the line has from
// its transport stays.
func (c *reading) keep(key, value string) {
	if c.kept >= maxFields {
		c.line.Cut++
		return
	}
	if c.own == nil {
		c.own = make(map[string]string, len(c.line.Attributes)+8)
		for k, v := range c.line.Attributes {
			c.own[k] = v
		}
		c.line.Attributes = c.own
	}
	if _, have := c.own[key]; have {
		return
	}
	c.kept++
	if n := len(value); n > maxValue {
		value = evidence.Cut(value, maxValue)
		c.line.Cut += n - len(value)
	}
	c.own[key] = value
}

// settle writes to the line what was found.
func (c *reading) settle() {
	l := c.line
	if l.TraceID == "" {
		l.TraceID = c.trace
	}
	if l.SpanID == "" {
		l.SpanID = c.span
	}
	if l.Time.IsZero() {
		l.Time = instant(c.time)
	}
	text := strings.TrimSpace(c.message.text)
	if text != "" && text != l.Body {
		l.Message = text
	}
	if _, more, several := strings.Cut(text, "\n"); several && c.stack.text == "" && stackLike(more) { // a structured message with its stack in it
		c.stack.take(text, "", 1)
	}
	l.Logger = c.logger.text
	l.Error = evidence.Cut(c.cause.text, maxValue)
	if c.stack.text != "" {
		l.Stack = evidence.Cut(c.stack.text, maxStack)
		l.Cut += len(c.stack.text) - len(l.Stack)
	}
	l.Caller = c.where()
	if l.Severity == evidence.SeverityUnknown {
		l.Severity = c.severity(l.Text())
	}
}

// where is the place in code that wrote the line.
func (c *reading) where() evidence.Frame {
	if isCode(c.file.text) && (c.caller.text == "" || c.file.rank >= c.caller.rank) {
		n, _ := strconv.Atoi(c.lineNumber.text)
		return frame(c.file.text, n, c.function.text)
	}
	if file, n, ok := splitPlace(c.caller.text); ok {
		return frame(file, n, c.function.text)
	}
	return evidence.Frame{}
}

func frame(file string, line int, function string) evidence.Frame {
	f := evidence.Frame{File: evidence.Cut(file, maxValue), Line: max(line, 0), Function: evidence.Cut(function, maxValue), Rung: evidence.LocationCaller}
	f.File = f.Slashed()
	return f
}
