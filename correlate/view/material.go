package view

import (
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// matters is the least change of a series that matters, in the series' own unit; 0
// where its unit is not known.
func matters(m *gathered.Series, by weights.Material) float64 {
	class := metric.ClassOf(m.Name)
	if m.Stat == "rate" && m.Kind == evidence.MetricCounter && strings.Contains(m.Name, "_seconds") {
		return by.Share // seconds a second
	}
	if perSecond, ok := metric.TimeSpent(m.Name, m.Stat, m.Kind); ok {
		return by.Share * perSecond
	}
	switch m.Unit {
	case "s":
		return by.Duration.Seconds()
	case "ms":
		return by.Duration.Seconds() * 1e3
	case "us":
		return float64(by.Duration.Microseconds())
	case "By":
		return by.Bytes
	case "MiBy":
		return by.Bytes / (1 << 20)
	case "By/s":
		return by.BytesPerSecond
	case "%":
		return 100 * by.Share
	case "1/s":
		if class == metric.ClassError {
			return by.Failures
		}
		return 0
	}
	ratio := slices.ContainsFunc(metric.NameWords(m.Name), func(w string) bool { return w == "ratio" || w == "utilization" || w == "utilisation" })
	switch {
	case ratio:
		return by.Share
	case class == metric.ClassThreads || class == metric.ClassSockets:
		return by.Count
	}
	return 0
}
