package gathered

import (
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Profiled is what profiles of one service and kind say when they are compared, with
// the calls that brought them.
type Profiled struct {
	report.ProfileView
	By []evidence.CallID
}
