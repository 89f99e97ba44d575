package correlate

import (
	"context"
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/compose"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gather"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/promise"
	"github.com/wherefore-dev/wherefore/correlate/rank"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/suspect"
	"github.com/wherefore-dev/wherefore/correlate/verdict"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// Engine investigates alerts. It holds no state between investigations and may
// be used concurrently.
type Engine struct {
	sources Sources
	options Options
}

// New makes an engine that reads from the given sources.
func New(s Sources, o Options) *Engine {
	return &Engine{sources: s, options: o.WithDefaults()}
}

// Investigate answers a request. It returns a report even when every source
// failed; its error is for a request that makes no sense (evidence.ErrInvalid)
// or a context that ended.
func (e *Engine) Investigate(ctx context.Context, req Request) (report.Report, error) {
	if err := ctx.Err(); err != nil {
		return report.Report{}, err
	}
	if len(req.Alert.Instances) == 0 && req.Alert.TraceID == "" {
		return report.Report{}, fmt.Errorf("investigate: the alert has no instance and no trace ID: %w", evidence.ErrInvalid)
	}
	if req.Progress == nil {
		req.Progress = func(Progress) {}
	}
	group := req.Alert
	req.Alert = group.Present(e.options.OnsetBefore + e.options.Lookback)
	inv := gather.New(e.sources, e.options, req)
	c, err := inv.Collect(ctx)
	if err != nil {
		return report.Report{}, err
	}
	req.Progress(Progress{Stage: "rank"})
	causes, suspects := rankWithCommits(c)
	withoutTraces := ""
	if c.WithoutTraces != nil {
		others, _ := rankWithCommits(c.WithoutTraces)
		withoutTraces = firstNamed(others)
	}
	verdict.Seal(c, causes)
	word, outweighed := verdict.Settle(c, causes, withoutTraces), verdict.Outweighed(causes)
	decisions := e.promises(inv.Asker, c.Step).Views(ctx, c, causes)
	c.Coverage = inv.Ledger.Coverage(e.sources.Recorded) // that asked once more
	req.Progress(Progress{Stage: "report"})
	return report.Masked(compose.Report(compose.Basis{
		Evidence: c, Group: group, Causes: causes, Suspects: suspects, Verdict: word, Outweighed: outweighed, Decisions: decisions,
		Engine: e.options.Version, Weights: c.By().Name(), Owners: e.options.Owners, Classes: e.options.ErrorClasses,
	})), nil
}

// rankWithCommits ranks the causes that the evidence speaks for, the commits under the
// first of them included.
func rankWithCommits(c *gathered.Evidence) ([]report.Cause, suspect.Summary) {
	v := view.New(c)
	causes, suspects := rank.Causes(v), suspect.New(v)
	suspects.SetTriggers(causes[:min(len(causes), commitsUnder)])
	return causes, suspects.Summary(causes)
}

// firstNamed is the first cause's entity, empty where nothing has points.
func firstNamed(causes []report.Cause) string {
	if len(causes) == 0 || causes[0].Score <= 0 {
		return ""
	}
	return causes[0].Entity.Name
}

func (e *Engine) promises(a *ask.Asker, step time.Duration) promise.Lookup {
	return promise.Lookup{Asker: a, Metrics: e.sources.Metrics, Queries: e.options.Conditions, Step: step, By: e.options.Weights}
}

// CheckPromises looks a decision's conditions up for a service over the five
// minutes before now, one result per condition in the record's order; what
// cannot be known within ctx is "unknown" and says why.
func (e *Engine) CheckPromises(ctx context.Context, service string, d evidence.Decision, now time.Time) []report.ConditionResult {
	const step = 15 * time.Second // the usual scrape interval, or shorter
	return e.promises(e.options.Asker(), step).Now(ctx, service, d, now)
}

// Present asks whether the rules of an alert still fire. What cannot be known within
// ctx is "unknown" and says why.
func (e *Engine) Present(ctx context.Context, a evidence.Alert, now time.Time) report.Present {
	if e.sources.Metrics == nil {
		return report.Present{At: now.UTC(), Fires: report.Unknown, Says: wording.Say("present/no-metrics", "No metrics are configured, so nobody can tell whether it is still so.")}
	}
	a = a.Present(e.options.OnsetBefore + e.options.Lookback)
	fires, from := gather.Present(ctx, e.sources, e.options, Request{Alert: a, Now: now})
	return report.Masked(compose.Present(fires, from, now))
}

// commitsUnder is how many of the first causes get their commits ranked: the
// rest are one line each on the page.
const commitsUnder = 5
