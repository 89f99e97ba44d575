package correlate

// errorMetric finds entities whose measured errors rose, or whose success rate
// fell, by more than what they call accounts for.
func errorMetric(v *view) []finding {
	return v.weighSymptom(v.strongestFamily(v.families(isFailing), MechanismError, "error rate", func(f *metricFact) bool { return v.noSymptom(f) }), classError)
}
