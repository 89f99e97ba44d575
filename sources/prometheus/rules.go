package prometheus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

var errNoExemplars = errors.New("the server stores no exemplars; Prometheus needs --enable-feature=exemplar-storage")

// Rules returns all alerting rules by group, then name, then expression.
func (c *Client) Rules(ctx context.Context) ([]evidence.Rule, error) {
	r, err := c.api.Rules(ctx, nil)
	if err != nil {
		return nil, failure(ctx, "prometheus rules", err)
	}
	if r.Groups == nil { // a server without rules has an empty list
		return nil, fmt.Errorf("prometheus rules: %w: the answer is not Prometheus's", evidence.ErrUnavailable)
	}
	rules := []evidence.Rule{}
	for _, g := range r.Groups {
		for _, any := range g.Rules {
			a, ok := any.(v1.AlertingRule)
			if !ok {
				continue // a recording rule
			}
			rules = append(rules, evidence.Rule{
				Name: a.Name, Group: g.Name, Expr: a.Query, Labels: labelMap(a.Labels),
				For: time.Duration(a.Duration * float64(time.Second)),
			})
		}
	}
	slices.SortStableFunc(rules, func(a, b evidence.Rule) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Expr, b.Expr))
	})
	return rules, nil
}

// Exemplars returns the exemplars in the window of the series in expr that name
// a trace. A server that stores none cannot be told from one that has none by
// its answer, so an empty one makes this ask for the server's flags.
func (c *Client) Exemplars(ctx context.Context, expr string, w evidence.Window) ([]evidence.Exemplar, error) {
	call := fmt.Sprintf("prometheus exemplars of %.120q", expr)
	if w.Duration() <= 0 {
		return nil, fmt.Errorf("%s: the window is empty: %w", call, evidence.ErrInvalid)
	}
	results, err := c.api.QueryExemplars(ctx, expr, w.Start, w.End.Add(-time.Millisecond))
	if err != nil {
		return nil, failure(ctx, call, err)
	}
	if len(results) == 0 && c.storesNoExemplars(ctx) {
		return nil, fmt.Errorf("%s: %w: %w", call, evidence.ErrUnsupported, errNoExemplars)
	}
	out := []evidence.Exemplar{}
	for _, r := range results {
		for _, e := range r.Exemplars {
			if x, ok := c.exemplar(r.SeriesLabels, e); ok && w.Contains(x.Time) {
				out = append(out, x)
			}
		}
	}
	slices.SortFunc(out, func(a, b evidence.Exemplar) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.TraceID, b.TraceID), cmp.Compare(a.Series, b.Series), cmp.Compare(a.Value, b.Value))
	})
	return out, ctx.Err()
}

func (c *Client) exemplar(series model.LabelSet, e v1.Exemplar) (evidence.Exemplar, bool) {
	s := named(model.Metric(series))
	x := evidence.Exemplar{Series: s.Name, Labels: s.Labels, Value: float64(e.Value), Time: e.Timestamp.Time().UTC()}
	id, err := evidence.ParseTraceID(first(e.Labels, c.config.TraceLabels))
	if err != nil {
		return x, false
	}
	x.TraceID, x.SpanID = id, first(e.Labels, c.config.SpanLabels)
	return x, true
}

// storesNoExemplars reports whether the server says that it keeps none.
func (c *Client) storesNoExemplars(ctx context.Context) bool {
	flags, err := c.api.Flags(ctx)
	return err == nil && !strings.Contains(flags["enable-feature"], "exemplar-storage")
}

func first(labels model.LabelSet, names []string) string {
	for _, n := range names {
		if v := labels[model.LabelName(n)]; v != "" {
			return string(v)
		}
	}
	return ""
}

func labelMap(set model.LabelSet) map[string]string {
	if len(set) == 0 {
		return nil
	}
	m := make(map[string]string, len(set))
	for k, v := range set {
		m[string(k)] = string(v)
	}
	return m
}
