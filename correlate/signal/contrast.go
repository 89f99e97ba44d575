package signal

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/view"
)

// uncompared says that normal time holds nothing of a thing.
const uncompared = "there is nothing to compare it with"

// atLeast is a share of which a part is certain and the rest goes with x, 0 to 1.
func atLeast(least, x float64) float64 { return least + (1-least)*x }

// insteadOf says how many of how many it was before, where any were seen.
func insteadOf(n, of int) string {
	if of == 0 {
		return uncompared
	}
	return fmt.Sprintf("instead of %d of %d before", n, of)
}

// trustIn is how much a contrast with so many normal ones is believed.
func trustIn(v *view.View, normal int) float64 {
	if normal == 0 {
		return v.By.Signal.Uncompared
	}
	return 1
}

// normalOf is how much of normal time was watched for failures like these: traces
// where spans show them, minutes with lines where lines do.
func normalOf(v *view.View, bySpans bool) int {
	if bySpans {
		return v.Traces.Baseline
	}
	return v.Logs.Minutes[0]
}
