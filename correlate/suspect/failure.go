package suspect

import (
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/stacktrace"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/weights"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// failureText is what the telemetry of the incident says, as text and as signs.
type failureText struct {
	texts []weightedText
	// said are the signs by entity, in order of entity name; what no entity can
	// be named for, as the alert, stands under the empty name.
	said []entitySigns
}

type entitySigns struct {
	entity string
	signs  signs
}

// readFailure reads alerts, failing spans, warnings and errors, and metrics
// that moved.
func (s *Scorer) readFailure() failureText {
	var f failureText
	by := map[string]signs{}
	of := func(entity string) signs {
		if _, ok := by[entity]; !ok {
			by[entity] = newSigns()
		}
		return by[entity]
	}
	for _, t := range alertTexts(s.Evidence.Request.Alert) {
		ref := evidence.Ref{Kind: evidence.RefAlert, ID: s.Evidence.Request.Alert.Name(), Text: t}
		f.texts = append(f.texts, weightedText{t, s.by.Commit.Reading.Alert.Word, t, ref})
		s.read(of(""), t, s.by.Commit.Reading.Alert.Sign, ref)
	}
	for _, l := range s.newLines() {
		f.texts = append(f.texts, weightedText{shortText(stacktrace.Filter(l.text, s.concerns)), l.weight, l.text, l.ref})
		s.read(of(l.service), shortText(l.text), l.strength, l.ref)
	}
	for i := range s.measures {
		s.readMetric(of(s.measures[i].Series.Entity), &s.measures[i])
	}
	names := make([]string, 0, len(by))
	for n := range by {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		f.said = append(f.said, entitySigns{n, by[n]})
	}
	return f
}

// read adds the signatures that a text speaks for.
func (s *Scorer) read(to signs, text string, strength int, ref evidence.Ref) {
	found := newSigns()
	found.strength = s.reader.Symptoms(text)
	for _, sig := range found.inOrder() {
		to.add(sig, found.strength[sig]*strength/1000, ref)
	}
}

// alertTexts are what the alerts say in words: names and annotations, and the
// metric, but not which service they are about.
func alertTexts(a evidence.Alert) []string {
	var out []string
	add := func(text string) {
		if text != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	add(a.Name())
	for _, name := range []string{"summary", "description", "message", "detail", "details", "title"} {
		add(a.Annotation(name))
	}
	for _, name := range []string{"metric", "monitor"} {
		add(a.Label(name))
		add(a.Annotation(name))
	}
	return out
}

// failingText is one statement of the failure, however often it was repeated.
type failingText struct {
	service  string
	text     string
	weight   float64 // for the comparison of words
	strength int     // as a sign, in thousandths
	ref      evidence.Ref
	count    int
}

// newLines are the statements of the incident that warn or fail and that normal
// operation does not make at that rate, one per service and template, and the
// messages of failing spans; in order of first sight.
func (s *Scorer) newLines() []failingText {
	type key struct{ service, template string }
	before, during, spanBefore := map[key]int{}, map[key]int{}, map[key]int{}
	index := map[key]int{}
	var out []failingText
	for i := range s.Evidence.Logs {
		if l := &s.Evidence.Logs[i]; l.Baseline {
			before[key{l.Service, l.Template}]++
		} else {
			during[key{l.Service, l.Template}]++
		}
	}
	for i := range s.Evidence.Logs {
		l := &s.Evidence.Logs[i]
		k := key{l.Service, l.Template}
		if l.Baseline {
			continue
		}
		said := s.lineStrength(&l.LogLine, s.Evidence.Novel(before[k], during[k]))
		if said.Sign == 0 {
			continue
		}
		if j, ok := index[k]; ok {
			out[j].count++
			out[j].refer(lineRef(l), s.Evidence.Onset.Earliest)
			continue
		}
		index[k] = len(out)
		out = append(out, failingText{service: l.Service, text: lineText(&l.LogLine), weight: said.Word, strength: said.Sign, count: 1, ref: lineRef(l)})
	}
	failing := func(baseline bool, visit func(sp *evidence.Span, text string, k key, by evidence.CallID)) {
		for i := range s.Evidence.Traces {
			t := &s.Evidence.Traces[i]
			for j := range t.Spans {
				if sp := &t.Spans[j]; sp.Failed && t.Baseline == baseline {
					text := spanText(sp)
					visit(sp, text, key{sp.Service, text}, t.Brought())
				}
			}
		}
	}
	failing(true, func(_ *evidence.Span, _ string, k key, _ evidence.CallID) { spanBefore[k]++ })
	failing(false, func(sp *evidence.Span, text string, k key, by evidence.CallID) {
		ref := evidence.Ref{Kind: evidence.RefSpan, ID: sp.SpanID, TraceID: sp.TraceID, Service: sp.Service, Time: sp.Start, Text: wording.Excerpt(text), By: by}
		if j, ok := index[k]; ok {
			out[j].refer(ref, s.Evidence.Onset.Earliest)
		} else if spanBefore[k] == 0 {
			index[k] = len(out)
			out = append(out, failingText{service: sp.Service, text: text, weight: s.by.Commit.Reading.Span.Word, strength: s.by.Commit.Reading.Span.Sign, count: 1, ref: ref})
		}
	})
	return append(out, s.newCalls()...)
}

// newCalls are the operations on the traces of failing requests that normal
// requests never made, one each, in order of first sight: a call that a change
// brought in. They are no sign of a fault by themselves. A service of which no
// normal span is known has none.
func (s *Scorer) newCalls() []failingText {
	type key struct{ service, operation string }
	usual, known := map[key]bool{}, map[string]int{}
	for _, t := range s.Evidence.Traces {
		for j := range t.Spans {
			if sp := &t.Spans[j]; t.Baseline {
				usual[key{sp.Service, sp.Operation}] = true
				known[sp.Service]++
			}
		}
	}
	const most = 50
	var out []failingText
	for _, t := range s.Evidence.Traces {
		if t.Baseline || !slices.ContainsFunc(t.Spans, func(sp evidence.Span) bool { return sp.Failed }) {
			continue
		}
		for j := range t.Spans {
			sp := &t.Spans[j]
			if k := (key{sp.Service, sp.Operation}); known[sp.Service] >= s.by.Commit.Reading.Calls && !usual[k] && len(out) < most {
				usual[k] = true
				ref := evidence.Ref{Kind: evidence.RefSpan, ID: sp.SpanID, TraceID: sp.TraceID, Service: sp.Service, Time: sp.Start, Text: wording.Excerpt(sp.Operation)}
				out = append(out, failingText{service: sp.Service, text: callText(sp), weight: 1, count: 1, ref: ref})
			}
		}
	}
	return out
}

// callText is what a span calls.
func callText(sp *evidence.Span) string {
	parts := []string{sp.Operation}
	for _, name := range []string{"db.statement", "db.query.text", "http.route", "url.path", "rpc.method", "messaging.destination.name", "feature_flag.key"} {
		if v := sp.Attributes[name]; v != "" {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, " ")
}

func lineRef(l *gathered.Line) evidence.Ref {
	return evidence.Ref{Kind: evidence.RefLog, ID: l.Template, Service: l.Service, TraceID: l.TraceID, Time: l.Time, Text: wording.Excerpt(l.Said()), By: l.Brought()}
}

// refer points at another occurrence where the one known so far lies before the
// onset and that one does not: what is said now and then anyway does not tell
// when the failure reached a service.
func (f *failingText) refer(to evidence.Ref, onset time.Time) {
	if to.Kind == f.ref.Kind && f.ref.Time.Before(onset) && !to.Time.Before(onset) {
		f.ref = to
	}
}

// lineStrength is how much a line counts as a sign and in the comparison of
// words, 0 for one that neither warns nor is new.
func (s *Scorer) lineStrength(l *evidence.LogLine, novel bool) weights.Said {
	by := &s.by.Commit.Reading
	switch {
	case l.Severity >= evidence.SeverityError && novel:
		return by.NewError
	case l.Severity >= evidence.SeverityError:
		return by.Error
	case l.Severity >= evidence.SeverityWarn && novel:
		return by.NewWarning
	case l.Severity >= evidence.SeverityWarn:
		return by.Warning
	case novel && l.Severity < evidence.SeverityInfo && l.Severity != evidence.SeverityUnknown:
		return weights.Said{}
	case novel:
		return by.New
	}
	return weights.Said{}
}

// lineText is a line with what went wrong, in a fixed order.
func lineText(l *evidence.LogLine) string {
	text := l.Text()
	for _, v := range []string{l.Error, l.Stack} {
		if v != "" && !strings.Contains(text, v) {
			text += " " + v
		}
	}
	for _, name := range []string{"exception.type", "reason", "query", "db.statement"} {
		if v := l.Attributes[name]; v != "" && !strings.Contains(text, v) {
			text += " " + v
		}
	}
	return text
}

// concerns reports whether a frame may say something about the suspects: it is in
// code of the service's own, or in a file that one of them touches.
func (s *Scorer) concerns(f evidence.Frame) bool {
	if stacktrace.Own(f) {
		return true
	}
	return slices.ContainsFunc(s.candidates, func(cd Candidate) bool { return f.ChangedBy(&cd.Commit) })
}

// shortText cuts what is too long to be one statement: its beginning and its end
// stay, since some runtimes print the message first and others last, and so do
// the heads of the exceptions that caused it.
func shortText(text string) string {
	const most, mostHead, mostTail = 2400, 1200, 800
	if len(text) <= most {
		return text
	}
	var causes []string
	room := most - mostHead - mostTail
	for l := range strings.Lines(text[mostHead : len(text)-mostTail]) {
		if l = strings.TrimSpace(l); strings.HasPrefix(l, "Caused by: ") || strings.HasPrefix(l, "[cause]: ") {
			l = l[:min(len(l), room)]
			room -= len(l)
			causes = append(causes, l)
		}
	}
	return strings.ToValidUTF8(text[:mostHead]+"\n"+strings.Join(causes, "\n")+"\n"+text[len(text)-mostTail:], "")
}

func spanText(sp *evidence.Span) string {
	parts := []string{sp.Operation, sp.StatusMessage}
	for _, name := range []string{"exception.type", "exception.message", "error", "error.type", "error.message", "db.statement", "db.query.text", "feature_flag.key"} {
		if v := sp.Attributes[name]; v != "" && v != "true" {
			parts = append(parts, v)
		}
	}
	for _, e := range sp.Events {
		parts = append(parts, e.Attributes["exception.type"], e.Attributes["exception.message"])
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// readMetric adds the signatures of a measure that moved, by the words of its name
// and the way it went.
func (s *Scorer) readMetric(to signs, f *view.Metric) {
	strength := stat.Milli(f.Movement())
	if strength == 0 {
		return
	}
	for _, sig := range mechanism.MetricSymptoms(f.Series.Name, f.Z > 0) {
		to.add(sig, strength, view.MetricRefs([]*view.Metric{f})...)
	}
}
