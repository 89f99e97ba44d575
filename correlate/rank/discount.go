package rank

import (
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// discounted are the negative terms that go with a finding which rests on one
// measure, each of what those before it left.
func (t scoredTerm) discounted(f *view.Metric) []scoredTerm {
	if f == nil || t.term.Points <= 0 {
		return nil
	}
	var out []scoredTerm
	left := float64(t.term.Points)
	for _, d := range f.Discounts {
		if points := milli(-left * d.Share / 1000); points < 0 {
			out = append(out, scoredTerm{mechanism: t.mechanism, term: report.Term{ID: d.Id, Points: points, Why: wording.Say(d.Id, d.Why), Refs: d.Refs, By: calls(d.Refs, []evidence.CallID{gathered.CallOf(f.Series)})}})
		}
		left *= 1 - d.Share
	}
	return out
}
