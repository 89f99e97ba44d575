package frames

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/stacktrace"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// mostFrames is how many frames of one stack are read.
const mostFrames = 64

// Stacks are the places of the stacks that evidence holds, each innermost first,
// dependencies' and the runtime's included.
type Stacks [][]place

// frameSet collects the places in code that evidence names.
type frameSet struct {
	byPlace map[place]*gathered.Frame
	stacks  Stacks
	// parsed holds the stacks read so far: a fault prints the same one in
	// every request.
	parsed map[string][]evidence.Frame
}

type place struct {
	service, file, function string
	line                    int
}

// Named lists the places in code that the incident names, most telling first,
// and the stacks that they stand in. Whose code a place is in is settled later.
func Named(c *gathered.Evidence) ([]gathered.Frame, Stacks) {
	set := &frameSet{byPlace: map[place]*gathered.Frame{}, parsed: map[string][]evidence.Frame{}}
	for ti := range c.Traces {
		t := &c.Traces[ti]
		for si := range t.Spans {
			set.span(&t.Spans[si], t.Baseline, t.Brought())
		}
	}
	for i := range c.Logs {
		if c.Logs[i].Severity >= evidence.SeverityWarn {
			set.line(&c.Logs[i])
		}
	}
	list := make([]gathered.Frame, 0, len(set.byPlace))
	for _, f := range set.byPlace { // sorted below
		if f.Seen > 0 {
			list = append(list, *f)
		}
	}
	slices.SortFunc(list, compareFrames)
	return list, set.stacks
}

// compareFrames puts first what failed, then what is new, then what is named
// exactly, innermost and most often.
func compareFrames(a, b gathered.Frame) int {
	return cmp.Or(
		-gathered.CompareBool(a.Failing, b.Failing),
		-gathered.CompareBool(a.Before == 0, b.Before == 0),
		cmp.Compare(rungOrder(a.Frame.Rung), rungOrder(b.Frame.Rung)),
		cmp.Compare(a.Depth, b.Depth),
		cmp.Compare(b.Seen, a.Seen),
		cmp.Compare(a.Service, b.Service), cmp.Compare(a.Frame.File, b.Frame.File),
		cmp.Compare(a.Frame.Line, b.Frame.Line), cmp.Compare(a.Frame.Function, b.Frame.Function),
	)
}

// rungOrder ranks the ways in which a place is known. A stack beats a span's
// own location here: it says where it broke, not where the call began.
func rungOrder(r evidence.LocationRung) int {
	return slices.Index([]evidence.LocationRung{evidence.LocationStack, evidence.LocationSpan, evidence.LocationCaller, evidence.LocationSymbol}, r)
}

func (s *frameSet) add(service string, f evidence.Frame, depth int, failing, baseline bool, ref evidence.Ref) {
	p := place{service, f.File, f.Function, f.Line}
	have := s.byPlace[p]
	if have == nil {
		have = &gathered.Frame{Service: service, Frame: f, Depth: depth}
		s.byPlace[p] = have
	}
	have.Depth = min(have.Depth, depth)
	if baseline {
		have.Before++
		return
	}
	have.Seen++
	have.Failing = have.Failing || failing
	if have.Time.IsZero() || ref.Time.Before(have.Time) {
		have.Time = ref.Time
	}
	const mostOfPlace = 3
	if len(have.Refs) < mostOfPlace {
		have.Refs = append(have.Refs, ref)
	}
}

// span takes a span's own location and the stacks of its exceptions.
func (s *frameSet) span(sp *evidence.Span, baseline bool, by evidence.CallID) {
	ref := evidence.Ref{Kind: evidence.RefSpan, ID: sp.SpanID, TraceID: sp.TraceID, Service: sp.Service, Time: sp.Start, By: by}
	if f, ok := codeAttributes(sp.Attributes); ok {
		s.add(sp.Service, f, 0, sp.Failed, baseline, ref)
	}
	stacks := []string{sp.Attributes["exception.stacktrace"], sp.Attributes["code.stacktrace"]}
	for _, e := range sp.Events {
		stacks = append(stacks, e.Attributes["exception.stacktrace"])
	}
	for _, text := range stacks {
		s.stack(sp.Service, text, baseline, ref)
	}
}

// line takes a line's stack, else the place that wrote it.
func (s *frameSet) line(l *gathered.Line) {
	ref := evidence.Ref{Kind: evidence.RefLog, ID: l.SpanID, TraceID: l.TraceID, Service: l.Service, Time: l.Time, Text: wording.Excerpt(l.Said()), By: l.Brought()}
	failing := l.Severity >= evidence.SeverityError
	if s.stack(l.Service, l.Stack, l.Baseline, ref) {
		return
	}
	f := l.Caller
	if f == (evidence.Frame{}) {
		f, _ = codeAttributes(l.Attributes) // a function alone
	}
	if f != (evidence.Frame{}) {
		f.Rung = evidence.LocationCaller
		s.add(l.Service, f, 0, failing, l.Baseline, ref)
	}
}

func (s *frameSet) stack(service, text string, baseline bool, ref evidence.Ref) bool {
	if text == "" {
		return false
	}
	parsed, known := s.parsed[text]
	if !known {
		parsed, _ = stacktrace.Parse(text)
		s.parsed[text] = parsed
	}
	depth := 0
	var places []place
	for _, f := range parsed[:min(len(parsed), mostFrames)] {
		f.Rung = evidence.LocationStack
		s.add(service, f, depth, true, baseline, ref)
		places = append(places, place{service, f.File, f.Function, f.Line})
		if stacktrace.Own(f) {
			depth++
		}
	}
	if !known {
		s.stacks = append(s.stacks, places)
	}
	return depth > 0
}

// codeAttributes reads code.* attributes, the stable names first, then the
// deprecated ones.
func codeAttributes(at map[string]string) (evidence.Frame, bool) {
	file := cmp.Or(at["code.file.path"], at["code.filepath"])
	line, _ := strconv.Atoi(cmp.Or(at["code.line.number"], at["code.lineno"]))
	function := cmp.Or(at["code.function.name"], at["code.function"])
	if ns := at["code.namespace"]; ns != "" && function != "" && at["code.function.name"] == "" {
		function = ns + "." + function
	}
	if file == "" && function == "" {
		return evidence.Frame{}, false
	}
	rung := evidence.LocationSpan
	if file == "" {
		rung = evidence.LocationSymbol
	}
	return evidence.Frame{File: file, Line: max(line, 0), Function: function, Rung: rung}, true
}
