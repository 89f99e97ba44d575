package bundle

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

// batch is how many spans or log lines share one line of a member: enough that
// resources are not repeated for each, few enough to stream.
const batch = 500

// Spans adds spans. Trace and span IDs must be 32 and 16 hex digits.
func (w *Writer) Spans(spans ...evidence.Span) error {
	for _, s := range spans {
		if w.spans = append(w.spans, s); len(w.spans) >= batch {
			w.flushSpans()
		}
	}
	return w.err
}

// Logs adds log lines.
func (w *Writer) Logs(lines ...evidence.LogLine) error {
	for _, l := range lines {
		if w.logs = append(w.logs, l); len(w.logs) >= batch {
			w.flushLogs()
		}
	}
	return w.err
}

func (w *Writer) flushSpans() {
	if len(w.spans) == 0 || w.err != nil {
		return
	}
	td := ptrace.NewTraces()
	byResource := map[string]ptrace.SpanSlice{}
	for _, s := range w.spans {
		key := resourceKey(s.Service, s.Resource)
		list, ok := byResource[key]
		if !ok {
			rs := td.ResourceSpans().AppendEmpty()
			w.putResource(rs.Resource().Attributes(), s.Service, s.Resource)
			list = rs.ScopeSpans().AppendEmpty().Spans()
			byResource[key] = list
		}
		if w.err = w.putSpan(list.AppendEmpty(), s); w.err != nil {
			return
		}
	}
	w.spans = w.spans[:0]
	var m ptrace.JSONMarshaler
	raw, err := m.MarshalTraces(td)
	if w.err = err; err == nil {
		w.line(SpansFile, true, raw)
	}
}

func (w *Writer) putSpan(p ptrace.Span, s evidence.Span) error {
	var trace [16]byte
	var span, parent [8]byte
	if !decodeID(trace[:], s.TraceID) || !decodeID(span[:], s.SpanID) || s.ParentID != "" && !decodeID(parent[:], s.ParentID) {
		return fmt.Errorf("bundle: span %.40q of trace %.40q has an ID that is not 16 or 32 hex digits: %w", s.SpanID, s.TraceID, evidence.ErrInvalid)
	}
	r := w.opts.Redact
	p.SetTraceID(trace)
	p.SetSpanID(span)
	p.SetParentSpanID(parent)
	p.SetName(r.Text(s.Operation))
	p.SetKind(ptrace.SpanKind(max(0, slices.Index(spanKinds[:], s.Kind))))
	p.SetStartTimestamp(pcommon.NewTimestampFromTime(s.Start))
	p.SetEndTimestamp(pcommon.NewTimestampFromTime(s.End()))
	if s.Failed {
		p.Status().SetCode(ptrace.StatusCodeError)
	}
	p.Status().SetMessage(r.Text(s.StatusMessage))
	w.put(p.Attributes(), s.Attributes)
	for _, l := range s.Links {
		var trace [16]byte
		var span [8]byte
		if !decodeID(trace[:], l.TraceID) || !decodeID(span[:], l.SpanID) {
			return fmt.Errorf("bundle: span %.40q links to span %.40q of trace %.40q, which are not 16 and 32 hex digits: %w", s.SpanID, l.SpanID, l.TraceID, evidence.ErrInvalid)
		}
		x := p.Links().AppendEmpty()
		x.SetTraceID(trace)
		x.SetSpanID(span)
	}
	for _, e := range s.Events {
		x := p.Events().AppendEmpty()
		x.SetName(e.Name)
		x.SetTimestamp(pcommon.NewTimestampFromTime(e.Time))
		w.put(x.Attributes(), e.Attributes)
	}
	return nil
}

func (w *Writer) flushLogs() {
	if len(w.logs) == 0 || w.err != nil {
		return
	}
	ld := plog.NewLogs()
	byResource := map[string]plog.LogRecordSlice{}
	for _, l := range w.logs {
		key := resourceKey(l.Service, l.Resource)
		list, ok := byResource[key]
		if !ok {
			rl := ld.ResourceLogs().AppendEmpty()
			w.putResource(rl.Resource().Attributes(), l.Service, l.Resource)
			list = rl.ScopeLogs().AppendEmpty().LogRecords()
			byResource[key] = list
		}
		if w.err = w.putLog(list.AppendEmpty(), l); w.err != nil {
			return
		}
	}
	w.logs = w.logs[:0]
	var m plog.JSONMarshaler
	raw, err := m.MarshalLogs(ld)
	if w.err = err; err == nil {
		w.line(LogsFile, true, raw)
	}
}

func (w *Writer) putLog(p plog.LogRecord, l evidence.LogLine) error {
	var trace [16]byte
	var span [8]byte
	if l.TraceID != "" && !decodeID(trace[:], l.TraceID) || l.SpanID != "" && !decodeID(span[:], l.SpanID) {
		return fmt.Errorf("bundle: log line of %.80q has a trace or span ID that is not 32 or 16 hex digits: %w", l.Service, evidence.ErrInvalid)
	}
	p.SetTimestamp(pcommon.NewTimestampFromTime(l.Time))
	p.SetSeverityNumber(plog.SeverityNumber(l.Severity))
	if l.Severity != evidence.SeverityUnknown {
		p.SetSeverityText(strings.ToUpper(l.Severity.String()))
	}
	p.Body().SetStr(w.opts.Redact.Text(l.Body))
	p.SetTraceID(trace)
	p.SetSpanID(span)
	w.put(p.Attributes(), logline.Beside(&l))
	return nil
}

func (w *Writer) putResource(m pcommon.Map, service string, resource map[string]string) {
	m.PutStr(serviceName, service)
	w.put(m, resource)
}

// put adds attributes in order of name, so that the same bundle is written as
// the same bytes.
func (w *Writer) put(m pcommon.Map, attributes map[string]string) {
	if len(attributes) == 0 {
		return
	}
	attributes = w.opts.Redact.Map(attributes)
	for _, k := range slices.Sorted(maps.Keys(attributes)) {
		m.PutStr(k, attributes[k])
	}
}

func resourceKey(service string, resource map[string]string) string {
	if len(resource) == 0 {
		return service
	}
	var b strings.Builder
	b.WriteString(service)
	for _, k := range slices.Sorted(maps.Keys(resource)) {
		b.WriteString("\x00" + k + "\x00" + resource[k])
	}
	return b.String()
}

// decodeID reads hex digits into dst; an ID that is too short or long, or all
// zero, is refused.
func decodeID(dst []byte, s string) bool {
	if len(s) != 2*len(dst) {
		return false
	}
	if _, err := hex.Decode(dst, []byte(s)); err != nil {
		return false
	}
	return slices.ContainsFunc(dst, func(b byte) bool { return b != 0 })
}
