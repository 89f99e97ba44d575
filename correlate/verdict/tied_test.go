package verdict

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestWhatATieRestsOnIsSaidByThePointsShown: two causes come near each other by the
// points that are printed, or only by those on which the word may rest.
func TestWhatATieRestsOnIsSaidByThePointsShown(t *testing.T) {
	unchecked := func(points, of int) report.Term {
		x := casetest.OfKind("resource/usage", of, evidence.RefSeries)
		x.Unchecked = points
		return x
	}
	for name, c := range map[string]struct {
		first report.Term
		other int
		want  string
	}{
		"near by what is printed":    {unchecked(0, 900), 890, "b has nearly as many points, 890 against 900"},
		"near by what may be rested": {unchecked(800, 1200), 860, "b has as many points as are left to a, which has 1200, without those that could not be checked"},
		"nothing was checked":        {unchecked(1200, 1200), 860, "what speaks of trouble of a could not be checked"},
		"circumstances alone":        {casetest.OfKind("topology/first", 400, evidence.RefSpan), 100, "only circumstances speak for a"},
	} {
		got := Settle(&gathered.Evidence{}, []report.Cause{casetest.CauseWith("a", c.first), casetest.CauseWith("b", casetest.OfKind("error/innermost", c.other, evidence.RefSpan))}, "")
		if said := strings.Join(got.Because, "; "); got.Word != report.Inconclusive || !strings.Contains(said, c.want) {
			t.Errorf("%s: got %s because %q, want %q", name, got.Word, said, c.want)
		}
	}
}
