package promise

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/port"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/weights"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// The results of looking a promise up.
const (
	promiseKept    = "kept"
	promiseBroken  = "broken"
	promiseUnknown = "unknown"
)

// mostCommits is of how many of the first cause's commits the decisions are looked
// up: the ranking seldom leaves doubt beyond the third.
const mostCommits = 3

// Lookup looks up in the metrics what decisions promised.
type Lookup struct {
	*ask.Asker
	// Metrics may be nil: nothing is known then.
	Metrics port.MetricSource
	// Queries are the configured expressions by condition, then service; "" as a
	// service stands for all.
	Queries map[string]map[string]string
	// Step is the distance between the samples asked for.
	Step time.Duration
	// By says over how long a promise is looked up that is asked of now; nil for the
	// default.
	By *weights.Set
}

// Views are the decisions that have to do with the first cause or with a change
// around the onset, with the conditions that they promised looked up.
func (v Lookup) Views(ctx context.Context, c *gathered.Evidence, causes []report.Cause) []report.DecisionView {
	ctx, cancel := context.WithTimeout(ctx, v.SourceDeadline)
	defer cancel()
	relevant := relevantDecisions(c, causes)
	normal := c.Lookback()
	if normal.Start.Before(c.Survey.Start) { // a declared normal time of another day
		normal = evidence.Window{}
	}
	views := make([]report.DecisionView, 0, len(relevant))
	for _, d := range c.Decisions {
		at := slices.IndexFunc(relevant, func(r decided) bool { return r.id == d.ID })
		if at < 0 {
			continue
		}
		view := report.DecisionView{Decision: d, Conditions: make([]report.ConditionResult, len(d.How.Verify))}
		var steps []func()
		for i, cond := range d.How.Verify {
			steps = append(steps, func() { view.Conditions[i] = v.lookUp(ctx, c.Incident, normal, relevant[at].service, cond) })
		}
		v.Together(steps...)
		views = append(views, view)
	}
	slices.SortStableFunc(views, func(a, b report.DecisionView) int {
		place := func(w report.DecisionView) int {
			return slices.IndexFunc(relevant, func(r decided) bool { return r.id == w.ID })
		}
		return cmp.Compare(place(a), place(b))
	})
	return views
}

// decided is a decision and the service it is looked up for.
type decided struct{ id, service string }

// relevantDecisions are the IDs in order of interest: behind the first cause,
// behind its first commits, behind its lines, behind changes. Each is looked up for
// the service whose code it governs, which need not be the cause.
func relevantDecisions(c *gathered.Evidence, causes []report.Cause) []decided {
	var list []decided
	add := func(id, service string) {
		if id != "" && !slices.ContainsFunc(list, func(d decided) bool { return d.id == id }) {
			list = append(list, decided{id, service})
		}
	}
	service := ""
	if len(causes) > 0 {
		first := &causes[0]
		service = first.Entity.Name
		add(first.Decision, governed(c, report.SuspectCommit(first), service))
		for _, k := range first.Commits[:min(len(first.Commits), mostCommits)] {
			for _, l := range c.Links[k.SHA] {
				add(l.DecisionID, governed(c, k.SHA, service))
			}
		}
	}
	for _, f := range c.Frames {
		if f.Blame != nil && f.Service == service {
			for _, l := range f.Blame.Decisions {
				add(l.DecisionID, service)
			}
		}
	}
	for _, ch := range c.Changes {
		if ch.Kind != evidence.ChangeDecision {
			add(ch.Attributes["decision_id"], ch.Service)
		}
	}
	const shownDecisions = 8
	return list[:min(len(list), shownDecisions)]
}

// governed is the service that a commit's decision governs, the cause's entity
// where the commit reached that one or nobody knows whom it reached.
func governed(c *gathered.Evidence, sha, cause string) string {
	at := slices.IndexFunc(c.Commits, func(k evidence.Commit) bool { return k.SHA == sha })
	if at < 0 {
		return cause
	}
	return cmp.Or(c.GovernedBy(&c.Commits[at], cause), cause)
}

