package correlate

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// A reference window may lie after the survey: its spans must fall into bins
// like any others, or binning never ends.
func TestInstantLiesInItsBinOnEitherSideOfTheSurveysEnd(t *testing.T) {
	v := &finder{c: &Case{Survey: evidence.Window{Start: onset0.Add(-time.Hour), End: onset0}}}
	for s := -100; s <= 100; s++ {
		at := onset0.Add(time.Duration(s) * time.Second)
		start := v.binStart(at)
		if at.Before(start) || !at.Before(start.Add(binWidth)) {
			t.Errorf("%d s: got bin from %s, which does not contain it", s, start.Sub(onset0))
		}
	}
}
