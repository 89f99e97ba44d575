package signal

import (
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// errorMetric finds entities whose measured errors rose, or whose success rate
// fell, by more than what they call accounts for.
func errorMetric(v *view.View) []Finding {
	return weighSymptom(v, strongestFamily(v, families(v, isFailing), report.MechanismError, "error rate", func(f *view.Metric) bool { return noSymptom(v, f) }), metric.ClassError)
}
