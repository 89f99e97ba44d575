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

// readSpans reads every span of the bundle in file order. Spans are dropped
// when they ended after what Until allows: no backend would have had them yet.
func (b *Bundle) readSpans() ([]evidence.Span, error) {
	var spans []evidence.Span
	w := words{}
	var u ptrace.JSONUnmarshaler
	err := b.lines(SpansFile, func(line []byte, n int) error {
		td, err := u.UnmarshalTraces(line)
		if err != nil {
			return fault(SpansFile, n, "is not OTLP/JSON TracesData: %s", brief(err))
		}
		if !oneObject(line) {
			return fault(SpansFile, n, "holds something other than one JSON object")
		}
		if td.SpanCount() == 0 && !bytes.Contains(line, []byte(`"resourceSpans"`)) && !bytes.Contains(line, []byte(`"resource_spans"`)) {
			return fault(SpansFile, n, "has no resourceSpans; each line must be one OTLP TracesData")
		}
		spans, err = b.appendSpans(spans, td, w, n)
		return err
	})
	return spans, err
}

func (b *Bundle) appendSpans(spans []evidence.Span, td ptrace.Traces, w words, n int) ([]evidence.Span, error) {
	for i := range td.ResourceSpans().Len() {
		rs := td.ResourceSpans().At(i)
		resource, service := w.resource(rs.Resource())
		for j := range rs.ScopeSpans().Len() {
			list := rs.ScopeSpans().At(j).Spans()
			for k := range list.Len() {
				s, problem := w.span(list.At(k))
				if problem != "" {
					return nil, fault(SpansFile, n, "span %d %s", k+1, problem)
				}
				if b.hidden(s.End()) {
					continue
				}
				s.Service, s.Resource = service, resource
				if spans = append(spans, s); len(spans) > b.limits.Spans {
					return nil, fault(SpansFile, n, "bundle has more than %d spans", b.limits.Spans)
				}
			}
		}
	}
	return spans, nil
}

// span turns one OTLP span into evidence, or says what is wrong with it.
func (w words) span(p ptrace.Span) (s evidence.Span, problem string) {
	switch {
	case p.TraceID().IsEmpty():
		return s, "has no trace ID"
	case p.SpanID().IsEmpty():
		return s, "has no span ID"
	case !plausible(p.StartTimestamp()) || !plausible(p.EndTimestamp()):
		return s, "has no start or end time"
	case p.EndTimestamp() < p.StartTimestamp():
		return s, "ends before it starts"
	}
	s = evidence.Span{
		TraceID: w.keep(p.TraceID().String()), SpanID: p.SpanID().String(),
		Operation: w.keep(p.Name()), Start: instant(p.StartTimestamp()),
		Duration:      time.Duration(p.EndTimestamp() - p.StartTimestamp()),
		Failed:        p.Status().Code() == ptrace.StatusCodeError,
		StatusMessage: w.keep(p.Status().Message()),
		Attributes:    w.attributes(p.Attributes()),
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
	return s, ""
}

// compareSpans is the order of spans within a trace.
func compareSpans(a, b evidence.Span) int {
	return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.SpanID, b.SpanID), cmp.Compare(a.Service, b.Service),
		cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Duration, b.Duration))
}
