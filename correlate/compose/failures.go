package compose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/errorclass"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// Bounds on the errors of a report and on what is said of one.
const (
	shownFailures  = 5
	shownRefs      = 3
	shownEndpoints = 3
)

// failure is a kind of error while it is counted.
type failure struct {
	report.Failure
	traces    map[string]bool // those that were counted
	endpoints map[string]int
	times     []time.Time
	stack     bool // an exception or a stack came with it
	near      int  // how near to the first cause: see nearness
	// samples belong to Refs, in their order; line is the line that shows it best.
	samples []sample
	line    *evidence.Ref
	lineBy  sample
}

// voices collects what programs say of failures, by service and by message with
// its variable parts masked.
type voices struct {
	c       *gathered.Evidence
	by      map[[2]string]*failure
	order   []*failure // by first sight
	placed  map[string]*gathered.Frame
	serving map[string]*evidence.Span
	// sought is what the first cause's findings refer to, drawn the trace that is shown.
	sought sought
	drawn  string
}

// failures are the errors that came with the incident: those that normal work
// does not bring about, or not as often, said by the blamed entity, by who calls
// it or by who alerts. The traces that are named of each are those that the first
// cause's findings refer to, and the one that is drawn, before any other.
func failures(c *gathered.Evidence, causes []report.Cause, drawn *report.TraceView, classes *errorclass.Classifier) (shown []report.Failure, counts []report.ErrorCount) {
	v := &voices{c: c, by: map[[2]string]*failure{}, placed: map[string]*gathered.Frame{}, serving: map[string]*evidence.Span{}, sought: soughtTrace(causes)}
	if drawn != nil {
		v.drawn = drawn.Trace.ID
	}
	v.placeSpans()
	v.hearSpans()
	v.hearLines()
	list := slices.DeleteFunc(v.order, func(f *failure) bool { return f.Seen == 0 || !c.Novel(f.Before, f.Seen) })
	for _, f := range list {
		f.near = nearness(c, causes, f.Service)
	}
	list = slices.DeleteFunc(list, func(f *failure) bool { return f.near > alertingNear })
	slices.SortStableFunc(list, compareFailures)
	for _, f := range list {
		class := classes.Classify(errorclass.Error{Status: f.Status, Type: f.Type, Text: f.Message})
		f.Class, f.ClassBy = string(class.Class), class.Rule
	}
	for _, f := range list[:min(len(list), shownFailures)] {
		if f.line != nil && !slices.ContainsFunc(f.Refs, func(r evidence.Ref) bool { return r.Kind == evidence.RefLog }) {
			f.Refs = append(f.Refs, *f.line)
		}
		f.Endpoints, f.Over = mostFrequent(f.endpoints, shownEndpoints), overTime(c.Survey, f.times)
		shown = append(shown, f.Failure)
	}
	return shown, countedByClass(list)
}

// countedByClass counts errors by class.
func countedByClass(list []*failure) []report.ErrorCount {
	var counts []report.ErrorCount
	for _, class := range []errorclass.Class{errorclass.Fatal, errorclass.Recoverable, errorclass.Noisy} {
		n := report.ErrorCount{Class: string(class)}
		for _, f := range list {
			if f.Class != n.Class {
				continue
			}
			n.Kinds, n.Seen = n.Kinds+1, n.Seen+f.Seen
			if f.ClassBy == "" {
				n.Unclassified += f.Seen
			}
		}
		if n.Kinds > 0 {
			counts = append(counts, n)
		}
	}
	return counts
}

// classFacts says what the errors mean, where not all of them mean the same.
func classFacts(counts []report.ErrorCount) []string {
	if len(counts) < 2 {
		return nil
	}
	all := 0
	var parts []string
	for _, n := range counts {
		all += n.Seen
		part := fmt.Sprintf("%d %s", n.Seen, n.Class)
		if n.Unclassified > 0 {
			part += fmt.Sprintf(" (%d of them by no rule)", n.Unclassified)
		}
		parts = append(parts, part)
	}
	return []string{wording.Say("impact/classes", fmt.Sprintf("of %d errors read, %s", all, wording.Listed(parts, len(parts))))}
}

// The steps of nearness.
const (
	causeNear = iota
	callerNear
	alertingNear
	nowhereNear
)

// nearness is how near to the first cause a service is: the cause itself, who
// calls it, who alerts, and everybody else. What has no telemetry of its own is
// spoken of by its callers.
func nearness(c *gathered.Evidence, causes []report.Cause, service string) int {
	if len(causes) > 0 {
		entity := causes[0].Entity.Name
		if service == entity {
			return causeNear
		}
		if slices.ContainsFunc(c.Edges, func(e evidence.Edge) bool { return e.Caller == service && e.Callee == entity }) {
			return callerNear
		}
	}
	if slices.Contains(c.Alerting, service) || service == c.Service {
		return alertingNear
	}
	return nowhereNear
}

// compareFailures puts first what the cause says, then what came more than once,
// then exceptions, then what is new, frequent and early.
func compareFailures(a, b *failure) int {
	return cmp.Or(
		cmp.Compare(a.near, b.near),
		gathered.CompareBool(b.Seen > 1 || b.stack, a.Seen > 1 || a.stack),
		gathered.CompareBool(b.stack, a.stack),
		gathered.CompareBool(b.Before == 0, a.Before == 0),
		cmp.Compare(b.Seen, a.Seen), a.First.Compare(b.First),
		cmp.Compare(a.Service, b.Service), cmp.Compare(a.Message, b.Message), cmp.Compare(a.Type, b.Type),
	)
}

