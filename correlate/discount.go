package correlate

import "github.com/wherefore-dev/wherefore/correlate/evidence"

// discount takes back part of what a measure speaks for: what it shows is real,
// but not its entity's own, or not new. It stands in the report as a negative
// term of its own.
type discount struct {
	id    string  // the rule's
	share float64 // of the points, 0 to 1
	why   string
	refs  []evidence.Ref
}

// kept is the share of what a measure speaks for that its discounts leave.
func (f *metricFact) kept() float64 {
	left := 1.0
	if f != nil {
		for _, d := range f.discounts {
			left *= 1 - d.share
		}
	}
	return left
}

// felt is the deviation of a measure as far as its discounts leave it.
func (f *metricFact) felt() float64 { return f.badness() * f.kept() }

// discounted are the negative terms that go with a finding which rests on one
// measure, each of what those before it left.
func (t scoredTerm) discounted(f *metricFact) []scoredTerm {
	if f == nil || t.term.Points <= 0 {
		return nil
	}
	var out []scoredTerm
	left := float64(t.term.Points)
	for _, d := range f.discounts {
		if points := milli(-left * d.share / 1000); points < 0 {
			out = append(out, scoredTerm{mechanism: t.mechanism, term: Term{ID: d.id, Points: points, Why: d.why, Refs: d.refs}})
		}
		left *= 1 - d.share
	}
	return out
}
