package page

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TraceCard is a trace drawn as a waterfall.
type TraceCard struct {
	State   State
	ID      string
	Link    Link
	Why     string
	Total   string
	Started Clock
	Half    string // the middle of the time axis
	Rows    []SpanRow
	Folded  []SpanRow // the rest of a long trace
	Rest    string
	Skew    State // partial when clocks disagree
	// Loose are log lines of the trace that belong to no span shown.
	Loose []SpanLog
	Spans string // how many spans of how many services
}

// SpanRow is one span.
type SpanRow struct {
	Anchor    string
	Indent    string // static class i0 to i12
	Service   string
	Operation string
	Place     Link
	// X and W are the bar's place and width out of 1000.
	X, W     string
	Took     string // of all of them together, where Times counts more than one
	Times    string // "×18" for calls that repeat themselves, else empty
	Self     string // share of its time not spent in children, where it is most
	Failed   bool
	Origin   bool // it failed and nothing below it did
	Critical bool
	Skewed   string
	Message  string
	Logs     []SpanLog
	Hidden   string // log lines left out
}

// SpanLog is a log line under its span.
type SpanLog struct{ When, Level, Text, Class string }

const (
	shownSpans = 40
	maxSpans   = 160 // spans in the card at all; the backend has the rest
	spanLogs   = 3   // lines under one span
)

func (b *builder) traceCard() TraceCard {
	v := b.rep.Trace
	none := "No trace shows the failure."
	if v == nil || len(v.Trace.Spans) == 0 {
		return TraceCard{State: b.state(true, none, "traces")}
	}
	c := TraceCard{State: b.state(false, "", "traces"), ID: short(v.Trace.ID, 32), Why: text(v.Why), Link: Link{"open", b.trace(v.Trace.ID, "")}}
	if v.Trace.Truncated {
		c.State = State{StatePartial, "Incomplete: the trace was cut at " + count(len(v.Trace.Spans)) + " spans."}
	}
	w := newWaterfall(b, v)
	c.Total, c.Half, c.Started = duration(w.end.Sub(w.start)), duration(w.end.Sub(w.start)/2), b.near(w.start)
	c.Spans = plural(len(v.Trace.Spans), "span", "spans") + " in " + plural(w.services, "service", "services")
	order := w.order()
	keep := w.keep(order)
	for _, n := range order {
		switch {
		case keep[n.span.SpanID]:
			c.Rows = append(c.Rows, w.row(n))
		case len(keep)+len(c.Folded) < maxSpans:
			c.Folded = append(c.Folded, w.row(n))
		}
	}
	if rest := len(order) - len(c.Rows) - len(c.Folded); rest > 0 {
		c.Rest = plural(rest, "further span is", "further spans are") + " not drawn."
	}
	c.Skew, c.Loose = skewed(texts(v.Skews)), w.loose()
	return c
}

// skewed says that clocks disagree, by the first span that shows it.
func skewed(all []string) State {
	if len(all) == 0 {
		return State{}
	}
	words := "The clocks differ; times are shown as recorded: " + all[0]
	if rest := len(all) - 1; rest > 0 {
		words += ", and " + plural(rest, "span more", "spans more") + " like it"
	}
	return State{StatePartial, words + "."}
}

// waterfall arranges the spans of one trace.
type waterfall struct {
	b          *builder
	view       *report.TraceView
	children   map[string][]int
	logs       map[string][]evidence.LogLine
	critical   map[string]bool
	skewed     map[string]bool
	start, end time.Time
	services   int
}

// node is a span and how deep it stands.
type node struct {
	span  evidence.Span
	depth int
	// more are the siblings that the span stands for.
	more []evidence.Span
}

