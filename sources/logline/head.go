package logline

import (
	"cmp"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// head takes a text line's head off, part by part, in whatever order a
// program's pattern has them. It stops at the first part that is none, so that
// no word of the message is lost.
type head struct {
	c     *reading
	s     string
	timed bool // a time was seen
	level bool // a level was seen
	// numbered is true once a process number stood before the level, packaged where
	// a package follows it, as in capnslog's "E | op-osd: ".
	numbered, packaged bool
}

// maxParts is the most parts that a head has.
const maxParts = 16

func (h *head) read() {
	if h.program() {
		return
	}
	if strings.HasPrefix(h.s, "[Nest] ") { // its name and process come first
		if _, rest, ok := strings.Cut(h.s, " - "); ok && stampLength(rest) > 0 {
			h.s = rest
		}
	}
	for range maxParts {
		h.separators()
		if h.s == "" || !(h.time() || h.bracket() || h.word()) {
			break
		}
	}
	h.graded()
}

// separators skips what stands between parts. A colon is one only after a part.
func (h *head) separators() {
	s := strings.TrimLeft(h.s, " \t")
	for h.timed || h.level {
		t := s
		for _, sep := range []string{"--- ", "-- : ", "-- ", "- ", "| ", ": ", "|"} {
			if rest, ok := strings.CutPrefix(t, sep); ok {
				t = strings.TrimLeft(rest, " \t")
				break
			}
		}
		if t == s {
			break
		}
		s = t
	}
	h.s = s
}

func (h *head) time() bool {
	if h.timed && h.level {
		return false
	}
	n := stampLength(h.s)
	if n == 0 {
		return false
	}
	h.c.time = h.s[:n]
	h.s, h.timed = h.s[n:], true
	return true
}

// bracket takes a part in square brackets: a time, a level, both with a module,
// a thread, a process, a logger, a place, or a trace.
func (h *head) bracket() bool {
	if h.s[0] == '{' && h.timed { // Airflow's place
		if end := strings.IndexByte(h.s[:min(len(h.s), 200)], '}'); end > 0 && hasPlace(h.s[1:end]) {
			h.c.caller.take(h.s[1:end], "", 3)
			h.s = h.s[end+1:]
			return true
		}
	}
	closing, ok := closings[h.s[0]]
	if !ok {
		return false
	}
	if rest, ok := strings.CutPrefix(h.s, "[["); ok && h.timed && h.level {
		// Oracle's diagnostic form has the message on lines of their own between
		// double brackets; any other message may begin with them.
		if head, _, _ := strings.Cut(rest, "\n"); strings.TrimSpace(head) == "" {
			h.s = strings.TrimSuffix(strings.TrimRight(rest, " \r\n"), "]]")
		}
		return false
	}
	end := strings.IndexByte(h.s[:min(len(h.s), 200)], closing)
	if end < 0 {
		return false
	}
	inner := strings.TrimSpace(h.s[1:end])
	if closing != ']' && (!h.timed || strings.ContainsAny(inner, " \t\"'=")) { // a text's own
		return false
	}
	if rest := h.s[end+1:]; !h.timed && !h.level && isNumber(inner) {
		// Unbound's seconds since 1970, and the process of NATS before its time.
		seconds := len(inner) == len("1783351790") && ofProcess(rest)
		if seconds || stampLength(strings.TrimLeft(rest, " ")) > 0 {
			h.timed, h.s = seconds, rest
			return true
		}
	}
	known := h.inner(inner)
	if !known && (!h.timed && !h.level || closing != ']' && strings.Trim(inner, "0123456789abcdefABCDEF.-") != "") {
		return false
	}
	if !known && strings.IndexByte(inner, ' ') < 0 && strings.ContainsAny(inner, ".") && h.c.logger.text == "" {
		h.c.logger.take(inner, "", 1)
	}
	h.s = h.s[end+1:]
	return true
}

// closings are the brackets around parts of a head. Pointed and curly ones hold
// ClickHouse's level and query, Erlang's process, charm's place.
var closings = map[byte]byte{'[': ']', '<': '>', '{': '}'}

func (h *head) inner(s string) bool {
	if n := stampLength(s); n > 0 {
		h.c.time, h.timed = s[:n], true
		for word := range strings.FieldsSeq(s[n:]) {
			if l := ofProcessNamed(word); l != evidence.SeverityUnknown && !h.level {
				h.mark(l)
			} else if strings.Contains(word, "::") || strings.ContainsAny(word, ".") {
				h.c.logger.take(word, "", 1)
			}
		}
		return true
	}
	if uptime(s) {
		h.timed = true
		return true
	}
	// What stands in brackets behind the level is a thread, and may be called error.
	if l := ofProcessNamed(s); l != evidence.SeverityUnknown && len(s) > 1 && !h.level {
		h.mark(l)
		return true
	}
	if module, l, ok := strings.Cut(s, ":"); ok && !h.level && named(l) != evidence.SeverityUnknown && isModule(module) { // Apache's [core:error]
		h.mark(named(l))
		return true
	}
	if hasPlace(s) {
		h.c.caller.take(s, "", 3)
		return true
	}
	return h.c.traceList(s)
}

// ofProcessNamed is a level, also before the name of a process, as Celery and
// Python's multiprocessing put it: ERROR/ForkPoolWorker-1.
func ofProcessNamed(s string) evidence.Severity {
	if level, process, ok := strings.Cut(s, "/"); ok && process != "" && level == strings.ToUpper(level) && len(level) > 1 {
		s = level
	}
	return named(s)
}

func isModule(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_0123456789") == ""
}

func (h *head) mark(l evidence.Severity) {
	h.c.mark, h.level = l, true
}

// below takes a level that stands on the line after the head, as Java's own
// logging puts it, with the class and method before it.
func (h *head) below(s string) string {
	place, after, several := strings.Cut(s, "\n")
	name, text, ok := strings.Cut(after, ": ")
	if !several || !ok || !h.timed || h.level || name != strings.ToUpper(name) || named(name) == evidence.SeverityUnknown {
		return s
	}
	h.mark(named(name))
	class, _ := nextWord(place)
	h.c.logger.take(class, "", 1)
	return text
}

// traceList reads IDs in a list: [app,trace,span], [trace-span], [trace/span].
func (c *reading) traceList(s string) bool {
	if strings.IndexByte(s, ' ') >= 0 && !strings.Contains(s, "=") || len(s) < 16 {
		return false
	}
	found := false
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(",|= ", r) }) {
		if strings.Count(part, "-") != 4 && strings.Count(part, ":") != 3 { // a UUID's own, and Jaeger's
			continue
		}
		if id, span, ok := evidence.ReadTraceID(part); ok && c.traceFrom.take(id, "", 5) {
			c.trace, c.span, found = id, cmp.Or(c.span, span), true
		}
	}
	if found {
		return true
	}
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",/-|= :", r) }) {
		if len(part) == 32 || len(part) == 16 && c.traceFrom.text == "" {
			if id, _, ok := evidence.ReadTraceID(part); ok && c.traceFrom.take(id, "", 5) {
				c.trace, found = id, true
				continue
			}
		}
		if id := evidence.ReadSpanID(part); id != "" && len(part) == 16 && c.span == "" {
			c.span, found = id, true
		}
	}
	return found
}

