package gather

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/port"
	"github.com/wherefore-dev/wherefore/correlate/promql"
	"github.com/wherefore-dev/wherefore/correlate/rollback"
)

// takenBack finds the rollback that was taken, and reads what the alerts' own
// expressions give, thresholds and all: of a rule that wants several things at
// once one that is well again is enough, and only the whole of it tells.
func (v *Investigation) takenBack(ctx context.Context, c *gathered.Evidence) {
	c.Back = rollback.Taken(c.Changes, c.Returns, c.Onset.At)
	if c.Back == nil || v.sources.Metrics == nil {
		return
	}
	c.Fires = v.firing(ctx)
}

// Present reads how the rules of a request's alerts stand in the minutes up to its
// Now, and from when on a value may still be called present; nothing where no rule is
// known or there are no metrics to ask.
func Present(ctx context.Context, s port.Sources, o Options, req gathered.Request) (fires []gathered.Fires, from time.Time) {
	if s.Metrics == nil {
		return nil, req.Now
	}
	v := New(s, o, req)
	v.Within(ctx)
	v.resolveRules(ctx, &v.symptom)
	v.answers.step = v.by().Spacing
	by := v.by()
	v.span = evidence.Window{Start: req.Now.Add(-time.Duration(by.Samples) * by.Spacing), End: req.Now}.UTC()
	steps, keep := v.askAlerting(ctx)
	v.Together(steps...)
	keep()
	fires = v.firing(ctx)
	if len(v.symptom.raised) > len(fires) {
		fires = append(fires, gathered.Fires{Unasked: true}) // for the rest of them
	}
	return fires, req.Now.Add(-max(by.Gone, time.Duration(by.GoneSteps)*by.Spacing))
}

// firing is when the rules of the alerts fired, in the order of their expressions.
func (v *Investigation) firing(ctx context.Context) []gathered.Fires {
	rules := slices.Sorted(maps.Keys(v.symptom.raised))
	rules = rules[:min(len(rules), maxExprs)]
	list := make([]gathered.Fires, len(rules))
	var steps []func()
	for i, text := range rules {
		steps = append(steps, func() { list[i] = v.fires(ctx, text, v.symptom.raised[text]) })
	}
	v.Together(steps...)
	return list
}

// fires is when an expression fired for one of the alerts that it raised.
func (v *Investigation) fires(ctx context.Context, text string, raised []map[string]string) gathered.Fires {
	f := gathered.Fires{Expr: text}
	own := func(s evidence.Series) bool {
		return slices.ContainsFunc(raised, func(labels map[string]string) bool { return agree(s.Labels, labels) })
	}
	fired, answered := v.rangeOf(ctx, evidence.TopicAlerting, text, v.metricWindow())
	f.Firing, f.Unasked = instants(fired, own), !answered
	e, err := promql.Read(text)
	if err != nil {
		return f // an alert that is none raised nothing
	}
	var known []evidence.Series
	for _, m := range e.Measured {
		known = append(known, v.alreadyRead(m.Expr)...)
	}
	f.Known = instants(known, own)
	alternatives, _ := promql.Bounds(text)
	for _, b := range slices.Concat(alternatives...) {
		if len(f.Bounds) == maxExprs {
			break
		}
		read := v.alreadyRead(b.Expr)
		if len(read) == 0 {
			read = v.queryRange(ctx, evidence.TopicAlerting, b.Expr, v.metricWindow())
		}
		bound := gathered.Bound{Bound: b}
		for _, s := range read {
			if own(s) {
				bound.Series = append(bound.Series, s.Samples)
			}
		}
		f.Bounds = append(f.Bounds, bound)
	}
	return f
}

// alreadyRead are the series of an expression that was asked for the alerts or
// their objectives.
func (v *Investigation) alreadyRead(expr string) []evidence.Series {
	var list []evidence.Series
	for _, s := range slices.Concat(v.answers.alerting, v.answers.budget) {
		if s.Expr == expr {
			list = append(list, s)
		}
	}
	return list
}

// agree tells whether no label that both have differs.
func agree(a, b map[string]string) bool {
	for k, x := range a {
		if y, ok := b[k]; ok && y != x {
			return false
		}
	}
	return true
}

// instants are those at which one of the series that are meant has a sample, in
// order.
func instants(list []evidence.Series, meant func(evidence.Series) bool) []time.Time {
	var out []time.Time
	for _, s := range list {
		if !meant(s) {
			continue
		}
		for _, x := range s.Samples {
			if !math.IsNaN(x.Value) { // a share of nothing
				out = append(out, x.Time)
			}
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}

// mostTried is of how many plans the newest trial is looked at, and how many traces
// of one are read.
const mostTried = 4

// tried looks at the telemetry of the newest trial of each plan to take a decision
// back, the newest trials first.
func (v *Investigation) tried(ctx context.Context, c *gathered.Evidence, of map[string]string) {
	type trial struct {
		id string
		rollback.Trial
	}
	var list []trial
	for _, id := range slices.Sorted(maps.Keys(c.Newest)) {
		if t, ok := rollback.NewestTrial(rollback.Trials(c.Newest[id].How.Drills), v.span.End); ok {
			list = append(list, trial{id, t})
		}
	}
	if len(list) == 0 || v.sources.Metrics == nil {
		return
	}
	slices.SortStableFunc(list, func(a, b trial) int { return b.At.Compare(a.At) })
	list = list[:min(len(list), mostTried)]
	got := make([]gathered.Tried, len(list))
	var steps []func()
	for i, t := range list {
		w := rollback.Around(t.At, time.Duration(t.Seconds*float64(time.Second)))
		steps = append(steps, func() { got[i] = v.seenOf(ctx, w, of[t.id]) })
	}
	v.Together(steps...)
	c.Tried = map[string]gathered.Tried{}
	for i, t := range list {
		c.Tried[t.id] = got[i]
	}
}

func (v *Investigation) seenOf(ctx context.Context, w evidence.Window, service string) gathered.Tried {
	t := gathered.Tried{Window: w}
	query := func(expr string) (list []evidence.Series) {
		list, ok := ask.Put(ctx, v.Asker, ask.Question{Source: "metrics", Topic: evidence.TopicTrials, Window: w, Exact: expr}, func(ctx context.Context) ask.Answer[[]evidence.Series] {
			series, err := v.sources.Metrics.QueryRange(ctx, expr, w, rollback.Spacing)
			return ask.Many(series, false, err)
		})
		if !ok {
			t.Failed = "the metrics of its last drill could not be asked"
		}
		return plainSeries(list)
	}
	t.Metrics = query(rollback.Query())
	t.Kept = len(t.Metrics) > 0 || len(query(rollback.Kept)) > 0
	if v.sources.Traces == nil || service == "" || len(t.Metrics) == 0 {
		return t
	}
	q := evidence.TraceQuery{Service: service, Operation: rollback.SpanName, Window: w, Limit: mostTried}
	traces, _ := ask.Put(ctx, v.Asker, ask.Question{Source: "traces", Topic: evidence.TopicTrials, Window: w}, func(ctx context.Context) ask.Answer[[]evidence.Trace] {
		list, cut, err := v.sources.Traces.FindTraces(ctx, q)
		return ask.Many(list, cut, err)
	})
	for _, tr := range traces {
		if op := rollback.Operation(tr); op != "" {
			t.Operation = op
		}
	}
	return t
}
