package gather

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// measuredSeries is one series of one entity over the whole survey.
type measuredSeries struct {
	entity  string
	name    string
	labels  map[string]string
	kind    evidence.MetricKind
	stat    string
	expr    string
	alert   bool
	samples []evidence.Sample // in time order
}

// metricQuery is one expression and how to read what it gives.
type metricQuery struct {
	expr string
	// name, kind and stat of the result; empty name: the series' own, and kind
	// and stat follow from kinds and from the samples.
	name string
	kind evidence.MetricKind
	stat string
	// kinds by metric name, for a query over several metrics.
	kinds    map[string]evidence.MetricKind
	alerting map[string]bool
	matcher  string // of a query over several metrics
}

// isWatched reports whether a query reads something that the alerts look at.
func (q metricQuery) isWatched() bool {
	for _, watched := range q.alerting { // any will do
		if watched {
			return true
		}
	}
	return false
}

// surveyMetrics reads the alerts' own expressions and the discovered metrics, those
// that the alerts look at first, over the survey and then the reference windows.
func (v *Investigation) surveyMetrics(ctx context.Context, found []discovered) {
	if v.sources.Metrics == nil {
		return
	}
	g := &v.answers
	queries := v.planQueries(found)
	windows := append([]evidence.Window{v.metricWindow()}, v.req.Reference...)
	got := make([][]evidence.Series, len(queries)*len(windows))
	steps, keepAlerting := v.askAlerting(ctx)
	for wi, w := range windows {
		for _, watched := range []bool{true, false} {
			for qi, q := range queries {
				if q.isWatched() == watched {
					steps = append(steps, func() { got[qi*len(windows)+wi] = v.queryRange(ctx, evidence.TopicValues, q.expr, w) })
				}
			}
		}
	}
	budgets, keep := v.askBudgets(ctx)
	v.Together(slices.Concat(steps, budgets)...)
	keepAlerting()
	keep()
	for qi, q := range queries {
		g.metrics = append(g.metrics, v.measured(q, got[qi*len(windows):(qi+1)*len(windows)])...)
	}
	collected := collectedTimes(g.metrics)
	for i := range g.metrics {
		g.metrics[i].samples = zeroFilled(g.metrics[i], collected[g.metrics[i].entity])
	}
	g.queries = queries
	slices.SortStableFunc(g.metrics, compareMeasured)
}

// askAlerting are the steps that read what the alerts' rules measure; keep has the
// answers, once all have been taken.
func (v *Investigation) askAlerting(ctx context.Context) (steps []func(), keep func()) {
	got := make([][]evidence.Series, len(v.symptom.exprs))
	for i, expr := range v.symptom.exprs {
		steps = append(steps, func() {
			got[i] = v.queryRange(ctx, evidence.TopicAlerting, expr, v.metricWindow())
			for j := range got[i] {
				got[i][j].Expr = expr
			}
		})
	}
	return steps, func() { v.answers.alerting = slices.Concat(got...) }
}

func compareMeasured(a, b measuredSeries) int {
	if c := cmp.Or(cmp.Compare(a.entity, b.entity), cmp.Compare(a.name, b.name), cmp.Compare(a.stat, b.stat)); c != 0 {
		return c // most pairs: their labels need not be written out
	}
	return cmp.Or(cmp.Compare(metric.LabelsText(a.labels), metric.LabelsText(b.labels)), cmp.Compare(a.expr, b.expr))
}

// metricWindow is the survey, made longer where samples are so far apart that
// it would hold too few of them.
func (v *Investigation) metricWindow() evidence.Window {
	w := v.span
	if start := w.End.Add(-time.Duration(v.by().Samples) * v.answers.step); start.Before(w.Start) {
		w.Start = start
	}
	return w
}

// queryRange evaluates an expression on the grid that ends with the window, so
// that the newest sample is always seen.
func (v *Investigation) queryRange(ctx context.Context, topic evidence.Topic, expr string, w evidence.Window) []evidence.Series {
	list, _ := v.rangeOf(ctx, topic, expr, w)
	return list
}

