package correlate

import (
	"context"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// promiseWindow is what "now" means for a promise: one sample may be an
// accident, and a scrape may be late.
const promiseWindow = 5 * time.Minute

// promisesNow looks a decision's conditions up over the five minutes before now,
// one result per condition in the record's order.
func (v promises) promisesNow(ctx context.Context, service string, d evidence.Decision, now time.Time) []ConditionResult {
	w := evidence.Window{Start: now.Add(-promiseWindow), End: now}
	out := make([]ConditionResult, len(d.How.Verify))
	var steps []func()
	for i, cond := range d.How.Verify {
		steps = append(steps, func() { out[i] = v.lookUp(ctx, w, service, cond) })
	}
	v.together(steps...)
	return out
}
