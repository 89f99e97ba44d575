package jaeger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	model "github.com/jaegertracing/jaeger-idl/model/v1"
	"github.com/jaegertracing/jaeger-idl/proto-gen/api_v2"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Trace returns every span of one trace.
func (c *Client) Trace(ctx context.Context, id string) (evidence.Trace, error) {
	call := fmt.Sprintf("jaeger trace %.40q", id)
	wanted, err := parseTraceID(id)
	if err != nil {
		return evidence.Trace{}, fmt.Errorf("%s: %w", call, err)
	}
	limited, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	stream, err := c.query.GetTrace(limited, &api_v2.GetTraceRequest{TraceID: wanted, RawTraces: true})
	if err != nil {
		return evidence.Trace{}, failure(ctx, call, err)
	}
	got := newCollector(limited, c.config)
	if _, err := got.read(stream); err != nil {
		return evidence.Trace{}, failure(ctx, call, err)
	}
	// Stores answer with one ID; anything else is not what was asked for.
	t, ok := got.trace(wanted)
	if !ok {
		return evidence.Trace{}, fmt.Errorf("%s: there is no such trace: %w", call, evidence.ErrNotFound)
	}
	return t, nil
}

// FindTraces returns whole traces with a span of the service that matches. A
// store keeps the newest when there are more than the limit.
func (c *Client) FindTraces(ctx context.Context, q evidence.TraceQuery) ([]evidence.Trace, bool, error) {
	call := fmt.Sprintf("jaeger traces of %.80q", q.Service)
	switch {
	case q.Service == "":
		return nil, false, fmt.Errorf("%s: no service is given: %w", call, evidence.ErrInvalid)
	case q.Window.Duration() <= 0:
		return nil, false, fmt.Errorf("%s: the window is empty: %w", call, evidence.ErrInvalid)
	}
	limit := c.config.MaxTraces
	if q.Limit > 0 {
		limit = min(limit, q.Limit)
	}
	limited, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	traces, cut, err := c.search(limited, q, limit)
	if err != nil {
		return nil, false, failure(ctx, call, err)
	}
	if q.Tags[errorTag] != "true" {
		return traces, cut, nil
	}
	if len(traces) > 0 {
		c.findsFailing.Store(true)
		return traces, cut, nil
	}
	if c.findsFailing.Load() {
		return nil, cut, nil
	}
	// The memory store of Jaeger 2 takes the word "true" for a status of OK. As
	// long as no failing trace was found, nothing tells such a store from one
	// where nothing fails; the newest traces do.
	any := q
	any.Tags = maps.Clone(q.Tags)
	delete(any.Tags, errorTag)
	all, cut, err := c.search(limited, any, c.config.MaxTraces)
	if err != nil {
		return nil, false, failure(ctx, call, err)
	}
	found, more := newest(all, q, limit)
	return found, cut || more, nil
}

// errorTag marks failing spans in Jaeger.
const errorTag = "error"

// search asks one question.
func (c *Client) search(ctx context.Context, q evidence.TraceQuery, limit int) ([]evidence.Trace, bool, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // also ends the stream when enough was read
	stream, err := c.query.FindTraces(ctx, &api_v2.FindTracesRequest{Query: &api_v2.TraceQueryParameters{
		ServiceName: q.Service, OperationName: q.Operation, Tags: q.Tags,
		StartTimeMin: q.Window.Start, StartTimeMax: q.Window.End.Add(-time.Nanosecond), // stores include both ends
		DurationMin: q.MinDuration,
		SearchDepth: int32(min(limit+1, 1<<30)), // one more tells whether there are more
		RawTraces:   true,
	}})
	if err != nil {
		return nil, false, err
	}
	got := newCollector(ctx, c.config)
	full, err := got.read(stream)
	if err != nil {
		return nil, false, err
	}
	traces, cut := newest(got.traces(), q, limit)
	return traces, cut || full, nil
}

