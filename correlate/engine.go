package correlate

import (
	"context"
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Engine investigates alerts. It holds no state between investigations and may
// be used concurrently.
type Engine struct {
	sources Sources
	options Options
}

// New makes an engine that reads from the given sources.
func New(s Sources, o Options) *Engine { return &Engine{sources: s, options: o.withDefaults()} }

// Request is one question to the engine.
type Request struct {
	Alert evidence.Alert
	// Now is the latest instant that the engine may look at: the alert's
	// arrival, or a later one when an investigation is run again.
	Now time.Time
	// Revision numbers the report, from 1.
	Revision int
	// Reference windows are known to be free of faults; they serve as baseline
	// besides the look-back.
	Reference []evidence.Window
	// Candidates, when set, are all the entities that may be blamed.
	Candidates []string
	// Onset, when set, is taken as given instead of being looked for.
	Onset time.Time
	// Window, when set, is the incident window chosen by a person.
	Window evidence.Window
	// Progress, when set, is called as the investigation proceeds, never
	// concurrently. It must not block.
	Progress func(Progress)
}

// Progress is one step of a running investigation.
type Progress struct {
	Stage  string `json:"stage"` // resolve, window, gather, join, changes, signals, rank, report
	Source string `json:"source,omitempty"`
	Done   int    `json:"done"`
	Total  int    `json:"total"`
	Detail string `json:"detail,omitempty"`
}

// Investigate answers a request. It returns a report even when every source
// failed; its error is for a request that makes no sense (evidence.ErrInvalid)
// or a context that ended.
func (e *Engine) Investigate(ctx context.Context, req Request) (Report, error) {
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	if len(req.Alert.Instances) == 0 && req.Alert.TraceID == "" {
		return Report{}, fmt.Errorf("investigate: the alert has no instance and no trace ID: %w", evidence.ErrInvalid)
	}
	inv := newInvestigation(e, req)
	c, err := inv.collect(ctx)
	if err != nil {
		return Report{}, err
	}
	inv.progress(Progress{Stage: "rank"})
	causes := rankCauses(c)
	settleTriggers(c, causes[:min(len(causes), commitsUnder)])
	inv.progress(Progress{Stage: "report"})
	return inv.report(ctx, c, causes), nil
}

// commitsUnder is how many of the first causes get their commits ranked: the
// rest are one line each on the page.
const commitsUnder = 5
