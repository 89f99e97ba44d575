package signal

import (
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// latencyMetric finds entities whose measured latency left its normal range by
// more than what they call accounts for. It serves where there are no traces;
// with traces it agrees with the self-time or is explained away by the callees.
func latencyMetric(v *view.View) []Finding {
	return weighSymptom(v, strongestFamily(v, families(v, isLatency), report.MechanismLatency, "latency", func(f *view.Metric) bool { return noSymptom(v, f) }), metric.ClassLatency)
}

// weighSymptom discounts findings of a measure that is not what the alert is
// about, and of entities whose spans say it better.
func weighSymptom(v *view.View, found []Finding, class metric.Class) []Finding {
	factor := 1.0
	if t := v.Target; t != nil {
		failing := t.Class == metric.ClassError || t.Class == metric.ClassSuccess
		if class == metric.ClassLatency && failing || class == metric.ClassError && t.Class == metric.ClassLatency {
			factor = v.By.Signal.Symptom.Other
		}
	}
	for i := range found {
		found[i].Strength *= factor
	}
	return weighTraced(v, found)
}

// weighTraced discounts findings about entities whose spans say it better.
func weighTraced(v *view.View, found []Finding) []Finding {
	for i := range found {
		if isTraced(v, found[i].Entity) {
			found[i].Strength *= v.By.Signal.Symptom.Traced
		}
	}
	return found
}

// isTraced reports whether an entity has enough spans on both sides.
func isTraced(v *view.View, e int) bool {
	least := v.By.View.Calls.Least
	return v.Spans[e][0] >= least && v.Spans[e][1] >= least
}
