package evidence

import (
	"fmt"
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