// placeSpans finds the place in code that was read for a span, and the
// operation that serves a caller when it runs.
func (v *voices) placeSpans() {
	for i := range v.c.Frames {
		f := &v.c.Frames[i]
		for _, r := range f.Refs {
			if r.Kind == evidence.RefSpan && v.placed[r.ID] == nil && f.Blame != nil {
				v.placed[r.ID] = f
			}
		}
	}
	for ti := range v.c.Traces {
		spans := v.c.Traces[ti].Spans
		index := make(map[string]int, len(spans))
		for i := range spans {
			index[spans[i].SpanID] = i
		}
		for i := range spans {
			at := i
			for range spans { // a cycle of parents ends
				p, ok := index[spans[at].ParentID]
				if s := &spans[at]; s.Kind == evidence.SpanServer || s.Kind == evidence.SpanConsumer || !ok || spans[p].Service != s.Service {
					break
				}
				at = p
			}
			v.serving[spans[i].SpanID] = &spans[at]
		}
	}
}

func (v *voices) hearSpans() {
	for ti := range v.c.Traces {
		t := &v.c.Traces[ti]
		for i := range t.Spans {
			s := &t.Spans[i]
			kind, message, stack := spanError(s)
			if !s.Failed || message == "" {
				continue
			}
			f := v.count(s.Service, message, message, t.Baseline, evidence.Ref{
				Kind: evidence.RefSpan, ID: s.SpanID, TraceID: s.TraceID, Service: s.Service, Time: s.Start.UTC(), Text: wording.Excerpt(message)})
			v.describe(f, s.SpanID, kind, stack)
		}
	}
}

func (v *voices) hearLines() {
	for i := range v.c.Logs {
		l := &v.c.Logs[i]
		reason := l.Error != "" || l.Stack != ""
		if l.Severity < evidence.SeverityError && (!reason || l.Severity != evidence.SeverityUnknown && l.Severity < evidence.SeverityWarn) {
			continue
		}
		said := oneLine(l.Said())
		if said == "" {
			continue
		}
		f := v.count(l.Service, cmp.Or(oneLine(l.Error), said), said, l.Baseline, evidence.Ref{
			Kind: evidence.RefLog, ID: l.SpanID, TraceID: l.TraceID, Service: l.Service, Time: l.Time.UTC(), Text: wording.Excerpt(l.Said())})
		if f.Place == nil && l.Stack == "" && l.Caller.File != "" {
			f.Place = v.place(l.Service, []evidence.Frame{l.Caller})
		}
		v.describe(f, l.SpanID, telling(l.Attributes["exception.type"]), l.Stack)
	}
}

// count adds one sight of a message. The key is the error itself; what is shown
// is the longest that a sight with the same error says.
func (v *voices) count(service, key, said string, baseline bool, ref evidence.Ref) *failure {
	k := [2]string{service, sameError(key)}
	f := v.by[k]
	if f == nil {
		f = &failure{Failure: report.Failure{Service: service, Message: wording.Excerpt(said)}, traces: map[string]bool{}, endpoints: map[string]int{}}
		v.by[k] = f
		v.order = append(v.order, f)
	} else if f.Message == wording.Excerpt(key) {
		f.Message = wording.Excerpt(said)
	}
	first := ref.TraceID == "" || !f.traces[ref.TraceID]
	f.traces[ref.TraceID] = true
	if first {
		f.times = append(f.times, ref.Time)
	}
	if baseline {
		if first {
			f.Before++
		}
		return f
	}
	f.First, f.Last = evidence.Earlier(f.First, ref.Time), evidence.Later(f.Last, ref.Time)
	if first {
		f.Seen++
		if ref.TraceID == "" {
			f.Lines++
		}
		if s := v.serving[ref.ID]; s != nil {
			f.endpoints[s.Operation]++
		}
	}
	by := v.sample(ref)
	if first {
		f.keep(ref, by)
	}
	if ref.Kind == evidence.RefLog && (f.line == nil || by.compare(f.lineBy) < 0) {
		f.line, f.lineBy = &ref, by
	}
	return f
}

// describe adds what a sight tells beside the message: the type, the place, how
// the call ended.
func (v *voices) describe(f *failure, span, kind, stack string) {
	f.Type = cmp.Or(f.Type, wording.Excerpt(oneLine(kind)))
	f.stack = f.stack || stack != "" || kind != ""
	if f.Place == nil {
		f.Place = v.stackPlace(f.Service, stack)
	}
	if at := v.placed[span]; at != nil && (f.Place == nil || f.Place.Revision == "") {
		ref := at.Blame.Ref
		f.Place = &ref
	}
	if s := v.serving[span]; s != nil && s.Failed {
		f.Status = cmp.Or(f.Status, s.Status())
	}
}

// overTime counts instants in equal steps of a window; nil without one.
func overTime(w evidence.Window, times []time.Time) *report.Chart {
	const shownSteps = 48
	step := w.Duration() / shownSteps
	if step <= 0 {
		return nil
	}
	samples := make([]evidence.Sample, shownSteps)
	for i := range samples {
		samples[i].Time = w.Start.Add(time.Duration(i) * step).UTC()
	}
	for _, t := range times {
		if i := int(t.Sub(w.Start) / step); !t.Before(w.Start) && i <= shownSteps {
			samples[min(i, shownSteps-1)].Value++
		}
	}
	return &report.Chart{Name: "seen in " + wording.Approximately(step), Samples: samples}
}

// oneLine is the first line of a text that says something.
func oneLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(line)
}

// mostFrequent are the names counted most often, at most most of them.
func mostFrequent(counts map[string]int, most int) []string {
	names := make([]string, 0, len(counts))
	for n := range counts { // sorted below
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	return names[:min(len(names), most)]
}
