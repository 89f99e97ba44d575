package correlate

import "slices"

// alertSymptom gives the alerting entity something for the very measure that is
// alerted on, as far as what it calls does not explain it. That the measure
// left its range is why anybody looks: it tells that there is trouble, and not
// whose.
func alertSymptom(v *view) []finding {
	if v.target == nil {
		return nil
	}
	mech, what := MechanismLatency, "latency"
	keep := isLatency
	switch {
	case isFailing(v.target):
		mech, what, keep = MechanismError, "error rate", isFailing
	case !isLatency(v.target):
		return nil // other measures do not travel along calls
	}
	found := v.strongestFamily(v.families(keep), mech, what, func(f *metricFact) bool { return v.isSymptom(f) })
	return v.weighTraced(found)
}

// isSymptom reports whether a fact is what the alert is about, or another
// quantile or statistic of it.
func (v *view) isSymptom(f *metricFact) bool {
	t := v.target
	return t != nil && t.entity == f.entity && t.class == f.class && slices.Equal(measureWords(t.m.Name), measureWords(f.m.Name))
}

// noSymptom is every other fact.
func (v *view) noSymptom(f *metricFact) bool { return !v.isSymptom(f) }

func isLatency(f *metricFact) bool { return f.class == classLatency && !f.client }

func isFailing(f *metricFact) bool {
	return (f.class == classError || f.class == classSuccess) && !f.client
}
