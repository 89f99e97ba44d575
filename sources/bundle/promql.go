package bundle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql" // Prometheus' own engine, so that a replay cannot disagree with a server
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// maxPoints is the most steps of a range query, as in Prometheus' API.
const maxPoints = 11_000

// maxSeries is the most series that one listing returns.
const maxSeries = 50_000

// floatSample is a chunks.Sample of a plain number.
type floatSample struct {
	t int64
	v float64
}

func (s floatSample) T() int64                      { return s.t }
func (s floatSample) F() float64                    { return s.v }
func (s floatSample) H() *histogram.Histogram       { return nil }
func (s floatSample) FH() *histogram.FloatHistogram { return nil }
func (s floatSample) Copy() chunks.Sample           { return s }
func (s floatSample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }

func timeOf(ms int64) time.Time   { return time.UnixMilli(ms).UTC() }
func msOf(t time.Time) int64      { return t.UnixMilli() }
func usable(v float64) bool       { return !math.IsNaN(v) && !math.IsInf(v, 0) }
func (s *metricStore) len() int   { return len(s.series) }
func name(l labels.Labels) string { return l.Get(labels.MetricName) }

func engineOptions() promql.EngineOpts {
	return promql.EngineOpts{MaxSamples: 50_000_000, Timeout: time.Minute, LookbackDelta: 5 * time.Minute, EnableAtModifier: true, EnableNegativeOffset: true}
}

func splitName(l labels.Labels) (string, map[string]string) {
	m := make(map[string]string, l.Len())
	l.Range(func(x labels.Label) {
		if x.Name != labels.MetricName {
			m[x.Name] = x.Value
		}
	})
	if len(m) == 0 {
		m = nil
	}
	return name(l), m
}

// Querier gives the engine the series between two instants in milliseconds.
func (s *metricStore) Querier(mint, maxt int64) (storage.Querier, error) {
	return querier{s, mint, maxt}, nil
}

type querier struct {
	store      *metricStore
	mint, maxt int64
}

// LabelValues is not asked for by the engine.
func (querier) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// LabelNames is not asked for by the engine.
func (querier) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (querier) Close() error { return nil }

func (q querier) Select(ctx context.Context, sorted bool, _ *storage.SelectHints, ms ...*labels.Matcher) storage.SeriesSet {
	var found []storage.Series
	for _, i := range q.store.matching(ms) {
		s := q.store.series[i]
		part := between(s.samples, q.mint, q.maxt)
		if len(part) > 0 {
			found = append(found, storage.NewListSeries(s.labels, part))
		}
	}
	if sorted {
		slices.SortFunc(found, func(a, b storage.Series) int { return labels.Compare(a.Labels(), b.Labels()) })
	}
	return &seriesSet{list: found, ctx: ctx}
}

// between is the part of samples from mint to maxt, both included.
func between(l []chunks.Sample, mint, maxt int64) []chunks.Sample {
	from := sort.Search(len(l), func(i int) bool { return l[i].T() >= mint })
	to := sort.Search(len(l), func(i int) bool { return l[i].T() > maxt })
	return l[from:max(from, to)]
}

// seriesSet walks a list of series until its context ends.
type seriesSet struct {
	list []storage.Series
	next int
	ctx  context.Context
}

func (s *seriesSet) Next() bool                        { s.next++; return s.next <= len(s.list) && s.ctx.Err() == nil }
func (s *seriesSet) At() storage.Series                { return s.list[s.next-1] }
func (s *seriesSet) Err() error                        { return s.ctx.Err() }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

// matching lists the series that match, in the store's order. A matcher for one
// name narrows the search to that name's series, which stand together.
func (s *metricStore) matching(ms []*labels.Matcher) []int {
	from, to := 0, len(s.series)
	for _, m := range ms {
		if m.Name == labels.MetricName && m.Type == labels.MatchEqual {
			from = sort.Search(len(s.series), func(i int) bool { return name(s.series[i].labels) >= m.Value })
			to = from + sort.Search(len(s.series)-from, func(i int) bool { return name(s.series[from+i].labels) > m.Value })
		}
	}
	var found []int
	for i := from; i < to; i++ {
		if matchesAll(s.series[i].labels, ms) {
			found = append(found, i)
		}
	}
	return found
}

func matchesAll(l labels.Labels, ms []*labels.Matcher) bool {
	for _, m := range ms {
		if !m.Matches(l.Get(m.Name)) {
			return false
		}
	}
	return true
}

