package correlate

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
func latencyMetric(v *view) []finding {
	return v.weighSymptom(v.strongestFamily(v.families(isLatency), MechanismLatency, "latency", func(f *metricFact) bool { return v.noSymptom(f) }), classLatency)
}

// weighSymptom discounts findings of a measure that is not what the alert is
// about, and of entities whose spans say it better.
func (v *view) weighSymptom(found []finding, class metricClass) []finding {
	factor := 1.0
	if t := v.target; t != nil {
		failing := t.class == classError || t.class == classSuccess
		if class == classLatency && failing || class == classError && t.class == classLatency {
			factor = otherSymptom
		}
	}
	for i := range found {
		found[i].strength *= factor
	}
	return v.weighTraced(found)
}

// weighTraced discounts findings about entities whose spans say it better.
func (v *view) weighTraced(found []finding) []finding {
	for i := range found {
		if v.isTraced(found[i].entity) {
			found[i].strength *= traced
		}
	}
	return found
}

// isTraced reports whether an entity has enough spans on both sides.
func (v *view) isTraced(e int) bool {
	return v.spans[e][0] >= minCalls && v.spans[e][1] >= minCalls
}
