package bundle

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

var spanKinds = [...]evidence.SpanKind{
	ptrace.SpanKindInternal: evidence.SpanInternal,
	ptrace.SpanKindServer:   evidence.SpanServer,
	ptrace.SpanKindClient:   evidence.SpanClient,
	ptrace.SpanKindProducer: evidence.SpanProducer,
	ptrace.SpanKindConsumer: evidence.SpanConsumer,
}

// readSpans reads every span of the bundle, in order of their traces, and how far ahead
// services' clocks are. Spans are dropped when they ended after what Until allows: no
// backend would have had them yet.
func (b *Bundle) readSpans() (spans []evidence.Span, ahead map[string]time.Duration, err error) {
	var read spansRead
	w, lost := words{}, b.tally(SourceTraces)
	var u ptrace.JSONUnmarshaler
	err = b.lines(SpansFile, lost, func(line []byte, n int) error {
		if err := spansLine(line, n); err != nil {
			lost.leave(lostForeign, err)
			return nil
		}
		td, err := u.UnmarshalTraces(line)
		if err == nil {
			lost.read++
			return b.appendSpans(&read, td, w, lost)
		}
		fault := fault(SpansFile, n, "is not OTLP/JSON TracesData: %s", brief(err))
		pieces := apart(line, "resourceSpans", "scopeSpans", "spans")
		if len(pieces) == 0 {
			lost.leave(lostForeign, fault)
		}
		for _, piece := range pieces {
			td, err := u.UnmarshalTraces(piece)
			if err != nil {
				lost.leave(lostUnfit, fault)
				continue
			}
			lost.read++
			if err := b.appendSpans(&read, td, w, lost); err != nil {
				return err
			}
		}
		return nil
	})
	if err := cmp.Or(err, lost.end()); err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(read.spans, byTrace)
	if b.dates() {
		// All traces tell of clocks, also what was later: of a clock that is ahead all
		// may seem to be.
		ahead = b.clocks(tracesIn(read.spans))
		read.over.tell(lost, lostLateSpan, read.maybeAhead(ahead))
	}
	if read.late > 0 || len(ahead) > 0 {
		read.spans = slices.DeleteFunc(read.spans, func(s evidence.Span) bool { return b.hidden(s.End().Add(-ahead[s.Service])) })
	}
	if len(read.spans) < cap(read.spans)/2 {
		read.spans = slices.Clone(read.spans) // what is hidden shall not hold memory
	}
	return read.spans, ahead, nil
}

// spansRead are the spans of a bundle so far.
type spansRead struct {
	spans []evidence.Span
	late  int  // of them that ended too late by the clock that dated them
	over  over // those of them that are no more kept
}

// maybeAhead tells whose clocks are ahead, or may be: of a service that is left no span
// in time, since there was no room for those that seemed late, nobody can tell any more.
func (r *spansRead) maybeAhead(ahead map[string]time.Duration) func(service string) bool {
	left := map[string]bool{}
	if r.over != nil {
		for i := range r.spans {
			left[r.spans[i].Service] = true
		}
	}
	return func(service string) bool { return ahead[service] > 0 || !left[service] }
}

// spansLine says why a line is none of the file exporter's, if it is none.
func spansLine(line []byte, n int) error {
	switch {
	case line[0] == '{' && !oneObject(line) || string(line) == "null":
		return fault(SpansFile, n, "holds something other than one JSON object")
	case line[0] == '{' && !bytes.Contains(line, []byte(`"resourceSpans"`)) && !bytes.Contains(line, []byte(`"resource_spans"`)):
		return fault(SpansFile, n, "has no resourceSpans; each line must be one OTLP TracesData")
	}
	return nil
}

func (b *Bundle) appendSpans(read *spansRead, td ptrace.Traces, w words, lost *tally) error {
	for i := range td.ResourceSpans().Len() {
		rs := td.ResourceSpans().At(i)
		resource, service := w.resource(rs.Resource())
		for j := range rs.ScopeSpans().Len() {
			list := rs.ScopeSpans().At(j).Spans()
			for k := range list.Len() {
				s, kind, bad := w.span(list.At(k))
				if bad {
					lost.Add(kind, "")
					continue
				}
				s.Service, s.Resource = service, resource
				late := b.hidden(s.End())
				if late && !read.over.keeps(b.dates(), service) {
					continue
				}
				if read.spans = append(read.spans, s); late {
					read.late++
				}
				if len(read.spans) > b.limits.Spans && read.late > 0 {
					read.spans = slices.DeleteFunc(read.spans, func(s evidence.Span) bool { return b.hidden(s.End()) && read.over.add(s.Service) })
					read.late = 0
				}
				if len(read.spans) > b.limits.Spans {
					return fault(SpansFile, 0, "bundle has more than %d spans", b.limits.Spans)
				}
			}
		}
	}
	return nil
}

// span turns one OTLP span into evidence, or says why it cannot be used.
func (w words) span(p ptrace.Span) (s evidence.Span, kind evidence.LossKind, bad bool) {
	switch {
	case p.TraceID().IsEmpty() || p.SpanID().IsEmpty():
		return s, lostNameless, true
	case !plausible(p.StartTimestamp()) || !plausible(p.EndTimestamp()):
		return s, evidence.LostUndated, true
	}
	s = evidence.Span{
		TraceID: w.keep(p.TraceID().String()), SpanID: p.SpanID().String(),
		Operation: w.keep(p.Name()), Start: instant(p.StartTimestamp()),
		Duration:      time.Duration(p.EndTimestamp()) - time.Duration(p.StartTimestamp()),
		Failed:        p.Status().Code() == ptrace.StatusCodeError,
		StatusMessage: w.keep(p.Status().Message()),
		Attributes:    w.attributes(p.Attributes()),
	}
	if kind, bad = s.Unusable(); bad {
		return s, kind, true
	}
	if !p.ParentSpanID().IsEmpty() {
		s.ParentID = p.ParentSpanID().String()
	}
	if k := int(p.Kind()); k > 0 && k < len(spanKinds) {
		s.Kind = spanKinds[k]
	}
	for i := range p.Links().Len() {
		if l := p.Links().At(i); !l.TraceID().IsEmpty() && !l.SpanID().IsEmpty() {
			s.AddLink(evidence.SpanLink{TraceID: w.keep(l.TraceID().String()), SpanID: l.SpanID().String()})
		}
	}
	for i := range p.Events().Len() {
		e := p.Events().At(i)
		s.Events = append(s.Events, evidence.SpanEvent{Name: w.keep(e.Name()), Time: instant(e.Timestamp()), Attributes: w.attributes(e.Attributes())})
	}
	slices.SortStableFunc(s.Events, func(a, b evidence.SpanEvent) int { return a.Time.Compare(b.Time) })
	return s, kind, false
}

// compareSpans is the order of spans within a trace.
func compareSpans(a, b evidence.Span) int {
	return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.SpanID, b.SpanID), cmp.Compare(a.Service, b.Service),
		cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Duration, b.Duration))
}