// newest keeps the traces that really match, since stores read a query
// loosely, and of those the latest, in order of first start.
func newest(traces []evidence.Trace, q evidence.TraceQuery, limit int) ([]evidence.Trace, bool) {
	cut := len(traces) > limit // before the filter: the store may have more that match
	failing := q.Tags[errorTag] == "true"
	traces = slices.DeleteFunc(traces, func(t evidence.Trace) bool {
		if failing && !slices.ContainsFunc(t.Spans, func(s evidence.Span) bool { return s.Service == q.Service && s.Failed }) {
			return true
		}
		return !slices.ContainsFunc(t.Spans, func(s evidence.Span) bool {
			return s.Service == q.Service && q.Window.Contains(s.Start) && s.Duration >= q.MinDuration &&
				(q.Operation == "" || s.Operation == q.Operation)
		})
	})
	slices.SortFunc(traces, func(a, b evidence.Trace) int {
		return cmp.Or(a.Spans[0].Start.Compare(b.Spans[0].Start), cmp.Compare(a.ID, b.ID))
	})
	if n := len(traces) - limit; n > 0 {
		traces = slices.Clone(traces[n:])
	}
	return traces, cut
}

// parseTraceID is the ID in Jaeger's form.
func parseTraceID(id string) (model.TraceID, error) {
	id, err := evidence.ParseTraceID(id)
	if err != nil {
		return model.TraceID{}, err
	}
	return model.TraceIDFromString(id)
}

// chunks is a stream of spans; GetTrace and FindTraces give the same.
type chunks interface {
	Recv() (*api_v2.SpansResponseChunk, error)
}

// collector gathers the spans of a stream by trace, within limits. A trace's
// spans may be spread over chunks and the traces of a chunk may differ.
type collector struct {
	ctx                     context.Context // of the one question; what is left out is told to it
	maxSpans, maxTraceSpans int
	maxBytes                int64

	spans   map[model.TraceID][]evidence.Span
	cut     map[model.TraceID]bool
	convert converter
}

func newCollector(ctx context.Context, c Config) *collector {
	return &collector{
		ctx:      ctx,
		maxSpans: c.MaxSpans, maxTraceSpans: c.MaxTraceSpans, maxBytes: c.MaxBytes,
		spans: map[model.TraceID][]evidence.Span{}, cut: map[model.TraceID]bool{}, convert: newConverter(),
	}
}

// read takes the whole stream, or as much as the limits allow; then full is
// true and so is Truncated on the trace that was being read.
func (c *collector) read(stream chunks) (full bool, err error) {
	total, size := 0, int64(0)
	for {
		chunk, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return full, nil
		}
		if err != nil {
			return full, err
		}
		size += int64(chunk.Size())
		for i := range chunk.Spans {
			id := chunk.Spans[i].TraceID
			switch total++; {
			case total > c.maxSpans || size > c.maxBytes:
				c.cut[id] = true
				return true, nil
			case len(c.spans[id]) >= c.maxTraceSpans:
				c.cut[id], full = true, true
			default:
				if span := c.convert.span(&chunk.Spans[i]); c.usable(span) {
					c.spans[id] = append(c.spans[id], span)
				}
			}
		}
	}
}

// usable reports whether a span has a time. Jaeger stores what it is sent.
func (c *collector) usable(s evidence.Span) bool {
	kind, bad := s.Unusable()
	if bad {
		evidence.Lose(c.ctx, kind, s.TraceID+s.SpanID)
	}
	return !bad
}

func (c *collector) trace(id model.TraceID) (evidence.Trace, bool) {
	spans := c.spans[id]
	if len(spans) == 0 {
		return evidence.Trace{}, false
	}
	slices.SortFunc(spans, func(a, b evidence.Span) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.SpanID, b.SpanID), cmp.Compare(a.Service, b.Service),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Duration, b.Duration))
	})
	// Raw traces hold a span as often as it was sent.
	spans = evidence.DropRepeats(spans, func(s evidence.Span) {
		evidence.Lose(c.ctx, evidence.LostRepeated, s.TraceID+s.SpanID+s.Start.String())
	})
	return evidence.Trace{ID: traceID(id), Spans: spans, Truncated: c.cut[id]}, true
}

func (c *collector) traces() []evidence.Trace {
	traces := make([]evidence.Trace, 0, len(c.spans))
	for id := range c.spans {
		if t, ok := c.trace(id); ok {
			traces = append(traces, t)
		}
	}
	return traces
}
