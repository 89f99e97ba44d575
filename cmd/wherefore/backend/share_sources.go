package backend

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/jaeger"
	"github.com/wherefore-dev/wherefore/sources/loki"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
)

// The clients with their questions shared. What a client can besides stays as it is.
type (
	sharedJaeger struct {
		*jaeger.Client
		shelf *shelf
	}
	sharedLoki struct {
		*loki.Client
		shelf *shelf
	}
	sharedPrometheus struct {
		*prometheus.Client
		shelf *shelf
	}
)

// many is an answer that may have been cut at a limit.
type many[T any] struct {
	list []T
	cut  bool
}

// listOf is the kind of a list whose members are copied and measured by themselves.
func listOf[T any](copied func(T) T, size func(T) int) kind[many[T]] {
	return kind[many[T]]{
		copied: func(m many[T]) many[T] {
			list := slices.Clone(m.list)
			for i := range list {
				list[i] = copied(list[i])
			}
			return many[T]{list, m.cut}
		},
		size: func(m many[T]) (n int) {
			for _, x := range m.list {
				n += size(x)
			}
			return n
		},
	}
}

func one[T any](T) int   { return 1 }
func plain[T any](x T) T { return x }

func spansOf(t evidence.Trace) int { return len(t.Spans) }

func copyTrace(t evidence.Trace) evidence.Trace {
	t.Spans = slices.Clone(t.Spans)
	for i := range t.Spans {
		s := &t.Spans[i]
		s.Attributes, s.Events, s.Links = maps.Clone(s.Attributes), slices.Clone(s.Events), slices.Clone(s.Links)
		for j := range s.Events {
			s.Events[j].Attributes = maps.Clone(s.Events[j].Attributes)
		}
	}
	return t
}

func copyLine(l evidence.LogLine) evidence.LogLine {
	l.Attributes = maps.Clone(l.Attributes)
	return l
}

func copySeries(s evidence.Series) evidence.Series {
	s.Labels, s.Samples = maps.Clone(s.Labels), slices.Clone(s.Samples)
	return s
}

func copyExemplar(e evidence.Exemplar) evidence.Exemplar {
	e.Labels = maps.Clone(e.Labels)
	return e
}

func copyRule(r evidence.Rule) evidence.Rule {
	r.Labels = maps.Clone(r.Labels)
	return r
}

// listed shares a question whose answer is a list.
func listed[T any](ctx context.Context, s *shelf, k kind[many[T]], question []any, put func(context.Context) ([]T, bool, error)) ([]T, bool, error) {
	m, err := asked(ctx, s, k, question, func(ctx context.Context) (many[T], error) {
		list, cut, err := put(ctx)
		return many[T]{list, cut}, err
	})
	return m.list, m.cut, err
}

// whole is listed for an answer that is never cut.
func whole[T any](ctx context.Context, s *shelf, k kind[many[T]], question []any, put func(context.Context) ([]T, error)) ([]T, error) {
	list, _, err := listed(ctx, s, k, question, func(ctx context.Context) ([]T, bool, error) {
		list, err := put(ctx)
		return list, false, err
	})
	return list, err
}

func (x sharedJaeger) Trace(ctx context.Context, id string) (evidence.Trace, error) {
	return asked(ctx, x.shelf, kind[evidence.Trace]{copyTrace, spansOf}, []any{"trace", id}, func(ctx context.Context) (evidence.Trace, error) { return x.Client.Trace(ctx, id) })
}

func (x sharedJaeger) FindTraces(ctx context.Context, q evidence.TraceQuery) ([]evidence.Trace, bool, error) {
	return listed(ctx, x.shelf, listOf(copyTrace, spansOf), []any{"traces", q}, func(ctx context.Context) ([]evidence.Trace, bool, error) { return x.Client.FindTraces(ctx, q) })
}

func (x sharedJaeger) Services(ctx context.Context) ([]string, error) {
	return whole(ctx, x.shelf, listOf(plain[string], one), []any{"services"}, x.Client.Services)
}

func (x sharedJaeger) Dependencies(ctx context.Context, w evidence.Window) ([]evidence.Edge, error) {
	return whole(ctx, x.shelf, listOf(plain[evidence.Edge], one), []any{"graph", w}, func(ctx context.Context) ([]evidence.Edge, error) { return x.Client.Dependencies(ctx, w) })
}

func (x sharedLoki) Logs(ctx context.Context, q evidence.LogQuery) ([]evidence.LogLine, bool, error) {
	return listed(ctx, x.shelf, listOf(copyLine, one), []any{"logs", q}, func(ctx context.Context) ([]evidence.LogLine, bool, error) { return x.Client.Logs(ctx, q) })
}

func (x sharedLoki) StreamNames(ctx context.Context, w evidence.Window) ([]string, error) {
	return whole(ctx, x.shelf, listOf(plain[string], one), []any{"streams", w}, func(ctx context.Context) ([]string, error) { return x.Client.StreamNames(ctx, w) })
}

func (x sharedLoki) CountLines(ctx context.Context, expr string, w evidence.Window, step time.Duration) ([]evidence.Sample, error) {
	return whole(ctx, x.shelf, listOf(plain[evidence.Sample], one), []any{"counts", expr, w, step}, func(ctx context.Context) ([]evidence.Sample, error) {
		return x.Client.CountLines(ctx, expr, w, step)
	})
}

func (x sharedPrometheus) ListSeries(ctx context.Context, selectors []string, w evidence.Window) ([]evidence.Series, bool, error) {
	return listed(ctx, x.shelf, listOf(copySeries, samplesOf), []any{"list", selectors, w}, func(ctx context.Context) ([]evidence.Series, bool, error) {
		return x.Client.ListSeries(ctx, selectors, w)
	})
}

func (x sharedPrometheus) QueryRange(ctx context.Context, expr string, w evidence.Window, step time.Duration) ([]evidence.Series, error) {
	return whole(ctx, x.shelf, listOf(copySeries, samplesOf), []any{"range", expr, w, step}, func(ctx context.Context) ([]evidence.Series, error) {
		return x.Client.QueryRange(ctx, expr, w, step)
	})
}

func (x sharedPrometheus) Exemplars(ctx context.Context, expr string, w evidence.Window) ([]evidence.Exemplar, error) {
	return whole(ctx, x.shelf, listOf(copyExemplar, one), []any{"exemplars", expr, w}, func(ctx context.Context) ([]evidence.Exemplar, error) { return x.Client.Exemplars(ctx, expr, w) })
}

func (x sharedPrometheus) Rules(ctx context.Context) ([]evidence.Rule, error) {
	return whole(ctx, x.shelf, listOf(copyRule, one), []any{"rules"}, x.Client.Rules)
}

func samplesOf(s evidence.Series) int { return 1 + len(s.Samples) }
