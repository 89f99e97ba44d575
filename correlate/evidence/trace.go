package evidence

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"
)

// SpanKind is OpenTelemetry's span kind in lower case.
type SpanKind string

// The span kinds.
const (
	SpanUnspecified SpanKind = ""
	SpanServer      SpanKind = "server"
	SpanClient      SpanKind = "client"
	SpanInternal    SpanKind = "internal"
	SpanProducer    SpanKind = "producer"
	SpanConsumer    SpanKind = "consumer"
)

// Span is one operation of one trace. Times are as the emitting host's clock
// had them: no skew correction.
type Span struct {
	TraceID   string   `json:"traceID"`            // 32 lower-case hex digits
	SpanID    string   `json:"spanID"`             // 16 lower-case hex digits
	ParentID  string   `json:"parentID,omitempty"` // empty for a root; the CHILD_OF parent only
	Service   string   `json:"service"`
	Operation string   `json:"operation"`
	Kind      SpanKind `json:"kind,omitempty"`

	Start    time.Time     `json:"start"`
	Duration time.Duration `json:"duration"`

	// Failed is true when the span's status is ERROR; once gathered, whenever the
	// operation failed as package outcome has it.
	Failed        bool   `json:"failed,omitempty"`
	StatusMessage string `json:"statusMessage,omitempty"`

	// Attributes are the span's own, rendered as text. Status, kind and scope
	// are not repeated here.
	Attributes map[string]string `json:"attributes,omitempty"`
	// Resource attributes are shared between spans of one process: read only.
	Resource map[string]string `json:"resource,omitempty"`
	Events   []SpanEvent       `json:"events,omitempty"` // in time order
	// Links are the spans that this one follows from without being their child,
	// in the order of the source: of a consumer the producers of its messages.
	// Each once, at most MaxLinks.
	Links []SpanLink `json:"links,omitempty"`

	// Callee is whom a client span calls that no span answers, by the name that
	// the whole evidence settles; empty until it is joined, and for other spans.
	Callee string `json:"callee,omitempty"`
}

// MaxLinks is how many links of one span are kept, as many as OpenTelemetry's
// SDKs send by default.
const MaxLinks = 128

// SpanLink names another span, of the same trace or of another one.
type SpanLink struct {
	TraceID string `json:"traceID"` // 32 lower-case hex digits
	SpanID  string `json:"spanID"`  // 16 lower-case hex digits
}

// AddLink adds a link unless it is there, is the parent, or is one too many.
func (s *Span) AddLink(l SpanLink) {
	if len(s.Links) >= MaxLinks || slices.Contains(s.Links, l) || l.TraceID == s.TraceID && l.SpanID == s.ParentID {
		return
	}
	s.Links = append(s.Links, l)
}

// End is the instant at which the span ended.
func (s Span) End() time.Time { return s.Start.Add(s.Duration) }

// Attribute is the span attribute of that name, else the resource attribute.
func (s Span) Attribute(name string) string {
	if v, ok := s.Attributes[name]; ok {
		return v
	}
	return s.Resource[name]
}

// SpanEvent is a timed event on a span, as a recorded exception.
type SpanEvent struct {
	Name       string            `json:"name"`
	Time       time.Time         `json:"time"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Trace is all spans known of one trace, in order of start, then span ID.
type Trace struct {
	ID    string `json:"id"`
	Spans []Span `json:"spans"`
	// Truncated is true when the adapter cut the trace at its span limit.
	Truncated bool `json:"truncated,omitempty"`
}

// TraceQuery asks for the traces of one service in a window.
type TraceQuery struct {
	Service   string            // required
	Operation string            // optional
	Window    Window            // start of the trace's span at the service
	Tags      map[string]string // all must match; "error"="true" finds failing ones
	// MinDuration keeps only traces with a matching span at least this long.
	MinDuration time.Duration
	Limit       int // most traces returned; adapters cap it and never treat 0 as "no limit"
}

// String is the query without its window, in the parameters of Jaeger's search.
func (q TraceQuery) String() string {
	s := "service=" + url.QueryEscape(q.Service)
	if q.Operation != "" {
		s += "&operation=" + url.QueryEscape(q.Operation)
	}
	if tags, err := json.Marshal(q.Tags); err == nil && len(q.Tags) > 0 {
		s += "&tags=" + string(tags)
	}
	if q.MinDuration > 0 {
		s += fmt.Sprintf("&minDuration=%s", q.MinDuration.Round(time.Microsecond))
	}
	return s + fmt.Sprintf("&limit=%d", q.Limit)
}
