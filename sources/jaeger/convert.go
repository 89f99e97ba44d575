package jaeger

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	model "github.com/jaegertracing/jaeger-idl/model/v1"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// converter turns Jaeger's spans into evidence. It shares the resource
// attributes between the spans of one process, as Jaeger repeats them on each.
type converter struct {
	resources map[string]map[string]string
	key       []byte
}

func newConverter() converter { return converter{resources: map[string]map[string]string{}} }

func traceID(id model.TraceID) string { return fmt.Sprintf("%016x%016x", id.High, id.Low) }

func spanID(id model.SpanID) string { return fmt.Sprintf("%016x", uint64(id)) }

func (c *converter) span(s *model.Span) evidence.Span {
	out := evidence.Span{
		TraceID: traceID(s.TraceID), SpanID: spanID(s.SpanID),
		Operation: s.OperationName,
		Start:     s.StartTime.UTC(), Duration: s.Duration,
	}
	// What OTLP calls a link is a reference here, which may as well be a second
	// CHILD_OF, or one into another trace.
	for _, r := range s.References {
		if r.RefType == model.ChildOf && r.TraceID == s.TraceID && r.SpanID != 0 {
			out.ParentID = spanID(r.SpanID)
			break
		}
	}
	for _, r := range s.References {
		if r.SpanID != 0 && (r.TraceID.Low != 0 || r.TraceID.High != 0) {
			out.AddLink(evidence.SpanLink{TraceID: traceID(r.TraceID), SpanID: spanID(r.SpanID)})
		}
	}
	if s.Process != nil {
		out.Service, out.Resource = s.Process.ServiceName, c.resource(s.Process)
	}
	for i := range s.Tags {
		tag(&out, &s.Tags[i])
	}
	for i := range s.Logs {
		out.Events = append(out.Events, event(&s.Logs[i]))
	}
	slices.SortStableFunc(out.Events, func(a, b evidence.SpanEvent) int { return a.Time.Compare(b.Time) })
	return out
}

// warningsTag is where Jaeger says what it changed on a span when it stored it.
const warningsTag = "@jaeger@warnings"

// tag puts one tag where it belongs: what OTLP has as status, kind and scope
// reaches Jaeger as tags.
func tag(s *evidence.Span, kv *model.KeyValue) {
	switch kv.Key {
	case "error":
		s.Failed = s.Failed || text(kv) == "true"
	case "otel.status_code":
		s.Failed = s.Failed || kv.VStr == "ERROR"
	case "otel.status_description":
		s.StatusMessage = text(kv)
	case "span.kind":
		s.Kind = kind(kv.VStr)
	case warningsTag:
		// Jaeger's OTLP receiver makes a span of no length one nanosecond long.
		if s.Duration == time.Nanosecond && strings.Contains(text(kv), "Negative duration") {
			s.Duration = 0
		}
	case "otel.scope.name", "otel.scope.version", "otel.library.name", "otel.library.version", "w3c.tracestate", "internal.span.format":
	default:
		if s.Attributes == nil {
			s.Attributes = map[string]string{}
		}
		s.Attributes[kv.Key] = text(kv)
	}
}

func kind(text string) evidence.SpanKind {
	switch k := evidence.SpanKind(text); k {
	case evidence.SpanServer, evidence.SpanClient, evidence.SpanInternal, evidence.SpanProducer, evidence.SpanConsumer:
		return k
	default:
		return evidence.SpanUnspecified
	}
}

// event turns a Jaeger log, a timed list of fields, back into a span event.
func event(l *model.Log) evidence.SpanEvent {
	e := evidence.SpanEvent{Time: l.Timestamp.UTC()}
	for i := range l.Fields {
		kv := &l.Fields[i]
		if kv.Key == "event" && e.Name == "" {
			e.Name = text(kv)
			continue
		}
		if e.Attributes == nil {
			e.Attributes = map[string]string{}
		}
		e.Attributes[kv.Key] = text(kv)
	}
	return e
}

// resource is the process's tags, with the service's name under its own.
func (c *converter) resource(p *model.Process) map[string]string {
	c.key = strconv.AppendQuote(c.key[:0], p.ServiceName)
	for i := range p.Tags {
		c.key = strconv.AppendQuote(c.key, p.Tags[i].Key)
		c.key = strconv.AppendQuote(c.key, text(&p.Tags[i]))
	}
	if m, ok := c.resources[string(c.key)]; ok {
		return m
	}
	m := make(map[string]string, len(p.Tags)+1)
	for i := range p.Tags {
		m[p.Tags[i].Key] = text(&p.Tags[i])
	}
	m["service.name"] = p.ServiceName
	c.resources[string(c.key)] = m
	return m
}

// text renders a value the way OTLP's own rendering does: numbers as in JSON,
// bytes in base64.
func text(kv *model.KeyValue) string {
	switch kv.VType {
	case model.ValueType_BOOL:
		return strconv.FormatBool(kv.VBool)
	case model.ValueType_INT64:
		return strconv.FormatInt(kv.VInt64, 10)
	case model.ValueType_FLOAT64:
		if b, err := json.Marshal(kv.VFloat64); err == nil {
			return string(b)
		}
		return strconv.FormatFloat(kv.VFloat64, 'g', -1, 64) // NaN and infinities
	case model.ValueType_BINARY:
		return base64.StdEncoding.EncodeToString(kv.VBinary)
	default:
		return kv.VStr
	}
}
