package signal

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/view"
)

// Where normal time holds nothing of a thing, that it was otherwise before is not
// known: half of what is found remains, and the words say so.
const (
	uncompared = "there is nothing to compare it with"
	halved     = 0.5
)

// insteadOf says how many of how many it was before, where any were seen.
func insteadOf(n, of int) string {
	if of == 0 {
		return uncompared
	}
	return fmt.Sprintf("instead of %d of %d before", n, of)
}

// trustIn is how much a contrast with so many normal ones is believed.
func trustIn(normal int) float64 {
	if normal == 0 {
		return halved
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
