package gathered

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/promql"
)

// Fires is when the rule of an alert fires, as its own expression gives it.
type Fires struct {
	Expr string
	// Known are the instants at which what the rule measures has a value, Firing
	// those at which it fires for one of the alert's instances; both in order.
	Known, Firing []time.Time
	// Unasked tells that the question was not answered, so that nothing follows from
	// an instant at which it does not fire.
	Unasked bool
	// Bounds are the comparisons that it is made of.
	Bounds []Bound
}

// Bound is one comparison of a rule with what it compares.
type Bound struct {
	promql.Bound
	Series [][]evidence.Sample
}

// Tried is what telemetry has of the newest trial of a recorded plan.
type Tried struct {
	Window evidence.Window
	// Metrics are all series about rollbacks in the window, and Kept tells that
	// metrics reach back to it; Failed says why nobody could ask, empty if somebody did.
	Metrics []evidence.Series
	Kept    bool
	Failed  string
	// Operation is what the span of the trial says that was done, empty for none.
	Operation string
}
