package view

import (
	"cmp"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/kube"
	"github.com/wherefore-dev/wherefore/correlate/spoken"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// logFacts are the log lines of the evidence by template.
type logFacts struct {
	Templates []templateFact // sorted by entity, then template
	ByEnt     [][]int        // templates by entity
	// Line is the template of each line of the case, -1 for a line of no
	// candidate; node is the span it belongs to, -1 for none.
	Line, Node []int
	// Minutes are the distinct minutes with any line, per side: what rates are
	// normalised by, since a window may be covered in part.
	Minutes [2]int
}

// templateFact is one log statement of one entity.
type templateFact struct {
	Entity   int
	Template string
	Severity evidence.Severity
	// Count is lines per side, counted once per trace; Alone are those of no trace.
	Count, Alone [2]int
	First        time.Time // in the incident
	// Minutes are the distinct minutes of the incident in which it was written.
	Minutes int
	minute  int64 // the last of them
	Begin   int   // first line of the incident, else of the baseline
	// Line stands for all: the first line of the incident with the commonest error, as
	// one statement may bear many, the earliest of equals. Saying and SayingAlone are Count and Alone of the
	// lines with that error.
	Line                int
	Saying, SayingAlone [2]int
	varies              bool // lines bear different errors
	// Names is another candidate that the line mentions, -1 for none.
	Names int
	// Says is what its text says of a failure, Remote that this is somebody else's.
	Says   spoken.Meaning
	Remote bool
}

// Watched are the distinct minutes of each side in which any span or line was
// seen.
func (v *View) Watched() [2]int {
	var seen [2]map[int64]bool
	for sd := range seen {
		seen[sd] = map[int64]bool{}
	}
	for i := range v.Evidence.Traces {
		if t := &v.Evidence.Traces[i]; len(t.Spans) > 0 && v.counts(t) {
			seen[SideOf(t.Baseline)][t.Spans[0].Start.Unix()/60] = true
		}
	}
	for i := range v.Evidence.Logs {
		if v.countsLine(&v.Evidence.Logs[i]) {
			seen[SideOf(v.Evidence.Logs[i].Baseline)][v.Evidence.Logs[i].Time.Unix()/60] = true
		}
	}
	return [2]int{len(seen[0]), len(seen[1])}
}

// templateKey is a statement: a template at a level. One that differs from its
// good twin by a word, as "accepted" and "rejected", has the same template, and so
// has an access log's line whatever the status.
type templateKey struct {
	entity   int
	template string
	grave    evidence.Severity // warning, error, or 0 for what is less
}

// graveOf is the level of a line as far as it makes another statement of it.
func graveOf(s evidence.Severity) evidence.Severity {
	switch {
	case s >= evidence.SeverityError:
		return evidence.SeverityError
	case s >= evidence.SeverityWarn:
		return evidence.SeverityWarn
	}
	return 0
}

// templateTrace is a statement in a trace, which counts once.
type templateTrace struct {
	template int
	trace    string
}

// measureLogs counts every template per side, once per trace, and ties lines to
// their spans.
func (v *View) measureLogs() {
	l := &v.Logs
	lines := v.Evidence.Logs
	l.Line, l.Node = make([]int, len(lines)), make([]int, len(lines))
	if len(lines) == 0 {
		l.ByEnt = make([][]int, len(v.Names))
		return
	}
	v.tieLines()
	index := map[templateKey]int{}
	seen := make(map[templateTrace]bool, len(lines))
	minutes := [2]map[int64]bool{{}, {}}
	for i := range lines {
		ln := &lines[i]
		l.Line[i] = -1
		if !v.countsLine(ln) {
			continue
		}
		sd := SideOf(ln.Baseline)
		minutes[sd][ln.Time.Unix()/60] = true
		t := v.templateOf(i, index)
		if t < 0 {
			continue
		}
		l.Line[i] = t
		f := &l.Templates[t]
		f.varies = f.varies || ln.Error != lines[f.Begin].Error
		if sd == 1 && f.First.IsZero() {
			f.First, f.Begin = ln.Time, i
		}
		if at := ln.Time.Unix() / 60; sd == 1 && (f.Minutes == 0 || at != f.minute) {
			f.Minutes, f.minute = f.Minutes+1, at
		}
		if ln.TraceID != "" {
			k := templateTrace{t, ln.TraceID}
			if seen[k] {
				continue
			}
			seen[k] = true
		} else {
			f.Alone[sd]++
		}
		f.Count[sd]++
	}
	l.Minutes = [2]int{len(minutes[0]), len(minutes[1])}
	v.represent()
	v.sortTemplates()
	v.findReferences()
}

// tieLines finds the span that each line belongs to.
func (v *View) tieLines() {
	spans := v.spansByID()
	for i := range v.Evidence.Logs {
		ln := &v.Evidence.Logs[i]
		v.Logs.Node[i] = -1
		if ln.SpanID == "" {
			continue
		}
		if j, ok := spans[ln.SpanID]; ok && v.Traces.Nodes[j].Span.TraceID == ln.TraceID {
			v.Logs.Node[i] = j
		}
	}
}

// templateOf is the number of a line's template, a new one where it is the first
// with it; -1 for a line of no candidate.
func (v *View) templateOf(line int, index map[templateKey]int) int {
	ln := &v.Evidence.Logs[line]
	e := v.Entity(ln.Service)
	if e < 0 {
		return -1
	}
	key := templateKey{e, ln.Template, graveOf(ln.Severity)}
	t, ok := index[key]
	if !ok {
		t = len(v.Logs.Templates)
		index[key] = t
		v.Logs.Templates = append(v.Logs.Templates, templateFact{Entity: e, Template: ln.Template, Severity: severityOf(ln), Begin: line, Names: -1})
	}
	return t
}

// countsLine reports whether a line belongs to either side.
func (v *View) countsLine(ln *gathered.Line) bool {
	if ln.Baseline || v.Evidence.Incident.IsZero() {
		return true
	}
	incident, _ := v.Evidence.LineSide(&ln.LogLine)
	return incident
}

// spansByID finds a span's node by its ID.
func (v *View) spansByID() map[string]int {
	m := make(map[string]int, len(v.Traces.Nodes))
	for i := range v.Traces.Nodes {
		m[v.Traces.Nodes[i].Span.SpanID] = i
	}
	return m
}

// sortTemplates puts the templates in a total order and renumbers the lines.
func (v *View) sortTemplates() {
	l := &v.Logs
	order := make([]int, len(l.Templates))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := &l.Templates[a], &l.Templates[b]
		return cmp.Or(cmp.Compare(x.Entity, y.Entity), strings.Compare(x.Template, y.Template), cmp.Compare(graveOf(x.Severity), graveOf(y.Severity)))
	})
	sorted := make([]templateFact, len(order))
	renamed := make([]int, len(order))
	for to, from := range order {
		sorted[to] = l.Templates[from]
		renamed[from] = to
	}
	l.Templates = sorted
	for i, t := range l.Line {
		if t >= 0 {
			l.Line[i] = renamed[t]
		}
	}
	l.ByEnt = make([][]int, len(v.Names))
	for i := range l.Templates {
		e := l.Templates[i].Entity
		l.ByEnt[e] = append(l.ByEnt[e], i)
	}
}

