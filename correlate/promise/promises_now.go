package promise

import (
	"context"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// Now looks a decision's conditions up over the few minutes before now
// that the weights say, one result per condition in the record's order.
func (v Lookup) Now(ctx context.Context, service string, d evidence.Decision, now time.Time) []report.ConditionResult {
	w := evidence.Window{Start: now.Add(-weights.Or(v.By).Report.Promise), End: now}
	out := make([]report.ConditionResult, len(d.How.Verify))
	var steps []func()
	for i, cond := range d.How.Verify {
		steps = append(steps, func() { out[i] = v.lookUp(ctx, w, evidence.Window{}, service, cond) })
	}
	v.Together(steps...)
	return out
}
