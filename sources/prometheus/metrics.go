package prometheus

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// ListSeries returns the series that match any of the selectors. A store
// answers by blocks and chunks, so that a series which ends shortly before the
// window may be listed too.
func (c *Client) ListSeries(ctx context.Context, selectors []string, w evidence.Window) ([]evidence.Series, bool, error) {
	call := fmt.Sprintf("prometheus series of %.80q", strings.Join(selectors, ", "))
	switch {
	case len(selectors) == 0:
		return nil, false, fmt.Errorf("%s: no selector is given: %w", call, evidence.ErrInvalid)
	case w.Duration() <= 0:
		return nil, false, fmt.Errorf("%s: the window is empty: %w", call, evidence.ErrInvalid)
	}
	last := w.End.Add(-time.Millisecond) // the API includes both ends
	sets, _, _, err := c.api.Series(ctx, selectors, w.Start, last, v1.WithLimit(uint64(c.config.MaxSeries)+1))
	if err != nil {
		return nil, false, failure(ctx, call, err)
	}
	series := make([]evidence.Series, 0, len(sets))
	for _, set := range sets {
		series = append(series, named(model.Metric(set)))
	}
	slices.SortFunc(series, order)
	series = slices.CompactFunc(series, func(a, b evidence.Series) bool { return order(a, b) == 0 })
	truncated := len(series) > c.config.MaxSeries
	if truncated {
		series = series[:c.config.MaxSeries]
	}
	c.setKinds(ctx, series)
	if err := ctx.Err(); err != nil {
		return nil, false, fmt.Errorf("%s: %w", call, err)
	}
	return series, truncated, nil
}

// QueryRange evaluates an expression at start, start+step and so on, the end
// included. Times are cut to milliseconds, as Prometheus has them.
func (c *Client) QueryRange(ctx context.Context, expr string, w evidence.Window, step time.Duration) ([]evidence.Series, error) {
	call := fmt.Sprintf("prometheus query %.120q", expr)
	switch {
	case step < time.Millisecond:
		return nil, fmt.Errorf("%s: the step %s is under a millisecond: %w", call, step, evidence.ErrInvalid)
	case w.End.Before(w.Start):
		return nil, fmt.Errorf("%s: the window ends before it starts: %w", call, evidence.ErrInvalid)
	}
	r := v1.Range{Start: w.Start.Truncate(time.Millisecond), End: w.End.Truncate(time.Millisecond), Step: step}
	value, _, _, err := c.api.QueryRange(ctx, expr, r)
	if err != nil {
		return nil, failure(ctx, call, err)
	}
	series, err := matrix(call, expr, value)
	if err != nil {
		return nil, err
	}
	c.setKinds(ctx, series)
	return series, nil
}

// Samples returns the raw samples that a selector has in the window, as they
// were scraped. It is how a bundle is recorded.
func (c *Client) Samples(ctx context.Context, selector string, w evidence.Window) ([]evidence.Series, error) {
	call := fmt.Sprintf("prometheus samples of %.120q", selector)
	length := w.Duration().Round(time.Millisecond)
	if length <= 0 {
		return nil, fmt.Errorf("%s: the window is empty: %w", call, evidence.ErrInvalid)
	}
	// Prometheus 2 includes the range's start and Prometheus 3 does not, so one
	// millisecond more is asked for and what lies outside is dropped.
	expr := fmt.Sprintf("%s[%dms]", selector, length.Milliseconds()+1)
	value, _, _, err := c.api.Query(ctx, expr, w.End)
	if err != nil {
		return nil, failure(ctx, call, err)
	}
	series, err := matrix(call, "", value)
	if err != nil {
		return nil, err
	}
	c.setKinds(ctx, series)
	for i := range series {
		series[i].Samples = slices.DeleteFunc(series[i].Samples, func(s evidence.Sample) bool { return !w.Contains(s.Time) })
	}
	return slices.DeleteFunc(series, func(s evidence.Series) bool { return len(s.Samples) == 0 }), nil
}

// Names lists the names of all metrics in the window, sorted.
func (c *Client) Names(ctx context.Context, w evidence.Window) ([]string, error) {
	values, _, _, err := c.api.LabelValues(ctx, model.MetricNameLabel, nil, w.Start, w.End)
	if err != nil {
		return nil, failure(ctx, "prometheus metric names", err)
	}
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = string(v)
	}
	slices.Sort(names)
	return names, nil
}