// word takes a level, a place, a process or a logger.
func (h *head) word() bool {
	end := strings.IndexAny(h.s, " \t\n")
	if end < 0 {
		end = len(h.s)
	}
	if bar := strings.IndexByte(h.s[:end], '|'); h.timed && bar > 0 { // NLog's columns
		end = bar
	}
	if end > 200 {
		return false
	}
	w := h.s[:end]
	if w == "envoy" && h.timed && h.level { // Istio puts the component before a tab
		if component, rest, ok := strings.Cut(h.s[end:], "\t"); ok && isModule(strings.TrimSpace(component)) {
			h.c.logger.take(w+component, "", 1)
			h.s = rest
			return true
		}
	}
	return h.levelWord(w) || h.placeWord(w) || h.loggerWord(w, h.s[end:]) || h.process(w, h.s[end:])
}

// aWord are levels of some loggers that begin messages of others: net/http's
// "http: panic serving", "log: …".
var aWord = map[string]bool{"http": true, "log": true, "note": true, "system": true}

// levelWord takes a level. In lower case it counts after the time or before a
// colon, else it may be a word of the message.
func (h *head) levelWord(w string) bool {
	if h.level {
		return false
	}
	name, after, colon := strings.Cut(w, ":")
	if i := strings.IndexByte(name, '['); i > 0 { // logrus: ERRO[0001]
		name, after, colon = name[:i], "", false
	}
	name = strings.TrimSuffix(name, ",")
	l := named(name)
	if colon && name == "http" || !colon && nouns[nextLower(h.s[len(w):])] && name != strings.ToUpper(name) {
		return false // Go's server names its package, and an error budget is none
	}
	upper := name == strings.ToUpper(name)
	if !upper && colon && aWord[name] {
		return false
	}
	if l == evidence.SeverityUnknown || len(name) == 1 && (!h.timed && !strings.HasPrefix(h.s, name+", [")) || !upper && !h.timed && !colon {
		return false
	}
	h.mark(l)
	h.packaged = len(name) == 1 && h.timed && strings.HasPrefix(h.s[len(w):], " | ")
	h.level = len(name) > 1 // Rails says it again in full
	h.s = h.s[len(w):]
	if colon && after != "" { // Python's ERROR:root:message
		if logger, rest, ok := strings.Cut(after, ":"); ok && logger != "" && strings.IndexByte(logger, '/') < 0 {
			h.c.logger.take(logger, "", 1)
			h.s = rest + h.s
			return true
		}
		h.s = after + h.s
	}
	return true
}

