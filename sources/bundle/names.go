package bundle

import "strings"

// MetricName makes a metric name of any text the way Prometheus does: what is
// no letter, digit, underscore or colon becomes an underscore, and a leading
// digit gets one before it.
func MetricName(s string) string { return sanitise(s, true) }

// LabelName is MetricName for labels, where a colon is not allowed either.
func LabelName(s string) string { return sanitise(s, false) }

func sanitise(s string, colon bool) string {
	if s == "" {
		return "_"
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || colon && r == ':':
			b.WriteRune(r)
		case r >= '0' && r <= '9':
			if i == 0 {
				b.WriteByte('_')
			}
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	return b.String()
}