// lookUp asks the metrics whether a condition holds in the incident. The worst
// value of the incident counts: a promise is to be kept throughout. In normal time,
// where a window of it is given, the median counts: what is broken by that was
// broken before, and will not hold again once the incident is over.
func (v Lookup) lookUp(ctx context.Context, w, normal evidence.Window, service string, cond evidence.Condition) report.ConditionResult {
	out := report.ConditionResult{Condition: cond, Result: promiseUnknown}
	expr := v.conditionExpr(service, cond)
	switch {
	case expr == "":
		out.Detail = wording.Say("promise/no-query", fmt.Sprintf("no query is configured for %q", cond.Name))
	case v.Metrics == nil:
		out.Detail = wording.Say("promise/no-metrics", "no metrics are configured")
	}
	if out.Detail != "" {
		v.Ledger.Unresolved("decisions", evidence.TopicCondition.Of(cmp.Or(cond.Text, cond.Name, cond.Expr)), cond.Name, out.Detail)
		return out
	}
	asked := w
	if normal.Start.Before(w.Start) && !normal.IsZero() {
		asked.Start = normal.Start
	}
	worst, found := 0.0, false
	usual, known := 0.0, false
	for _, s := range v.queryRange(ctx, expr, asked) {
		var before []float64
		for _, sample := range s.Samples {
			switch {
			case !sample.Time.Before(w.Start):
				if !found || worse(cond.Op, sample.Value, worst) {
					worst, found = sample.Value, true
				}
			case sample.Time.Before(normal.End):
				before = append(before, sample.Value)
			}
		}
		if len(before) > 0 {
			if m := stat.Median(before); !known || worse(cond.Op, m, usual) {
				usual, known = m, true
			}
		}
	}
	if !found {
		out.Detail = wording.Say("promise/no-value", "the query gave no value: "+expr)
		return out
	}
	shown := worst * unitFactor(cond.Unit)
	out.Value, out.Detail = &shown, expr
	switch holds, comparable := compare(cond.Op, shown, cond.Value); {
	case !comparable:
		out.Detail = wording.Say("promise/no-comparison", fmt.Sprintf("%q is no comparison", cond.Op))
	case holds:
		out.Result = promiseKept
	default:
		out.Result = promiseBroken
	}
	if held, ok := compare(cond.Op, usual*unitFactor(cond.Unit), cond.Value); known && ok {
		usual *= unitFactor(cond.Unit)
		out.Usual, out.Before = &usual, promiseBroken
		if held {
			out.Before = promiseKept
		}
	}
	return out
}

func (v Lookup) queryRange(ctx context.Context, expr string, w evidence.Window) []evidence.Series {
	grid, step := metric.OnGrid(w, v.Step)
	list, _ := ask.Put(ctx, v.Asker, ask.Question{Source: "metrics", Topic: evidence.TopicConditions, Window: grid, Exact: expr}, func(ctx context.Context) ask.Answer[[]evidence.Series] {
		series, err := v.Metrics.QueryRange(ctx, expr, grid, step)
		return ask.Many(series, false, err)
	})
	return list
}

// conditionExpr is the query for a condition: its own, else the configured one
// for the service, else the configured one for all.
func (v Lookup) conditionExpr(service string, cond evidence.Condition) string {
	if cond.Expr != "" {
		return cond.Expr
	}
	by := v.Queries[cond.Name]
	return strings.ReplaceAll(cmp.Or(by[service], by[""]), "{entity}", metric.QuoteLabel(service))
}

// unitFactor turns Prometheus' base units into a condition's: queries give
// seconds and ratios.
func unitFactor(unit string) float64 {
	const wholePercents = 100
	switch unit {
	case "ms":
		return 1000
	case "%":
		return wholePercents
	default:
		return 1
	}
}

func worse(op string, a, b float64) bool {
	if strings.HasPrefix(op, ">") {
		return a < b
	}
	return a > b
}

func compare(op string, a, b float64) (holds, known bool) {
	switch op {
	case "<":
		return a < b, true
	case "<=":
		return a <= b, true
	case ">":
		return a > b, true
	case ">=":
		return a >= b, true
	case "==", "=":
		return a == b, true
	case "!=":
		return a != b, true
	default:
		return false, false
	}
}
