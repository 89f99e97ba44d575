package compose

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestATitleCallsCloseWhatIsClose goes by the points that are printed.
func TestATitleCallsCloseWhatIsClose(t *testing.T) {
	for second, want := range map[int]string{990: "a and b are close", 860: "a and b are close", 840: "the weak lead is a", 0: "the weak lead is a"} {
		r := &report.Report{Coverage: []evidence.Coverage{{Status: evidence.CoverageAnswered}}, Causes: []report.Cause{
			{Entity: evidence.Entity{Name: "a"}, Score: 1000}, {Entity: evidence.Entity{Name: "b"}, Score: second}}}
		if got := inconclusiveTitle(r, 15); !strings.Contains(got, want) {
			t.Errorf("1000 and %d points: got %q, want %q", second, got, want)
		}
	}
}
