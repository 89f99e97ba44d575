package logline

import (
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Bounds on a stack that was shipped line by line.
const (
	maxPieces = 512             // lines of one stack that are kept, half of them from its end
	maxGap    = 5 * time.Second // between two lines of one stack
)

// Join puts the pieces of one stack together that were shipped as lines of
// their own, and the pieces of one line that a container's runtime cut. lines
// are of one stream in the order in which they were written; the result has the
// first piece's time and fields. Lines that are whole stay as they are.
func Join(lines []evidence.LogLine) []evidence.LogLine {
	if len(lines) < 2 {
		return lines
	}
	var out []evidence.LogLine // made when something is put together
	var open group
	for i := range lines {
		l := &lines[i]
		inner := unwrapped(l.Body)
		if open.takes(l, inner) {
			if out == nil {
				out = append(make([]evidence.LogLine, 0, len(lines)), lines[:i]...)
			}
			open.add(l, inner)
			continue
		}
		if out != nil {
			open.close(&out[len(out)-1])
			out = append(out, *l)
		}
		open = group{start: l, last: l.Time, texts: open.texts[:0]}
		open.begin(l.Body, inner)
	}
	if out == nil {
		return lines
	}
	open.close(&out[len(out)-1])
	return out
}

// group is a line and what was found to belong to it.
type group struct {
	start   *evidence.LogLine
	last    time.Time
	texts   []string // without their wrapping
	dropped int
	partial bool // the last piece of a line that the runtime cut has not come
	stack   bool // inside a stack
	awaits  bool // the next line says what this one begins with
	level   evidence.Severity
}

func (g *group) begin(body, inner string) {
	_, full, wrapped := cri(body)
	g.partial = wrapped && !full
	g.texts = append(g.texts, inner)
	g.stack = stackStart(inner) || panicked(inner) || hasPlace(inner)
	g.awaits = panicked(inner) && strings.HasSuffix(inner, ":") || namedStamp(inner) > len("Jan 02, 2006")
	g.level = g.start.Severity
}

// takes reports whether a line goes on with what the group began.
func (g *group) takes(l *evidence.LogLine, inner string) bool {
	if g.start == nil || l.Time.Sub(g.last) > maxGap || l.TraceID != "" && g.start.TraceID != "" && l.TraceID != g.start.TraceID {
		return false
	}
	if g.awaits && !g.stack { // Java's own logging
		level, _, found := strings.Cut(inner, ": ")
		return found && level == strings.ToUpper(level) && named(level) != evidence.SeverityUnknown
	}
	if g.awaits && stampLength(inner) == 0 {
		return true
	}
	if last := g.texts[len(g.texts)-1]; strings.HasPrefix(inner, "Server: ") && strings.HasSuffix(last, " terminated") || strings.HasPrefix(inner, "Request: ") && strings.HasPrefix(last, "Server: ") {
		return true // Phoenix says whom it served before what was raised
	}
	if indentedTime(inner) && !indentedTime(g.texts[0]) { // Fluentd's traces
		return true
	}
	return g.partial || continues(inner, g.stack) && !(whole(inner) && l.Severity != evidence.SeverityUnknown && l.Severity != g.start.Severity)
}

// indentedTime reports whether a line has a head of its own and is set in.
func indentedTime(s string) bool {
	return strings.HasPrefix(s, "  ") && stampLength(s[2:]) > len("15:04:05")
}

// whole reports whether a record holds an exception with its stack: where it has
// a level of its own besides, it goes on with nothing.
func whole(s string) bool {
	first, rest, more := strings.Cut(s, "\n")
	return more && strings.TrimSpace(rest) != "" && (thrownLine(first) || strings.HasPrefix(first, "Traceback (most recent call last)"))
}

func (g *group) add(l *evidence.LogLine, inner string) {
	g.last, g.awaits = l.Time, false
	if g.partial {
		_, full, wrapped := cri(l.Body)
		g.partial = wrapped && !full
		last := &g.texts[len(g.texts)-1]
		if len(*last) < maxBody {
			*last += inner
		}
		return
	}
	g.stack = true
	g.level = max(g.level, l.Severity)
	g.texts = append(g.texts, inner)
	if len(g.texts) > 2*maxPieces { // the middle goes
		drop := len(g.texts) - maxPieces
		g.texts = append(g.texts[:maxPieces/2], g.texts[maxPieces/2+drop:]...)
		g.dropped += drop
	}
}

// close writes the group's text into its line.
func (g *group) close(l *evidence.LogLine) {
	if len(g.texts) < 2 && l.Body == g.start.Body && !strings.HasSuffix(g.start.Body, " P") && len(g.texts) > 0 && unwrapped(l.Body) == g.texts[0] {
		return
	}
	if drop := len(g.texts) - maxPieces; drop > 0 {
		g.texts = append(g.texts[:maxPieces/2], g.texts[maxPieces/2+drop:]...)
		g.dropped += drop
	}
	if g.dropped > 0 {
		g.texts[maxPieces/2-1] = "... " + strconv.Itoa(g.dropped+1) + " lines left out"
		l.Cut += g.dropped + 1
	}
	l.Body = strings.Join(g.texts, "\n")
	l.Severity = g.level
}

// unwrapped is a line without what a container's runtime put around it, and
// without colours.
func unwrapped(s string) string {
	s = plain(evidence.Cut(s, maxBody))
	for range maxWraps {
		if inner, _, ok := cri(s); ok {
			s = inner
			continue
		}
		if inner, ok := dockerText(s); ok {
			s = inner
			continue
		}
		if inner, ok := labelled(s); ok {
			s = inner
			continue
		}
		if n := stampLength(s); n > 0 { // the journal's: Oct 11 22:14:15 host prog[123]: …, Heroku's: 2026-10-11T22:14:15+00:00 app[web.1]: …
			if inner, ok := tagged(strings.TrimLeft(s[n:], " "), s[0] >= 'A'); ok {
				s = inner
				continue
			}
		}
		break
	}
	return s
}

func dockerText(s string) (string, bool) {
	if !strings.HasPrefix(s, "{") || !strings.Contains(s, `"log"`) {
		return s, false
	}
	p := parsers.Get()
	defer parsers.Put(p)
	v, err := p.Parse(s)
	if err != nil {
		return s, false
	}
	o, err := v.Object()
	if err != nil {
		return s, false
	}
	inner, ok := dockerLine(o)
	return strings.TrimRight(strings.Clone(inner), "\r\n"), ok
}

// continues reports whether a line is a piece of a stack and begins nothing of
// its own. inside is true when the line before was one.
func continues(s string, inside bool) bool {
	if s == "" {
		return inside
	}
	t := strings.TrimLeft(s, " \t|+\u00a0")
	if len(t) < len(s) {
		return inside || t != "" && frameStart(t) || s[0] == '\t' && strings.Contains(t, ":")
	}
	for _, p := range []string{"Caused by: ", "Traceback (most recent call last)", "goroutine ", "Suppressed: ", "created by ", "During handling of the above", "The above exception was", "stack backtrace:", "[signal ",
		"** (", "Stack trace:", "[stacktrace]", "#0 ", "stack traceback:", "Stacktrace:", "CallStack (from HasCallStack)"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	if ocamlFrame(s) || inside && (strings.HasPrefix(s, "coroutine ") || zigFrame(s)) {
		return true
	}
	if thrownLine(s) || rubyFrame(s) {
		return true
	}
	for _, p := range []string{"Error: ", "note: run with `RUST_BACKTRACE", "Node.js v"} {
		if inside && strings.HasPrefix(s, p) {
			return true
		}
	}
	return inside && (goCallLine(s) || phpCall(s) || strings.HasPrefix(s, `"}`) || strings.HasPrefix(s, "}") || strings.HasPrefix(s, "exit status "))
}

// frameStart reports whether a text without its indent is a frame.
func frameStart(t string) bool {
	if t[:1] == "(" { // Elixir names the application before the place
		if _, place, ok := strings.Cut(t, ") "); ok {
			w, _ := nextWord(place)
			return hasPlace(strings.TrimSuffix(w, ":"))
		}
	}
	if phpCall(t) || strings.Contains(t, ") called at ") { // PHP's, Perl's
		return true
	}
	for _, p := range []string{"at ", `File "`, `> File "`, "... ", "--- End of ", "---> ", "from ", "Suppressed: ", "Caused by: ", "[cause]: ", "in function ", "in call from "} {
		if strings.HasPrefix(t, p) {
			return true
		}
	}
	w, after := nextWord(t)
	if place, ok := strings.CutPrefix(after, " called at "); ok { // Haskell's
		w, _ = nextWord(place)
	} else if w == "@" { // Julia's, the module before it
		w = t[strings.LastIndexByte(strings.TrimSpace(t), ' ')+1:]
	}
	return hasPlace(strings.TrimSuffix(w, ":"))
}

// ocamlFrame reports whether a line is one of OCaml's backtrace.
func ocamlFrame(s string) bool {
	for _, p := range []string{"Raised ", "Re-raised ", "Called from "} {
		if strings.HasPrefix(s, p) {
			return strings.Contains(s, `file "`) && strings.Contains(s, ", line ")
		}
	}
	return false
}

// zigFrame reports whether a line is one of Zig's: file.zig:3:1: 0x10 in f (program).
func zigFrame(s string) bool {
	place, at, ok := strings.Cut(s, ": 0x")
	return ok && strings.Contains(at, " in ") && hasPlace(place)
}

// swiftFrame reports whether a line is one of Swift's: 1 [ra] 0x10 f + 3 in program at file.swift:3:1.
func swiftFrame(s string) bool {
	n, after, ok := strings.Cut(strings.TrimLeft(s, " "), " ")
	return ok && isNumber(n) && strings.Contains(after, "0x") && strings.Contains(after, " + ") && strings.Contains(after, " in ")
}

// phpCall reports whether a line is one of PHP's numbered calls: #12 file(3): f().
func phpCall(s string) bool {
	n, _, ok := strings.Cut(s, " ")
	return ok && len(n) > 1 && n[0] == '#' && isNumber(n[1:])
}

// rubyFrame reports whether a line is a frame as Ruby prints it, which has no
// indent after the first: file.rb:3:in `method'.
func rubyFrame(s string) bool {
	place, in, ok := strings.Cut(s, ":in ")
	return ok && in != "" && (in[0] == '`' || in[0] == '\'') && hasPlace(place)
}

// thrownLine reports whether a line is an exception's own: its type, then a
// colon or nothing.
func thrownLine(s string) bool {
	name, rest, found := strings.Cut(s, ":")
	if strings.IndexByte(name, ' ') >= 0 {
		return false
	}
	if !found {
		name = strings.TrimSpace(name)
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	return (thrown(name) || strings.HasSuffix(last, "Interrupt") || last == "StopIteration") && (rest == "" || rest[0] == ' ')
}

// goCallLine is the line above a frame's place in Go's stacks.
func goCallLine(s string) bool {
	return strings.HasSuffix(s, ")") && strings.IndexByte(s, '(') > 0 && strings.IndexByte(s[:strings.IndexByte(s, '(')], ' ') < 0
}

// stackStart reports whether a stack begins with the line.
func stackStart(s string) bool {
	return strings.HasPrefix(s, "panic: ") || strings.HasPrefix(s, "fatal error: ") || strings.HasPrefix(s, "goroutine ") || strings.HasPrefix(s, "Traceback (most recent call last)") || strings.HasPrefix(s, "** (") || strings.HasPrefix(s, "=CRASH REPORT=") || thrownLine(s)
}

// stackLike reports whether the lines after a message hold a stack.
func stackLike(s string) bool {
	const few = 12
	n := 0
	for line := range strings.Lines(s) {
		if n++; n > few {
			return false
		}
		line = strings.TrimRight(line, "\r\n")
		t := strings.TrimLeft(line, " \t|+")
		if stackStart(t) || rubyFrame(t) || zigFrame(line) || ocamlFrame(line) || swiftFrame(line) || t != "" && len(t) < len(line) && frameStart(t) {
			return true
		}
		for _, p := range []string{"stack backtrace:", "[stacktrace]", "Stack trace:", "#0 ", "Location:", "stack traceback:", "CallStack (from HasCallStack)"} {
			if strings.HasPrefix(t, p) {
				return true
			}
		}
	}
	return false
}

// Joiner does what [Join] does with lines as they come, one stream of them, and
// holds no more than the line that may go on.
type Joiner struct {
	line evidence.LogLine
	open group
	some bool
}

// Add takes the next line, and gives back the one before it where that is whole.
func (j *Joiner) Add(l evidence.LogLine) (before evidence.LogLine, whole bool) {
	inner := unwrapped(l.Body)
	if j.some && j.open.takes(&l, inner) {
		j.open.add(&l, inner)
		return evidence.LogLine{}, false
	}
	before, whole = j.Rest()
	j.line, j.some = l, true
	start := l
	j.open = group{start: &start, last: l.Time}
	j.open.begin(l.Body, inner)
	return before, whole
}

// Rest gives back the last line, false where there is none.
func (j *Joiner) Rest() (evidence.LogLine, bool) {
	if !j.some {
		return evidence.LogLine{}, false
	}
	out := j.line
	j.open.close(&out)
	j.some = false
	return out, true
}
