package signal

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// alertSymptom gives the alerting entity something for the very measure that is
// alerted on, as far as what it calls does not explain it. That the measure
// left its range is why anybody looks: it tells that there is trouble, and not
// whose.
func alertSymptom(v *view.View) []Finding {
	if v.Target == nil {
		return nil
	}
	mech, what := report.MechanismLatency, "latency"
	keep := isLatency
	switch {
	case isFailing(v.Target):
		mech, what, keep = report.MechanismError, "error rate", isFailing
	case !isLatency(v.Target):
		return nil // other measures do not travel along calls
	}
	found := strongestFamily(v, families(v, keep), mech, what, func(f *view.Metric) bool { return isSymptom(v, f) })
	return weighTraced(v, found)
}

// isSymptom reports whether a fact is what the alert is about, or another
// quantile or statistic of it.
func isSymptom(v *view.View, f *view.Metric) bool {
	t := v.Target
	return t != nil && t.Entity == f.Entity && t.Class == f.Class && slices.Equal(measureWords(t.Series.Name), measureWords(f.Series.Name))
}

// noSymptom is every other fact.
func noSymptom(v *view.View, f *view.Metric) bool { return !isSymptom(v, f) }

func isLatency(f *view.Metric) bool { return f.Class == metric.ClassLatency && !f.Client }

func isFailing(f *view.Metric) bool {
	return (f.Class == metric.ClassError || f.Class == metric.ClassSuccess) && !f.Client
}