// ListSeries returns the series that match any selector and have a sample in
// the window.
func (b *Bundle) ListSeries(ctx context.Context, selectors []string, w evidence.Window) ([]evidence.Series, bool, error) {
	text := SeriesQueryText(selectors, w)
	if err := b.replay(ctx, SourceMetrics, text); err != nil {
		return nil, false, err
	}
	if len(selectors) == 0 {
		return nil, false, fmt.Errorf("list series: no selector was given: %w", evidence.ErrInvalid)
	}
	s, err := b.metricStore()
	if err != nil {
		return nil, false, err
	}
	hit := make([]bool, s.len())
	for _, sel := range selectors {
		ms, err := parser.ParseMetricSelector(sel)
		if err != nil {
			return nil, false, fmt.Errorf("list series %.120q: %s: %w", sel, brief(err), evidence.ErrInvalid)
		}
		for _, i := range s.matching(ms) {
			hit[i] = w.IsZero() || len(between(s.series[i].samples, msOf(w.Start), msOf(w.End))) > 0
		}
	}
	var found []evidence.Series
	for i, ok := range hit {
		if !ok {
			continue
		}
		if len(found) == maxSeries {
			return found, true, nil
		}
		n, ls := splitName(s.series[i].labels)
		found = append(found, evidence.Series{Name: n, Labels: ls, Kind: s.kind(n)})
	}
	return found, b.recordedAs(SourceMetrics, text, evidence.CoverageTruncated), nil
}

// QueryRange evaluates PromQL over the window, both ends included.
func (b *Bundle) QueryRange(ctx context.Context, expr string, w evidence.Window, step time.Duration) ([]evidence.Series, error) {
	if err := b.replay(ctx, SourceMetrics, RangeQueryText(expr, w, step)); err != nil {
		return nil, err
	}
	bad := func(why string) error { return fmt.Errorf("query %.120q: %s: %w", expr, why, evidence.ErrInvalid) }
	switch {
	case step < time.Millisecond:
		return nil, bad("the step must be at least a millisecond")
	case w.End.Before(w.Start):
		return nil, bad("the window ends before it starts")
	case w.Duration()/step > maxPoints:
		return nil, bad(fmt.Sprintf("more than %d points per series", maxPoints))
	}
	s, err := b.metricStore()
	if err != nil {
		return nil, err
	}
	q, err := s.engine.NewRangeQuery(ctx, s, nil, expr, w.Start, w.End, step)
	if err != nil {
		return nil, bad(brief(err))
	}
	defer q.Close()
	r := q.Exec(ctx)
	if r.Err != nil {
		return nil, queryError(ctx, expr, r.Err)
	}
	m, err := r.Matrix()
	if err != nil {
		return nil, bad(brief(err))
	}
	return matrix(m, expr, s), nil
}

func queryError(ctx context.Context, expr string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("query %.120q: %w", expr, ctx.Err())
	}
	kind := evidence.ErrInvalid
	if _, timeout := errors.AsType[promql.ErrQueryTimeout](err); timeout {
		kind = evidence.ErrUnavailable
	}
	return fmt.Errorf("query %.120q: %s: %w", expr, brief(err), kind)
}

// matrix turns a query's result into evidence, without NaN and infinities.
func matrix(m promql.Matrix, expr string, s *metricStore) []evidence.Series {
	slices.SortFunc(m, func(a, b promql.Series) int { return compareLabels(a.Metric, b.Metric) })
	out := make([]evidence.Series, 0, len(m))
	for _, x := range m {
		n, ls := splitName(x.Metric)
		e := evidence.Series{Name: n, Labels: ls, Expr: expr, Samples: make([]evidence.Sample, 0, len(x.Floats))}
		if n != "" {
			e.Kind = s.kind(n)
		}
		for _, f := range x.Floats {
			if usable(f.F) {
				e.Samples = append(e.Samples, evidence.Sample{Time: timeOf(f.T), Value: f.F})
			}
		}
		if len(e.Samples) > 0 {
			out = append(out, e)
		}
	}
	return out
}

// Exemplars returns the exemplars of the series that an expression selects.
func (b *Bundle) Exemplars(ctx context.Context, expr string, w evidence.Window) ([]evidence.Exemplar, error) {
	if err := b.replay(ctx, SourceExemplars, WindowQueryText(expr, w)); err != nil {
		return nil, err
	}
	parsed, err := parser.ParseExpr(expr)
	if err != nil {
		return nil, fmt.Errorf("exemplars %.120q: %s: %w", expr, brief(err), evidence.ErrInvalid)
	}
	s, err := b.metricStore()
	if err != nil {
		return nil, err
	}
	if len(s.exemplars) == 0 {
		return nil, fmt.Errorf("exemplars: the bundle has none: %w", evidence.ErrUnsupported)
	}
	selectors := parser.ExtractSelectors(parsed)
	var found []evidence.Exemplar
	for i, e := range s.exemplars {
		if e.Time.Before(w.Start) || e.Time.After(w.End) || b.hidden(e.Time) {
			continue
		}
		if slices.ContainsFunc(selectors, func(ms []*labels.Matcher) bool { return matchesAll(s.exemplarL[i], ms) }) {
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, func(a, b evidence.Exemplar) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.TraceID, b.TraceID))
	})
	return found, nil
}
