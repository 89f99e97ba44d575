package correlate

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// logFacts are the log lines of a case by template.
type logFacts struct {
	templates []templateFact // sorted by entity, then template
	byEnt     [][]int        // templates by entity
	// line is the template of each line of the case, -1 for a line of no
	// candidate; node is the span it belongs to, -1 for none.
	line, node []int
	// minutes are the distinct minutes with any line, per side: what rates are
	// normalised by, since a window may be covered in part.
	minutes [2]int
}

// templateFact is one log statement of one entity.
type templateFact struct {
	entity   int
	template string
	severity evidence.Severity
	// count is lines per side, counted once per trace.
	count [2]int
	first time.Time // in the incident
	line  int       // first line of the incident, else of the baseline
	// names is another candidate that the line mentions, -1 for none.
	names int
	// remote is true when the text puts the failure on somebody else.
	remote bool
}

// watched are the distinct minutes of each side in which any span or line was
// seen.
func (v *view) watched() [2]int {
	var seen [2]map[int64]bool
	for sd := range seen {
		seen[sd] = map[int64]bool{}
	}
	for i := range v.c.Traces {
		if t := &v.c.Traces[i]; len(t.Spans) > 0 && v.counts(t) {
			seen[sideOf(t.Baseline)][t.Spans[0].Start.Unix()/60] = true
		}
	}
	for i := range v.c.Logs {
		if v.countsLine(&v.c.Logs[i]) {
			seen[sideOf(v.c.Logs[i].Baseline)][v.c.Logs[i].Time.Unix()/60] = true
		}
	}
	return [2]int{len(seen[0]), len(seen[1])}
}

type templateKey struct {
	entity   int
	template string
}

// templateTrace is a statement in a trace, which counts once.
type templateTrace struct {
	template int
	trace    string
}

// measureLogs counts every template per side, once per trace, and ties lines to
// their spans.
func (v *view) measureLogs() {
	l := &v.logs
	lines := v.c.Logs
	l.line, l.node = make([]int, len(lines)), make([]int, len(lines))
	if len(lines) == 0 {
		l.byEnt = make([][]int, len(v.names))
		return
	}
	v.tieLines()
	index := map[templateKey]int{}
	seen := make(map[templateTrace]bool, len(lines))
	minutes := [2]map[int64]bool{{}, {}}
	for i := range lines {
		ln := &lines[i]
		l.line[i] = -1
		if !v.countsLine(ln) {
			continue
		}
		sd := sideOf(ln.Baseline)
		minutes[sd][ln.Time.Unix()/60] = true
		t := v.templateOf(i, index)
		if t < 0 {
			continue
		}
		l.line[i] = t
		f := &l.templates[t]
		if sd == 1 && f.first.IsZero() {
			f.first, f.line = ln.Time, i
		}
		if ln.TraceID != "" {
			k := templateTrace{t, ln.TraceID}
			if seen[k] {
				continue
			}
			seen[k] = true
		}
		f.count[sd]++
	}
	l.minutes = [2]int{len(minutes[0]), len(minutes[1])}
	v.sortTemplates()
	v.findReferences()
}

// tieLines finds the span that each line belongs to.
func (v *view) tieLines() {
	spans := v.spansByID()
	for i := range v.c.Logs {
		ln := &v.c.Logs[i]
		v.logs.node[i] = -1
		if ln.SpanID == "" {
			continue
		}
		if j, ok := spans[ln.SpanID]; ok && v.traces.nodes[j].span.TraceID == ln.TraceID {
			v.logs.node[i] = j
		}
	}
}

// templateOf is the number of a line's template, a new one where it is the first
// with it; -1 for a line of no candidate.
func (v *view) templateOf(line int, index map[templateKey]int) int {
	ln := &v.c.Logs[line]
	e := v.entity(ln.Service)
	if e < 0 {
		return -1
	}
	key := templateKey{e, ln.Template}
	t, ok := index[key]
	if !ok {
		t = len(v.logs.templates)
		index[key] = t
		v.logs.templates = append(v.logs.templates, templateFact{entity: e, template: ln.Template, severity: severityOf(ln), line: line, names: -1})
	}
	return t
}