// rangeOf is the same and tells whether the question was answered.
func (v *Investigation) rangeOf(ctx context.Context, topic evidence.Topic, expr string, w evidence.Window) (list []evidence.Series, answered bool) {
	w, step := metric.OnGrid(w, v.answers.step)
	list, answered = ask.Put(ctx, v.Asker, ask.Question{Source: "metrics", Topic: topic, Window: w, Exact: expr}, func(ctx context.Context) ask.Answer[[]evidence.Series] {
		series, err := v.sources.Metrics.QueryRange(ctx, expr, w, step)
		return ask.Many(series, false, err)
	})
	return plainSeries(list), answered
}

// plainSeries are series under the names that the engine knows. What is given may
// be others' too and is not written to.
func plainSeries(list []evidence.Series) []evidence.Series {
	plain := make([]evidence.Series, len(list))
	for i, s := range list {
		plain[i] = metric.Plain(s)
	}
	return plain
}

// sampleSpacing measures how far apart the samples of a few metrics are: a step
// of 15 s over samples of 300 s would make twenty values out of one.
func (v *Investigation) sampleSpacing(ctx context.Context, found []discovered) time.Duration {
	v.answers.step = v.by().Spacing
	const most = 5
	var picked []discovered
	for i := 0; i < most && i < len(found); i++ {
		picked = append(picked, found[i*len(found)/min(most, len(found))])
	}
	w := evidence.Window{Start: v.span.End, End: v.span.End}
	seconds := make([]float64, len(picked))
	var steps []func()
	for i, d := range picked {
		name := d.series[0].Name
		steps = append(steps, func() {
			sel, back := v.answers.spelled.Selector(name, d.matcher), promDuration(v.span.Duration())
			// From the first sample's own time to the last one's, over the
			// number of gaps: the samples need not fill the window.
			expr := fmt.Sprintf("(max(max_over_time(timestamp(%s)[%s:1m])) - min(min_over_time(timestamp(%s)[%s:1m]))) / (max(count_over_time(%s[%s])) - 1)",
				sel, back, sel, back, sel, back)
			for _, s := range v.queryRange(ctx, evidence.TopicSpacing, expr, w) {
				for _, sample := range s.Samples {
					seconds[i] = max(seconds[i], sample.Value)
				}
			}
		})
	}
	v.Together(steps...)
	seconds = slices.DeleteFunc(seconds, func(s float64) bool { return s <= 0 })
	if len(seconds) == 0 {
		return v.by().Spacing
	}
	spacing := time.Duration(stat.Median(seconds) * float64(time.Second))
	best := v.by().Spacings[0]
	for _, u := range v.by().Spacings {
		if (u - spacing).Abs() < (best - spacing).Abs() {
			best = u
		}
	}
	return best
}

// planQueries turns metrics into queries. Where an entity has few series they
// are read as they are, many metrics in one query; where it has many, the
// server sums them per entity, keeping the labels that tell versions, ends of
// a call and outcomes apart.
func (v *Investigation) planQueries(found []discovered) []metricQuery {
	var queries []metricQuery
	type batchKey struct{ label, matcher string }
	batches := map[batchKey][]discovered{}
	var order []batchKey
	for _, d := range found {
		d.matcher = v.servedOnly(d)
		switch {
		case d.unread:
		case d.kind == evidence.MetricHistogram:
			queries = append(queries, v.histogramQueries(d)...)
		case d.kind == evidence.MetricSummary:
			queries = append(queries, v.summaryQueries(d)...)
		case len(d.series) > mostSeries:
			queries = append(queries, v.summedQuery(d))
		default:
			k := batchKey{d.label, d.matcher}
			if batches[k] == nil {
				order = append(order, k)
			}
			batches[k] = append(batches[k], d)
		}
	}
	for _, k := range order {
		for chunk := range slices.Chunk(batches[k], mostPerQuery) {
			queries = append(queries, v.rawQuery(k.matcher, chunk))
		}
	}
	return append(queries, v.templateQueries(found)...)
}

// mostPerQuery bounds the length of one query and what one answer holds.
const mostPerQuery = 20

// rawQuery reads the samples of several metrics as they are. last_over_time
// looks back one and a half steps only, so that a series that stopped is seen
// to have stopped instead of being carried on for the five minutes of an
// instant selector.
func (v *Investigation) rawQuery(matcher string, metrics []discovered) metricQuery {
	q := metricQuery{kinds: map[string]evidence.MetricKind{}, alerting: map[string]bool{}, matcher: matcher}
	var names []string
	for _, d := range metrics {
		names = append(names, d.name)
		q.kinds[d.name] = d.kind
		q.alerting[d.name] = d.alerting
	}
	q.expr = v.rawExpr(matcher, names)
	return q
}

