package bundle

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// maxTraces is the most traces that one question returns, whatever its limit.
const maxTraces = 20_000

// traceIndex holds all traces in order of first start, then ID.
type traceIndex struct {
	traces []evidence.Trace
	byID   map[string]int
	// byService lists the traces a service has a span in.
	byService map[string][]int
	// ahead is how far ahead the clocks of services are, where it is known.
	ahead map[string]time.Duration
}

func (b *Bundle) traces() (*traceIndex, error) {
	return b.spans.get(func() (*traceIndex, error) {
		spans, ahead, err := b.readSpans()
		if err != nil {
			return nil, err
		}
		x := indexTraces(spans, b.losses[SourceTraces])
		x.ahead = ahead
		return x, nil
	})
}

// byTrace orders spans by trace. One sort keeps all spans in one block of memory; a
// trace is a part of it.
func byTrace(a, b evidence.Span) int {
	return cmp.Or(cmp.Compare(a.TraceID, b.TraceID), compareSpans(a, b))
}

// tracesIn are the traces of spans that are in order of their traces.
func tracesIn(spans []evidence.Span) []evidence.Trace {
	var list []evidence.Trace
	for len(spans) > 0 {
		n := 1
		for n < len(spans) && spans[n].TraceID == spans[0].TraceID {
			n++
		}
		list = append(list, evidence.Trace{ID: spans[0].TraceID, Spans: spans[:n:n]})
		spans = spans[n:]
	}
	return list
}

// indexTraces is the index of spans that are in order of their traces.
func indexTraces(spans []evidence.Span, lost *evidence.Losses) *traceIndex {
	x := &traceIndex{byID: map[string]int{}, byService: map[string][]int{}}
	repeated := func(evidence.Span) { lost.Add(evidence.LostRepeated, "") }
	x.traces = tracesIn(spans)
	for i := range x.traces {
		x.traces[i].Spans = evidence.DropRepeats(x.traces[i].Spans, repeated)
	}
	slices.SortFunc(x.traces, func(a, b evidence.Trace) int {
		return cmp.Or(a.Spans[0].Start.Compare(b.Spans[0].Start), cmp.Compare(a.ID, b.ID))
	})
	for i, t := range x.traces {
		x.byID[t.ID] = i
		for _, s := range t.Spans {
			if l := x.byService[s.Service]; len(l) == 0 || l[len(l)-1] != i {
				x.byService[s.Service] = append(l, i)
			}
		}
	}
	return x
}

// Trace returns every span of one trace.
func (b *Bundle) Trace(ctx context.Context, id string) (evidence.Trace, error) {
	if err := b.replay(ctx, SourceTraces, TraceQueryText(id)); err != nil {
		return evidence.Trace{}, err
	}
	id, err := evidence.ParseTraceID(id)
	if err != nil {
		return evidence.Trace{}, err
	}
	x, err := b.traces()
	if err != nil {
		return evidence.Trace{}, err
	}
	i, ok := x.byID[id]
	if !ok {
		return evidence.Trace{}, fmt.Errorf("trace %.64q is not in the bundle: %w", id, evidence.ErrNotFound)
	}
	return ownTrace(x.traces[i]), nil
}

// ownTrace copies a trace's spans for a caller who may reorder them. Their maps
// stay shared.
func ownTrace(t evidence.Trace) evidence.Trace {
	t.Spans = slices.Clone(t.Spans)
	return t
}

// FindTraces returns whole traces with a matching span of the query's service.
// When there are more than the limit, the newest are returned, as Jaeger does.
func (b *Bundle) FindTraces(ctx context.Context, q evidence.TraceQuery) ([]evidence.Trace, bool, error) {
	text := FindTracesQueryText(q)
	if err := b.replay(ctx, SourceTraces, text); err != nil {
		return nil, false, err
	}
	if q.Service == "" {
		return nil, false, fmt.Errorf("find traces: the service is empty: %w", evidence.ErrInvalid)
	}
	x, err := b.traces()
	if err != nil {
		return nil, false, err
	}
	limit := q.Limit
	if limit <= 0 || limit > maxTraces {
		limit = maxTraces
	}
	list := x.byService[q.Service]
	var found []evidence.Trace
	truncated := b.recordedAs(SourceTraces, text, evidence.CoverageTruncated)
	for i := len(list) - 1; i >= 0; i-- {
		t := x.traces[list[i]]
		if !slices.ContainsFunc(t.Spans, func(s evidence.Span) bool { return matches(s, q) }) {
			continue
		}
		if len(found) == limit {
			truncated = true
			break
		}
		found = append(found, ownTrace(t))
	}
	slices.Reverse(found)
	return found, truncated, ctx.Err()
}

func matches(s evidence.Span, q evidence.TraceQuery) bool {
	if s.Service != q.Service || q.Operation != "" && s.Operation != q.Operation || s.Duration < q.MinDuration {
		return false
	}
	if !q.Window.IsZero() && !q.Window.Contains(s.Start) {
		return false
	}
	for k, v := range q.Tags {
		if k == "error" {
			if s.Failed != (v == "true") {
				return false
			}
		} else if s.Attribute(k) != v {
			return false
		}
	}
	return true
}

// Services lists the services that have spans.
func (b *Bundle) Services(ctx context.Context) ([]string, error) {
	if err := b.replay(ctx, SourceTraces, ServicesQueryText); err != nil {
		return nil, err
	}
	x, err := b.traces()
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(x.byService)), nil
}
