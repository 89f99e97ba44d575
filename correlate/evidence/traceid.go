package evidence

import (
	"fmt"
	"regexp"
	"strings"
)

// ParseTraceID reads a trace ID as people and telemetry write it and returns
// its one form: 32 lower-case hex digits, the 16 of older clients padded with
// zeros. Anything else, and all zeros, is ErrInvalid; what it returns is safe
// to stand in any query.
func ParseTraceID(s string) (string, error) {
	id := strings.ToLower(strings.TrimSpace(s))
	if len(id) == 16 {
		id = strings.Repeat("0", 16) + id
	}
	if len(id) != 32 || strings.Trim(id, "0123456789abcdef") != "" || strings.Trim(id, "0") == "" {
		return "", fmt.Errorf("trace ID %.40q: want 32 or 16 hex digits, not all zeros: %w", s, ErrInvalid)
	}
	return id, nil
}

// Where a trace ID stands in what people paste, the surest first: the address
// of a trace, which may go on with a span; a UUID; then any word of the right
// length, of which the longer one is the trace in a traceparent header.
var tracePlaces = []*regexp.Regexp{
	regexp.MustCompile(`/traces?/([0-9a-f]{1,32})(?:[^0-9a-z]|$)`),
	regexp.MustCompile(`^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$`),
	regexp.MustCompile(`(?:^|[^0-9a-z])([0-9a-f]{32})(?:[^0-9a-z]|$)`),
	regexp.MustCompile(`(?:^|[^0-9a-z])([0-9a-f]{16})(?:[^0-9a-z]|$)`),
}

// FindTraceID finds the trace ID in what a person pasted: the bare ID, with
// blanks or in upper case, a W3C traceparent or B3 header, a field of a log
// line, or the address of the trace in Jaeger, whose older versions leave
// leading zeros out. It returns the ID as ParseTraceID does.
func FindTraceID(s string) (string, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	if id, err := ParseTraceID(strings.Join(strings.Fields(text), "")); err == nil {
		return id, nil
	}
	for _, place := range tracePlaces {
		if m := place.FindStringSubmatch(text); m != nil {
			id := strings.ReplaceAll(m[1], "-", "")
			if id, err := ParseTraceID(strings.Repeat("0", 32-len(id)) + id); err == nil {
				return id, nil
			}
		}
	}
	return "", fmt.Errorf("%.60q holds no trace ID, which is 32 or 16 hex digits, not all zeros; a traceparent header or the trace's address in Jaeger will do: %w", s, ErrInvalid)
}