func (v *Investigation) rawExpr(matcher string, names []string) string {
	patterns := make([]string, len(names))
	for i, n := range names {
		patterns[i] = regexp.QuoteMeta(v.answers.spelled.Name(n))
	}
	return fmt.Sprintf(`last_over_time({__name__=~"%s",%s}[%s])`, metric.QuoteLabel(strings.Join(patterns, "|")), matcher, v.backRange())
}

// narrowed is a query over several metrics reduced to some of them; any other
// stays as it is.
func (v *Investigation) narrowed(q metricQuery, names []string) metricQuery {
	if q.kinds == nil {
		return q
	}
	names = slices.Sorted(slices.Values(names))
	q.expr = v.rawExpr(q.matcher, names)
	return q
}

func (v *Investigation) summedQuery(d discovered) metricQuery {
	by, sel := v.answers.spelled.Labels(v.keptLabels(d)), v.answers.spelled.Selector(d.name, d.matcher)
	q := metricQuery{name: d.name, kind: d.kind, alerting: map[string]bool{d.name: d.alerting}}
	if d.kind == evidence.MetricCounter {
		q.stat = "rate"
		q.expr = fmt.Sprintf("sum by (%s) (rate(%s[%s]))", by, sel, v.rateRange())
	} else {
		q.expr = fmt.Sprintf("avg by (%s) (last_over_time(%s[%s]))", by, sel, v.backRange())
	}
	return q
}

func (v *Investigation) histogramQueries(d discovered) []metricQuery {
	by, w := v.answers.spelled.Labels(v.keptLabels(d)), v.rateRange()
	part := func(suffix string) string { return v.answers.spelled.Selector(d.name+suffix, d.matcher) }
	of := func(stat, expr string) metricQuery {
		return metricQuery{name: d.name, kind: evidence.MetricHistogram, stat: stat, expr: expr, alerting: map[string]bool{d.name: d.alerting}}
	}
	queries := []metricQuery{
		of("rate", fmt.Sprintf("sum by (%s) (rate(%s[%s]))", by, part("_count"), w)),
		of("mean", fmt.Sprintf("sum by (%s) (rate(%s[%s])) / sum by (%s) (rate(%s[%s]))", by, part("_sum"), w, by, part("_count"), w)),
	}
	for _, p := range []struct{ stat, q string }{{"p50", "0.5"}, {"p99", "0.99"}} {
		queries = append(queries, of(p.stat, fmt.Sprintf("histogram_quantile(%s, sum by (le, %s) (rate(%s[%s])))", p.q, by, part("_bucket"), w)))
	}
	return queries
}

func (v *Investigation) summaryQueries(d discovered) []metricQuery {
	all := v.histogramQueries(d)[:2] // rate and mean need no buckets
	for i := range all {
		all[i].kind = evidence.MetricSummary
	}
	return all
}

// keptLabels are the labels by which series may be told apart after summing.
func (v *Investigation) keptLabels(d discovered) []string {
	keep := []string{d.label}
	candidates := slices.Concat(v.options.Names.Version, metric.OutcomeLabels)
	for _, pair := range edgeLabels {
		candidates = append(candidates, pair[0], pair[1])
	}
	for _, l := range candidates {
		if !slices.Contains(keep, l) && slices.ContainsFunc(d.series, func(s evidence.Series) bool { return s.Labels[l] != "" }) {
			keep = append(keep, l)
		}
	}
	return keep
}

// rateRange is the range of a rate.
func (v *Investigation) rateRange() string {
	by, step := v.by(), v.answers.step
	return promDuration(max(by.Spacing, time.Duration(by.Rate)*min(step, by.Spacing), time.Duration(by.Wide*float64(step))))
}

// backRange is how far a series is carried on.
func (v *Investigation) backRange() string {
	return promDuration(time.Duration(v.by().Back * float64(v.answers.step)))
}

// promDuration spells a duration the way PromQL does, in its largest whole
// unit.
func promDuration(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if d >= u.unit && d%u.unit == 0 {
			return fmt.Sprintf("%d%s", d/u.unit, u.name)
		}
	}
	return fmt.Sprintf("%dms", max(d.Milliseconds(), 1))
}
