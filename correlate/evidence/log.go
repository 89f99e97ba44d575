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
	// Body is the line as it was written; a structured body is its JSON. Pieces
	// of one stack that were shipped line by line are one body, without what
	// the container's runtime wrapped around each.
	Body    string `json:"body"`
	TraceID string `json:"traceID,omitempty"` // 32 lower-case hex digits
	SpanID  string `json:"spanID,omitempty"`  // 16 lower-case hex digits

	// The fields below are read from body and attributes by sources/logline and
	// are not stored: the same body gives them again. See Text for Message.
	Message string `json:"message,omitempty"` // empty when the body is nothing else
	Logger  string `json:"logger,omitempty"`
	// Caller is the place in code that wrote the line, its rung
	// LocationCaller; zero when the line does not say.
	Caller Frame `json:"caller,omitzero"`
	// Stack is the text of a stack trace, at most 64 KiB, exceptions' own words
	// included.
	Stack string `json:"stack,omitempty"`
	// Error is why, in the writer's words: the text of an error or exception
	// beside the message.
	Error string `json:"error,omitempty"`
	// Cut counts bytes, fields and pieces of a stack that were left out since
	// they were over a bound; 0 when the line is whole.
	Cut int `json:"cut,omitempty"`

	// Attributes are the record's own fields, beside the body or in it; nested
	// names are joined with dots.
	Attributes map[string]string `json:"attributes,omitempty"`
	// Resource attributes or stream labels are shared between lines: read only.
	Resource map[string]string `json:"resource,omitempty"`
	// By is the call that brought the line, set by who asked; nil where nobody did.
	By *CallID `json:"-"`
}

// Brought is the call that brought the line, the zero value where nobody noted it.
func (l *LogLine) Brought() CallID {
	if l.By == nil {
		return CallID{}
	}
	return *l.By
}

// Text is what the statement that wrote the line said: the message without
// time, level, place and fields where the shape of the line is known, else the
// body.
func (l *LogLine) Text() string {
	if l.Message != "" {
		return l.Message
	}
	return l.Body
}

// LogQuery asks for log lines. At least one of Services, TraceID, TraceIDs and
// Expr is set; Services and IDs are combined with "and".
type LogQuery struct {
	Services []string // any of them
	// TraceID asks for the lines that carry it, in a field or in the text, in
	// any form that ReadTraceID knows. What comes back bears it as its TraceID.
	TraceID  string
	TraceIDs []string // the same for any of several, in one question
	// Expr is a LogQL query used as it stands, instead of the other fields.
	Expr        string
	MinSeverity Severity // 0 means all
	Window      Window
	Limit       int // most lines returned; adapters cap it
}

// Said is what a line says and why, in one line: its text and, where that does
// not say it, its error.
func (l *LogLine) Said() string {
	text, _, _ := strings.Cut(strings.TrimLeft(l.Text(), " \t\r\n"), "\n")
	text = strings.TrimRight(text, " \t\r")
	why, _, _ := strings.Cut(strings.TrimSpace(l.Error), "\n")
	if why == "" || strings.Contains(text, why) {
		return text
	}
	return text + ": " + why
}

// IDs are the trace IDs that are asked for, as they were given.
func (q LogQuery) IDs() []string {
	if q.TraceID == "" {
		return q.TraceIDs
	}
	return append([]string{q.TraceID}, q.TraceIDs...)
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
	switch ids := q.IDs(); len(ids) {
	case 0:
	case 1:
		s += " | trace_id=" + strconv.Quote(ids[0])
	default:
		s += " | trace_id=~" + strconv.Quote(strings.Join(ids, "|"))
	}
	if q.MinSeverity > SeverityUnknown {
		s += fmt.Sprintf(" | severity_number >= %d", q.MinSeverity)
	}
	return s
}
