package signal

import (
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// traced is the share of its weight that a latency or error measure keeps for
// an entity whose spans were seen on both sides: the spans tell its own time
// and failures from its callees', the measure does not.
const traced = 0.1

// otherSymptom is the share that a latency measure keeps when errors are
// alerted on, and the other way round.
const otherSymptom = 0.6

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
			factor = otherSymptom
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
			found[i].Strength *= traced
		}
	}
	return found
}

// isTraced reports whether an entity has enough spans on both sides.
func isTraced(v *view.View, e int) bool {
	return v.Spans[e][0] >= view.MinCalls && v.Spans[e][1] >= view.MinCalls
}
