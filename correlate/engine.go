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
	inv := newInvestigation(e.sources, e.options, req)
	c, err := inv.collect(ctx)
	if err != nil {
		return Report{}, err
	}
	inv.progress(Progress{Stage: "rank"})
	causes, suspects := rankWithCommits(c)
	withoutTraces := ""
	if c.WithoutTraces != nil {
		others, _ := rankWithCommits(c.WithoutTraces)
		withoutTraces = firstNamed(others)
	}
	seal(c, causes)
	decisions := e.promises(inv.asker, c.Step).views(ctx, c, causes)
	c.Coverage = inv.ledger.coverage(e.sources.Recorded) // that asked once more
	inv.progress(Progress{Stage: "report"})
	return report(Basis{
		Case: c, Causes: causes, Suspects: suspects, Verdict: verdict(c, causes, withoutTraces), Decisions: decisions,
		Engine: e.options.Version, Weights: WeightsVersion, Owners: e.options.Owners,
	}), nil
}

// rankWithCommits ranks the causes that a case speaks for, the commits under the
// first of them included.
func rankWithCommits(c *Case) ([]Cause, *commitScorer) {
	causes, suspects := rankCauses(c), newCommitScorer(c)
	suspects.settleTriggers(causes[:min(len(causes), commitsUnder)])
	return causes, suspects
}

// firstNamed is the first cause's entity, empty where nothing has points.
func firstNamed(causes []Cause) string {
	if len(causes) == 0 || causes[0].Score <= 0 {
		return ""
	}
	return causes[0].Entity.Name
}

func (e *Engine) promises(a *asker, step time.Duration) promises {
	return promises{asker: a, metrics: e.sources.Metrics, queries: e.options.Conditions, step: step}
}

// CheckPromises looks a decision's conditions up for a service over the five
// minutes before now, one result per condition in the record's order; what
// cannot be known within ctx is "unknown" and says why.
func (e *Engine) CheckPromises(ctx context.Context, service string, d evidence.Decision, now time.Time) []ConditionResult {
	const step = 15 * time.Second // the usual scrape interval, or shorter
	return e.promises(e.options.asker(), step).promisesNow(ctx, service, d, now)
}

// commitsUnder is how many of the first causes get their commits ranked: the
// rest are one line each on the page.
const commitsUnder = 5
