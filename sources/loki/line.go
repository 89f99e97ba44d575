package loki

import (
	"strconv"
	"strings"

	"github.com/grafana/loki/v3/pkg/loghttp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// line turns an entry into evidence. shared holds the stream's labels.
func (c *Client) line(shared map[string]string, e *loghttp.Entry) evidence.LogLine {
	l := evidence.LogLine{Time: e.Timestamp.UTC(), Body: e.Line, Resource: shared}
	level := ""
	var own map[string]string
	for _, m := range e.StructuredMetadata {
		switch m.Name {
		case "trace_id", "traceid", "traceID", "TraceID", "traceId":
			if id, err := evidence.ParseTraceID(m.Value); err == nil {
				l.TraceID = id
			}
		case "span_id", "spanid", "spanID", "SpanID", "spanId":
			l.SpanID = spanID(m.Value)
		case "severity_number":
			if n, err := strconv.Atoi(m.Value); err == nil && n > 0 && n <= 24 {
				l.Severity = evidence.Severity(n)
			}
		case "severity_text", "detected_level":
			// Loki's own guess counts when the sender said nothing.
			if level == "" || m.Name == "severity_text" {
				level = m.Value
			}
		case "observed_timestamp", "flags", "scope_name", "scope_version":
		default:
			if dotted, ok := c.names.resources[m.Name]; ok {
				if own == nil { // this line's own, since the stream's are shared
					own = make(map[string]string, len(shared)+4)
					for k, v := range shared {
						own[k] = v
					}
					l.Resource = own
				}
				own[dotted] = m.Value
				continue
			}
			if l.Attributes == nil {
				l.Attributes = map[string]string{}
			}
			l.Attributes[c.names.attribute(m.Name)] = m.Value
		}
	}
	if l.Severity == evidence.SeverityUnknown {
		l.Severity = severityOf(level)
	}
	for _, name := range []string{"level", "severity"} {
		if l.Severity == evidence.SeverityUnknown {
			l.Severity = severityOf(firstOf(l.Attributes[name], shared[name]))
		}
	}
	l.Service = c.service(l)
	return l
}

func (c *Client) service(l evidence.LogLine) string {
	for _, name := range c.config.ServiceLabels {
		dotted := name
		if d, ok := c.names.resources[name]; ok {
			dotted = d
		}
		if v := firstOf(l.Resource[dotted], l.Resource[name], l.Attributes[name]); v != "" {
			return v
		}
	}
	return ""
}

// spanID is the ID when it is one, else nothing.
func spanID(s string) string {
	s = strings.ToLower(s)
	if len(s) != 16 || strings.Trim(s, "0123456789abcdef") != "" || strings.Trim(s, "0") == "" {
		return ""
	}
	return s
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

type level struct {
	name     string
	severity evidence.Severity
}

// levels are the names that loggers give severities, lowest first.
func levels() []level {
	return []level{
		{"trace", evidence.SeverityDebug}, {"debug", evidence.SeverityDebug},
		{"info", evidence.SeverityInfo}, {"information", evidence.SeverityInfo}, {"notice", evidence.SeverityInfo},
		{"warn", evidence.SeverityWarn}, {"warning", evidence.SeverityWarn},
		{"error", evidence.SeverityError}, {"err", evidence.SeverityError}, {"severe", evidence.SeverityError},
		{"fatal", evidence.SeverityFatal}, {"critical", evidence.SeverityFatal}, {"crit", evidence.SeverityFatal},
		{"panic", evidence.SeverityFatal}, {"alert", evidence.SeverityFatal}, {"emerg", evidence.SeverityFatal},
	}
}

// severityOf reads a level's name, without regard to case.
func severityOf(name string) evidence.Severity {
	name = strings.ToLower(strings.TrimSpace(name))
	for _, l := range levels() {
		if l.name == name {
			return l.severity
		}
	}
	return evidence.SeverityUnknown
}
