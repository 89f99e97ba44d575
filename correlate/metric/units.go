package metric

import (
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
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

// TimeSpent is how many of a counter's units make a second where it counts time that
// passed and not events, so that its rate is how much of each second goes there; false for
// any other.
func TimeSpent(name, stat string, kind evidence.MetricKind) (perSecond float64, ok bool) {
	if stat != "rate" || kind == evidence.MetricHistogram || kind == evidence.MetricSummary {
		return 0, false
	}
	base := strings.TrimSuffix(strings.ToLower(name), "_total")
	for _, u := range []struct {
		suffix    string
		perSecond float64
	}{{"_ns", 1e9}, {"_nanoseconds", 1e9}, {"_us", 1e6}, {"_microseconds", 1e6}, {"_ms", 1e3}, {"_milliseconds", 1e3}} {
		if strings.HasSuffix(base, u.suffix) {
			return u.perSecond, true
		}
	}
	return 0, false
}