// countsLine reports whether a line belongs to either side.
func (v *view) countsLine(ln *CaseLog) bool {
	if ln.Baseline || v.c.Incident.IsZero() {
		return true
	}
	incident, _ := v.c.side(ln.Time)
	return incident
}

// spansByID finds a span's node by its ID.
func (v *view) spansByID() map[string]int {
	m := make(map[string]int, len(v.traces.nodes))
	for i := range v.traces.nodes {
		m[v.traces.nodes[i].span.SpanID] = i
	}
	return m
}

// sortTemplates puts the templates in a total order and renumbers the lines.
func (v *view) sortTemplates() {
	l := &v.logs
	order := make([]int, len(l.templates))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := &l.templates[a], &l.templates[b]
		return cmp.Or(cmp.Compare(x.entity, y.entity), strings.Compare(x.template, y.template))
	})
	sorted := make([]templateFact, len(order))
	renamed := make([]int, len(order))
	for to, from := range order {
		sorted[to] = l.templates[from]
		renamed[from] = to
	}
	l.templates = sorted
	for i, t := range l.line {
		if t >= 0 {
			l.line[i] = renamed[t]
		}
	}
	l.byEnt = make([][]int, len(v.names))
	for i := range l.templates {
		e := l.templates[i].entity
		l.byEnt[e] = append(l.byEnt[e], i)
	}
}

// findReferences finds out which lines speak of another candidate or of
// somebody else's failure.
func (v *view) findReferences() {
	for i := range v.logs.templates {
		f := &v.logs.templates[i]
		body := lowerBody(v, f.line)
		f.remote = containsAny(body, remoteWords)
		longest := 0
		for e, name := range v.names {
			if e != f.entity && len(name) > longest && len(name) >= 4 && mentions(body, strings.ToLower(name)) {
				f.names, longest = e, len(name)
			}
		}
	}
}

// mentions reports whether a name stands in a text as a word of its own.
func mentions(text, name string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(name)
		if (i == 0 || !wordByte(text[i-1])) && (end == len(text) || !wordByte(text[end])) {
			return true
		}
		from = i + 1
	}
}

func wordByte(b byte) bool {
	return b == '_' || b == '-' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// remoteWords are how software of any language says that the other side
// failed: words of RPC and HTTP status texts, of proxies, of socket errors.
var remoteWords = []string{
	"upstream", "downstream", "remote error", "connection refused", "connection reset", "no route to host", "bad gateway",
	"service unavailable", "gateway timeout", "returned 5", "status 5", "status code 5", "status=5", "rpc error", "propagat", "caller", "read timed out", "connect timed out",
}

// failureWords are what marks a line as bad news when it carries no severity.
var failureWords = []string{
	"error", "exception", "fail", "fatal", "panic", "refused", "timeout", "timed out", "deadline exceeded", "unavailable", "denied", "invalid", "cannot", "unable", "killed", "traceback", "exhausted", "abort",
}

func containsAny(text string, words []string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// severityOf is a line's severity, told from its words where it carries none.
func severityOf(ln *CaseLog) evidence.Severity {
	if ln.Severity != evidence.SeverityUnknown {
		return ln.Severity
	}
	head := ln.Body
	if len(head) > 300 {
		head = head[:300]
	}
	for _, w := range strings.FieldsFunc(head, func(r rune) bool { return r < 'A' || r > 'Z' && r < 'a' || r > 'z' }) {
		switch w {
		case "ERROR", "ERR", "SEVERE", "error", "level=error":
			return evidence.SeverityError
		case "FATAL", "CRITICAL", "PANIC", "panic":
			return evidence.SeverityFatal
		case "WARN", "WARNING", "warn":
			return evidence.SeverityWarn
		case "INFO", "DEBUG", "TRACE", "info", "debug":
			return evidence.SeverityInfo
		}
	}
	if containsAny(strings.ToLower(head), failureWords) {
		return evidence.SeverityError
	}
	return evidence.SeverityInfo
}

// lowerBody is a line in lower case with what its fields say about an error.
func lowerBody(v *view, line int) string {
	ln := &v.c.Logs[line]
	text := ln.Body
	for _, k := range []string{"error", "err", "exception.message", "error.message"} {
		if x := ln.Attributes[k]; x != "" {
			text += " " + x
		}
	}
	return strings.ToLower(text)
}
