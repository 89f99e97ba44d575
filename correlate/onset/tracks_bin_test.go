package onset

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// A reference window may lie after the survey: its spans must fall into bins
// like any others, or binning never ends.
func TestInstantLiesInItsBinOnEitherSideOfTheSurveysEnd(t *testing.T) {
	v := &Finder{Evidence: &gathered.Evidence{Survey: evidence.Window{Start: casetest.Onset0.Add(-time.Hour), End: casetest.Onset0}}}
	for s := -100; s <= 100; s++ {
		at := casetest.Onset0.Add(time.Duration(s) * time.Second)
		start := v.binStart(at, weights.Default().Onset.Bin)
		if at.Before(start) || !at.Before(start.Add(weights.Default().Onset.Bin)) {
			t.Errorf("%d s: got bin from %s, which does not contain it", s, start.Sub(casetest.Onset0))
		}
	}
}
