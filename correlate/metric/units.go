package metric

import (
	"strings"
)

// UnitOf reads a metric's unit from its name, as the Prometheus and
// OpenTelemetry naming conventions put it there; empty when it does not say.
func UnitOf(name, stat string) string {
	if stat == "rate" {
		switch {
		case strings.Contains(name, "cpu_usage_seconds") || strings.Contains(name, "cpu_seconds"):
			return "" // seconds per second: cores
		case strings.Contains(name, "_bytes"):
			return "By/s"
		}
		return "1/s"
	}
	base := strings.TrimSuffix(strings.TrimSuffix(name, "_total"), "_gauge") // what kind it is comes after the unit
	for _, u := range []struct{ suffix, unit string }{
		{"_milliseconds", "ms"}, {"_ms", "ms"}, {"_microseconds", "us"}, {"_seconds", "s"}, {"_bytes", "By"},
		{"_percent", "%"}, {"_ratio", ""}, {"_per_second", "1/s"}, {"_mib", "MiBy"},
	} {
		if strings.HasSuffix(strings.ToLower(strings.TrimRight(base, "_")), u.suffix) {
			return u.unit
		}
	}
	return ""
}
