package loki

import (
	"maps"
	"strconv"
	"strings"

	"github.com/grafana/loki/v3/pkg/loghttp"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

// guessed is the level that Loki tells from a line's words; the reader of lines
// takes it for the guess that it is.
const guessed = "detected_level"

// line turns an entry into evidence, as far as its transport says what it is.
// shared holds the stream's labels.
func (c *Client) line(shared map[string]string, e *loghttp.Entry) evidence.LogLine {
	l := evidence.LogLine{Time: e.Timestamp.UTC(), Body: e.Line, Resource: shared}
	level, own := "", false
	e.StructuredMetadata.Range(func(m labels.Label) {
		switch m.Name {
		case "trace_id", "traceid", "traceID", "TraceID", "traceId":
			if id, span, ok := evidence.ReadTraceID(m.Value); ok {
				l.TraceID = id
				l.SpanID = firstOf(l.SpanID, span)
			}
		case "span_id", "spanid", "spanID", "SpanID", "spanId":
			l.SpanID = firstOf(evidence.ReadSpanID(m.Value), l.SpanID)
		case "severity_number":
			if n, err := strconv.Atoi(m.Value); err == nil && n > 0 && n <= 24 {
				l.Severity = evidence.Severity(n)
			}
		case "severity_text":
			level = m.Value
		case "observed_timestamp", "flags", "scope_name", "scope_version":
		default:
			if dotted, ok := c.names.resources[m.Name]; ok {
				if !own { // this line's own, since the stream's are shared
					l.Resource, own = maps.Clone(shared), true
				}
				l.Resource[dotted] = m.Value
				return
			}
			if l.Attributes == nil {
				l.Attributes = map[string]string{}
			}
			l.Attributes[c.names.attribute(m.Name)] = m.Value
		}
	})
	if l.Severity == evidence.SeverityUnknown {
		l.Severity = logline.Named(level)
	}
	l.Service = c.service(l)
	return l
}

// read takes what the line itself says. A level that a shipper made a label of
// its stream counts behind the line's own.
func (c *Client) read(l *evidence.LogLine) {
	sent := l.Severity
	c.lines.Read(l)
	if _, ok := l.Attributes[guessed]; ok {
		delete(l.Attributes, guessed) // the map is the line's own
		if len(l.Attributes) == 0 {
			l.Attributes = nil
		}
	}
	if sent == evidence.SeverityUnknown && l.Severity < evidence.SeverityError {
		for _, name := range []string{"level", "severity"} {
			if s := logline.Named(l.Resource[name]); s > l.Severity {
				l.Severity = s
			}
		}
	}
}

// service names a line's service by the first label that says one. Loki calls
// a stream unknown_service when it found nothing.
func (c *Client) service(l evidence.LogLine) string {
	unknown := ""
	for _, name := range c.config.ServiceLabels {
		dotted := name
		if d, ok := c.names.resources[name]; ok {
			dotted = d
		}
		v := firstOf(l.Resource[dotted], l.Resource[name], l.Attributes[name])
		if v != "" && !strings.HasPrefix(v, "unknown_service") {
			return v
		}
		unknown = firstOf(unknown, v)
	}
	return unknown
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
