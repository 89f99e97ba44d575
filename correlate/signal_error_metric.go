package correlate

// errorMetric finds entities whose measured errors rose, or whose success rate
// fell, by more than what they call accounts for.
func errorMetric(v *view) []finding {
	fams := v.families(func(f *metricFact) bool { return (f.class == classError || f.class == classSuccess) && !f.client })
	return v.weighSymptom(v.strongestFamily(fams, MechanismError, "error rate"), classError)
}