func newWaterfall(b *builder, v *report.TraceView) *waterfall {
	w := &waterfall{b: b, view: v, children: map[string][]int{}, logs: map[string][]evidence.LogLine{}, critical: map[string]bool{}, skewed: map[string]bool{}}
	starts, services := map[string]time.Time{}, map[string]bool{}
	for _, s := range v.Trace.Spans {
		starts[s.SpanID], services[s.Service] = s.Start, true
	}
	w.services = len(services)
	for i, s := range v.Trace.Spans {
		parent := s.ParentID
		parentStart, known := starts[parent]
		if !known || parent == s.SpanID {
			parent = "" // an orphan is drawn as a root, and so is its own parent
		}
		w.children[parent] = append(w.children[parent], i)
		if w.start.IsZero() || s.Start.Before(w.start) {
			w.start = s.Start
		}
		w.end = evidence.Later(w.end, s.End())
		// A span that starts before its parent shows that clocks disagree; that is
		// shown and never corrected.
		w.skewed[s.SpanID] = parent != "" && s.Start.Before(parentStart.Add(-time.Millisecond))
	}
	for _, l := range v.Logs {
		w.logs[l.SpanID] = append(w.logs[l.SpanID], l)
	}
	for _, id := range v.CriticalPath {
		w.critical[id] = true
	}
	return w
}

// order walks the tree depth first, children by start. A span is visited once,
// so that a cycle of parents ends; spans on a cycle come last.
func (w *waterfall) order() []node {
	spans := w.view.Trace.Spans
	out := make([]node, 0, len(spans))
	seen := make([]bool, len(spans))
	var walk func(parent string, depth int)
	walk = func(parent string, depth int) {
		for _, i := range w.children[parent] {
			if !seen[i] {
				seen[i] = true
				out = append(out, node{span: spans[i], depth: depth})
				for _, j := range w.alike(parent, i) {
					seen[j] = true
					out[len(out)-1].more = append(out[len(out)-1].more, spans[j])
				}
				walk(spans[i].SpanID, min(depth+1, 64))
			}
		}
	}
	walk("", 0)
	for i := range spans {
		if !seen[i] {
			seen[i] = true
			out = append(out, node{span: spans[i]})
			walk(spans[i].SpanID, 1)
		}
	}
	return out
}

// fewAlike is from how many calls on one row stands for all of them.
const fewAlike = 4

// alike are the other children of a parent that do the same as one of them, and
// call nobody: the queries of a loop. None where they are few. One that failed
// stands for others that failed.
func (w *waterfall) alike(parent string, i int) []int {
	one := w.view.Trace.Spans[i]
	var out []int
	for _, j := range w.children[parent] {
		s := w.view.Trace.Spans[j]
		if s.Service == one.Service && s.Operation == one.Operation && s.Failed == one.Failed && len(w.children[s.SpanID]) == 0 && s.SpanID != parent && j != i {
			out = append(out, j)
		}
	}
	if len(w.children[one.SpanID]) > 0 || len(out)+1 < fewAlike {
		return nil
	}
	return out
}

// keep picks the spans of a long trace that tell the story: the critical path,
// failures and what has log lines; then the rest from the top.
func (w *waterfall) keep(order []node) map[string]bool {
	keep := map[string]bool{}
	pick := func(tells func(node) bool) {
		for _, n := range order {
			if len(keep) >= shownSpans {
				return
			}
			if tells(n) {
				keep[n.span.SpanID] = true
			}
		}
	}
	pick(func(n node) bool {
		return w.critical[n.span.SpanID] || slices.ContainsFunc(n.more, func(s evidence.Span) bool { return w.critical[s.SpanID] })
	})
	pick(func(n node) bool { return n.span.Failed })
	pick(func(n node) bool { return len(w.logs[n.span.SpanID]) > 0 })
	pick(func(node) bool { return true })
	return keep
}