// placeWord takes file:line.
func (h *head) placeWord(w string) bool {
	bare := strings.TrimRight(w, ":,")
	if isCode(w) && h.timed && h.level && h.c.caller.text == "" { // Calico's: felix/table.go 12: …
		if n, after := nextWord(h.s[len(w):]); strings.HasSuffix(n, ":") && isNumber(n[:len(n)-1]) {
			h.c.caller.take(w+":"+n[:len(n)-1], "", 3)
			h.s = after
			return true
		}
	}
	if bare == w && !h.timed && !h.level || !hasPlace(bare) || h.c.caller.text != "" {
		return false
	}
	h.c.caller.take(bare, "", 3)
	h.s = h.s[len(w):]
	h.level = h.level || !h.timed // what follows is no level
	return true
}

// loggerWord takes a logger's name where a pattern sets it off: "name : …",
// "name - …", "a.b.c: …", "name - LEVEL - …", .NET's "Name.Space[0]".
func (h *head) loggerWord(w, after string) bool {
	if !h.timed && !h.level || h.c.logger.text != "" || strings.ContainsAny(w, "=\"'(/") {
		return false
	}
	name := strings.TrimSuffix(w, ":")
	if i := strings.IndexByte(name, '['); i > 0 && strings.HasSuffix(name, "]") && isNumber(name[i+1:len(name)-1]) && strings.Contains(name[:i], ".") {
		name = name[:i]
	} else {
		trimmed := strings.TrimLeft(after, " ")
		dotted := strings.Contains(name, "::") || strings.IndexByte(name, '.') > 0 && !strings.HasSuffix(name, ".")
		set := strings.HasPrefix(trimmed, ": ") || strings.HasPrefix(trimmed, "- ") && (dotted || !h.level && startsLevel(trimmed[2:]))
		column := h.timed && h.level && strings.HasPrefix(after, "\t") // zap's console
		if thrown(name) || !set && !column && !(w != name && (dotted || h.packaged)) {
			return false
		}
	}
	h.c.logger.take(name, "", 1)
	h.s = after
	return true
}

// pairsThenLevel reports whether a level with a colon stands behind pairs of key and
// value.
func pairsThenLevel(s string) bool {
	for range maxParts {
		w, rest := nextWord(s)
		if strings.IndexByte(w, '=') <= 0 {
			name, colon := strings.CutSuffix(w, ":")
			return colon && name == strings.ToUpper(name) && named(name) != evidence.SeverityUnknown
		}
		s = rest
	}
	return false
}

func startsLevel(s string) bool {
	w, _ := nextWord(s)
	return named(w) != evidence.SeverityUnknown
}

// ofProcess reports whether a text begins with a program, its process and thread in
// brackets, and a level, as Unbound has it.
func ofProcess(s string) bool {
	w, after := nextWord(s)
	next, _ := nextWord(after)
	return strings.HasSuffix(w, "]") && strings.IndexByte(w, '[') > 0 && named(strings.TrimSuffix(next, ":")) != evidence.SeverityUnknown
}

// process takes a process or thread number, where what follows shows that it is
// one, and PostgreSQL's user@database.
func (h *head) process(w, after string) bool {
	if !h.timed || w == "" { // nothing stands before a tab or the end
		return false
	}
	next, _ := nextWord(after)
	number := len(w) <= 8 && isNumber(w)
	switch {
	case number && (next == "---" || strings.HasPrefix(next, "[") || startsLevel(after)):
		h.numbered = true
	case h.numbered && h.level && h.c.logger.text == "" && strings.HasSuffix(next, ":") && strings.HasPrefix(next, "odoo."): // Odoo's database
	case h.level && strings.IndexByte(w, '#') > 0 && isNumber(strings.Replace(strings.TrimSuffix(w, ":"), "#", "", 1)): // nginx: 12#12:
	case h.level && len(w) > 1 && w[0] == '*' && isNumber(w[1:]): // nginx: a connection
	case w[0] == '#' && isNumber(w[1:]):
	case !h.level && ofProcess(h.s): // Unbound's unbound[71:0]
	case !h.level && strings.IndexByte(w, '=') > 0 && pairsThenLevel(after): // Sidekiq's
		h.c.pairs(w)
	case !h.level && strings.IndexByte(w, '@') > 0 && startsLevel(after):
	default:
		return false
	}
	h.s = after
	return true
}