// Kinds says of each metric family what the scraped targets said of it. It is
// empty for backfilled data.
func (c *Client) Kinds(ctx context.Context) (map[string]evidence.MetricKind, error) {
	families, err := c.api.Metadata(ctx, "", "")
	if err != nil {
		return nil, failure(ctx, "prometheus metadata", err)
	}
	kinds := make(map[string]evidence.MetricKind, len(families))
	for name, said := range families {
		for _, m := range said { // several targets may differ; the first that is known wins
			if k := kind(m.Type); k != evidence.MetricUnknown {
				kinds[name] = k
				break
			}
		}
	}
	return kinds, nil
}

// setKinds fills in the kinds of series that have a name.
func (c *Client) setKinds(ctx context.Context, series []evidence.Series) {
	if !slices.ContainsFunc(series, func(s evidence.Series) bool { return s.Name != "" }) {
		return
	}
	known := c.kinds(ctx)
	for i := range series {
		series[i].Kind = kindOf(series[i], known)
	}
}

// kinds is what Kinds said at most kindsAge ago. Where it says nothing the
// suffixes tell, so that a failure is not the caller's.
func (c *Client) kinds(ctx context.Context) map[string]evidence.MetricKind {
	c.mu.Lock()
	known, fresh := c.known, time.Since(c.knownAt) < kindsAge
	c.mu.Unlock() // not held while asking, as the next caller's context may end first
	if fresh {
		return known
	}
	asked, err := c.Kinds(ctx)
	if err != nil {
		return known
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known, c.knownAt = asked, time.Now()
	return asked
}

func kind(t v1.MetricType) evidence.MetricKind {
	switch t {
	case v1.MetricTypeCounter:
		return evidence.MetricCounter
	case v1.MetricTypeGauge, v1.MetricTypeInfo, v1.MetricTypeStateset:
		return evidence.MetricGauge
	case v1.MetricTypeHistogram, v1.MetricTypeGaugeHistogram:
		return evidence.MetricHistogram
	case v1.MetricTypeSummary:
		return evidence.MetricSummary
	default:
		return evidence.MetricUnknown
	}
}

// kindOf is the kind of a series by its family's metadata, else by its suffix.
// The metadata of a counter may stand under its name with or without _total.
func kindOf(s evidence.Series, known map[string]evidence.MetricKind) evidence.MetricKind {
	if k := known[s.Name]; k != evidence.MetricUnknown {
		return k
	}
	family, suffix := s.Name, ""
	for _, try := range []string{"_total", "_bucket", "_count", "_sum"} {
		if f, ok := strings.CutSuffix(s.Name, try); ok {
			family, suffix = f, try
			break
		}
	}
	if k := known[family]; k != evidence.MetricUnknown && suffix != "" {
		return k
	}
	switch { // as classic clients name them
	case s.Name == "":
		return evidence.MetricUnknown
	case suffix == "_total":
		return evidence.MetricCounter
	case suffix != "":
		return evidence.MetricHistogram
	case s.Labels["quantile"] != "":
		return evidence.MetricSummary
	default:
		return evidence.MetricUnknown
	}
}

// matrix reads the answer to a range.
func matrix(call, expr string, value model.Value) ([]evidence.Series, error) {
	m, ok := value.(model.Matrix)
	if !ok {
		return nil, fmt.Errorf("%s: the answer is not a range of samples: %w", call, evidence.ErrUnavailable)
	}
	series := make([]evidence.Series, 0, len(m))
	for _, stream := range m {
		s := named(stream.Metric)
		s.Expr = expr
		s.Samples = make([]evidence.Sample, 0, len(stream.Values))
		for _, p := range stream.Values {
			if v := float64(p.Value); !math.IsNaN(v) && !math.IsInf(v, 0) {
				s.Samples = append(s.Samples, evidence.Sample{Time: p.Timestamp.Time().UTC(), Value: v})
			}
		}
		if len(s.Samples) > 0 {
			series = append(series, s)
		}
	}
	slices.SortFunc(series, order)
	return series, nil
}

func named(m model.Metric) evidence.Series {
	s := evidence.Series{Name: string(m[model.MetricNameLabel])}
	for k, v := range m {
		if k == model.MetricNameLabel {
			continue
		}
		if s.Labels == nil {
			s.Labels = make(map[string]string, len(m))
		}
		s.Labels[string(k)] = string(v)
	}
	return s
}

// order is by name, then labels as a sorted list of pairs.
func order(a, b evidence.Series) int {
	if c := cmp.Compare(a.Name, b.Name); c != 0 {
		return c
	}
	return slices.CompareFunc(pairs(a.Labels), pairs(b.Labels), func(x, y [2]string) int {
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]))
	})
}

func pairs(m map[string]string) [][2]string {
	out := make([][2]string, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, [2]string{k, m[k]})
	}
	return out
}