// findReferences finds out which lines speak of another candidate or of
// somebody else's failure.
func (v *View) findReferences() {
	for i := range v.Logs.Templates {
		f := &v.Logs.Templates[i]
		text := v.textOf(f.Line)
		body := strings.ToLower(text)
		f.Says = spoken.Says(text)
		f.Remote = f.Says.Any(spoken.OtherSide)
		longest := 0
		for e, name := range v.Names {
			if e != f.Entity && len(name) > longest && len(name) >= v.By.View.NameLetters && mentions(body, strings.ToLower(name)) {
				f.Names, longest = e, len(name)
			}
		}
		if v.resolver >= 0 && f.Entity != v.resolver && f.Severity >= evidence.SeverityWarn && kube.ResolverFailed(text) {
			f.Names = v.resolver // whatever name it asked for
		}
		if f.Names < 0 && f.Severity >= evidence.SeverityWarn {
			f.Names = v.addressed(f.Entity, body, f.Remote)
		}
	}
}

// addressed is the candidate that a line names by an address that the platform
// gave out or by the stem of a name, -1 for none. A stem, as cart of cartservice,
// is looked for among the callees of the writer only, and is a word of any
// message, unless a port follows or the line tells of a remote failure.
func (v *View) addressed(e int, body string, remote bool) int {
	words := strings.FieldsFunc(body, func(r rune) bool { return strings.ContainsRune(" \t\n,;=\"'()[]{}<>/|", r) })
	for _, w := range words {
		w = strings.Trim(w, ":.")
		host, _, _ := net.SplitHostPort(w)
		for _, a := range []string{w, host} {
			if to, ok := v.Evidence.Addresses[a]; ok && v.Entity(to) >= 0 && v.Entity(to) != e {
				return v.Entity(to)
			}
		}
	}
	callees := make([]string, len(v.Callees[e]))
	for i, c := range v.Callees[e] {
		callees[i] = v.Names[c]
	}
	for _, w := range words {
		host, _, err := net.SplitHostPort(strings.Trim(w, ":."))
		if err != nil {
			if host = strings.Trim(w, ":."); !remote {
				continue
			}
		}
		if to := topology.Stemmed(host, callees, v.By.Topology.Stem); to != "" {
			return v.Entity(to)
		}
	}
	return -1
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

// severityOf is a line's severity; one that tells none and of no failure says
// nothing that matters.
func severityOf(ln *gathered.Line) evidence.Severity {
	if ln.Severity == evidence.SeverityUnknown {
		return evidence.SeverityInfo
	}
	return ln.Severity
}

// textOf is what a line says and why.
func (v *View) textOf(line int) string {
	ln := &v.Evidence.Logs[line]
	return ln.Text() + " " + ln.Error
}