func (w *waterfall) row(n node) SpanRow {
	s := n.span
	total := max(w.end.Sub(w.start), 1)
	from, to, took, lines := s.Start, s.End(), s.Duration, w.logs[s.SpanID]
	for _, m := range n.more {
		if m.Start.Before(from) {
			from = m.Start
		}
		to, took, lines = evidence.Later(to, m.End()), took+m.Duration, slices.Concat(lines, w.logs[m.SpanID])
	}
	x := int(1000 * float64(from.Sub(w.start)) / float64(total))
	width := max(int(1000*float64(to.Sub(from))/float64(total)), 3)
	r := SpanRow{
		Anchor: anchor("span-", s.SpanID), Indent: "i" + strconv.Itoa(min(n.depth, 12)),
		Service: short(s.Service, 40), Operation: short(s.Operation, 80), X: strconv.Itoa(min(x, 997)), W: strconv.Itoa(width),
		Took: duration(took), Failed: s.Failed, Critical: w.critical[s.SpanID] || slices.ContainsFunc(n.more, func(m evidence.Span) bool { return w.critical[m.SpanID] }), Place: w.place(s),
	}
	r.Origin = s.Failed && !slices.ContainsFunc(w.children[s.SpanID], func(i int) bool { return w.view.Trace.Spans[i].Failed })
	if r.Origin { // its callers mostly say the same once more
		r.Message = short(s.StatusMessage, 160)
	}
	if w.skewed[s.SpanID] {
		r.Skewed = "starts before its parent"
	}
	if len(n.more) > 0 {
		r.Times = "×" + count(len(n.more)+1)
	}
	for i, l := range mostTelling(lines, spanLogs) {
		if i < spanLogs {
			r.Logs = append(r.Logs, spanLog(l))
		}
	}
	if rest := len(lines) - len(r.Logs); rest > 0 {
		r.Hidden = plural(rest, "more line", "more lines")
	}
	return r
}

// place is where the span says its code stands, linked at the running revision
// when the report resolved that place.
func (w *waterfall) place(s evidence.Span) Link {
	file := cmp.Or(s.Attributes["code.file.path"], s.Attributes["code.filepath"])
	if file == "" || strings.HasPrefix(file, "<") { // <autogenerated>, <stdin>: no file
		return Link{}
	}
	line, _ := strconv.Atoi(cmp.Or(s.Attributes["code.line.number"], s.Attributes["code.lineno"])) // hostile; 0 is "no line"
	ref := evidence.CodeRef{Path: file, Line: max(line, 0)}
	for _, c := range w.b.rep.Code {
		if c.Service == s.Service && c.Ref.Line == ref.Line && hasSuffixPath(file, c.Ref.Path) {
			ref = c.Ref
		}
	}
	link := Link{codePlace(ref), w.b.line(ref)}
	ref.Path = path.Base(ref.Path)
	link.Text = codePlace(ref) // the code view has the folders
	return link
}

// hasSuffixPath reports whether one path ends with the other: a build machine
// puts its own folders before it.
func hasSuffixPath(a, b string) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	return a == b || b != "" && len(a) > len(b) && a[len(a)-len(b):] == b && a[len(a)-len(b)-1] == '/'
}

// mostTelling picks n lines, worst severity first, and puts them back in order.
func mostTelling(lines []evidence.LogLine, n int) []evidence.LogLine {
	if len(lines) <= n {
		return lines
	}
	out := slices.Clone(lines)
	slices.SortStableFunc(out, func(a, b evidence.LogLine) int { return cmp.Compare(b.Severity, a.Severity) })
	out = out[:n]
	slices.SortStableFunc(out, func(a, b evidence.LogLine) int { return a.Time.Compare(b.Time) })
	return out
}

func spanLog(l evidence.LogLine) SpanLog {
	out := SpanLog{When: l.Time.UTC().Format("15:04:05.000"), Level: l.Severity.String(), Text: short(l.Said(), 260)}
	if l.Severity >= evidence.SeverityError {
		out.Class = "bad"
	}
	return out
}

// loose are lines of the trace without a span of it.
func (w *waterfall) loose() []SpanLog {
	var out []SpanLog
	spans := map[string]bool{}
	for _, s := range w.view.Trace.Spans {
		spans[s.SpanID] = true
	}
	for _, l := range w.view.Logs {
		if !spans[l.SpanID] && len(out) < 10 {
			out = append(out, spanLog(l))
		}
	}
	return out
}
