package evidence

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Severity is OpenTelemetry's severity number, 1 to 24; 0 is unknown.
type Severity int

// The lowest severity number of each range.
const (
	SeverityUnknown Severity = 0
	SeverityDebug   Severity = 5
	SeverityInfo    Severity = 9
	SeverityWarn    Severity = 13
	SeverityError   Severity = 17
	SeverityFatal   Severity = 21
)

// String is the range's name in lower case.
func (s Severity) String() string {
	switch {
	case s >= SeverityFatal:
		return "fatal"
	case s >= SeverityError:
		return "error"
	case s >= SeverityWarn:
		return "warn"
	case s >= SeverityInfo:
		return "info"
	case s > SeverityUnknown:
		return "debug"
	default:
		return "unknown"
	}
}

// LogLine is one log record.
type LogLine struct {
	Time     time.Time `json:"time"`
	Service  string    `json:"service"`
	Severity Severity  `json:"severity,omitempty"`
	// Body is the line as it was written; a structured body is its JSON.
	Body    string `json:"body"`
	TraceID string `json:"traceID,omitempty"` // 32 lower-case hex digits
	SpanID  string `json:"spanID,omitempty"`  // 16 lower-case hex digits
	// Attributes are the record's own fields beside the body.
	Attributes map[string]string `json:"attributes,omitempty"`
	// Resource attributes or stream labels are shared between lines: read only.
	Resource map[string]string `json:"resource,omitempty"`
}

// LogQuery asks for log lines. At least one of Services, TraceID and Expr is
// set; Services and TraceID are combined with "and".
type LogQuery struct {
	Services []string // any of them
	TraceID  string   // lines that carry it in structured metadata or in the text
	// Expr is a LogQL query used as it stands, instead of the other fields.
	Expr        string
	MinSeverity Severity // 0 means all
	Window      Window
	Limit       int // most lines returned; adapters cap it
}

// String is the query without its window as LogQL, with the label names that
// Loki gives to lines that came over OTLP. An adapter that asks otherwise says
// so itself.
func (q LogQuery) String() string {
	if q.Expr != "" {
		return q.Expr
	}
	s := `{service_name=~".+"}`
	if len(q.Services) > 0 {
		names := make([]string, len(q.Services))
		for i, n := range q.Services {
			names[i] = regexp.QuoteMeta(n)
		}
		s = "{service_name=~" + strconv.Quote(strings.Join(names, "|")) + "}"
	}
	if q.TraceID != "" {
		s += " | trace_id=" + strconv.Quote(q.TraceID)
	}
	if q.MinSeverity > SeverityUnknown {
		s += fmt.Sprintf(" | severity_number >= %d", q.MinSeverity)
	}
	return s
}
