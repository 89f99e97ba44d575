package jaeger

import (
	"context"
	"io"
	"testing"
	"time"

	model "github.com/jaegertracing/jaeger-idl/model/v1"
	"github.com/jaegertracing/jaeger-idl/proto-gen/api_v2"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// stream gives its chunks one by one.
type stream []*api_v2.SpansResponseChunk

func (s *stream) Recv() (*api_v2.SpansResponseChunk, error) {
	if len(*s) == 0 {
		return nil, io.EOF
	}
	c := (*s)[0]
	*s = (*s)[1:]
	return c, nil
}

func TestSpansWithoutUsableTimesAreCounted(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	span := func(id uint64, start time.Time, d time.Duration) model.Span {
		return model.Span{TraceID: model.TraceID{Low: 7}, SpanID: model.SpanID(id), StartTime: start, Duration: d}
	}
	in := stream{{Spans: []model.Span{span(1, at, time.Second), span(2, at, -time.Second), span(3, time.Time{}, time.Second), span(4, at, 1<<63-1), span(1, at, time.Second), span(1, at, time.Minute)}}}
	lost := &evidence.Losses{}
	c := newCollector(evidence.WithLosses(context.Background(), lost), Config{MaxSpans: 100, MaxTraceSpans: 100})
	c.maxBytes = 1 << 20
	if full, err := c.read(&in); full || err != nil {
		t.Fatalf("got %v, %v", full, err)
	}
	got, _ := c.trace(model.TraceID{Low: 7})
	said, _ := evidence.DescribeLosses(lost.List())
	if want := "2 spans have no start or end time, 1 span bears the ID of another one, 1 span ended before it began"; len(got.Spans) != 1 || said != want {
		t.Errorf("got %d spans and %q, want one and %q", len(got.Spans), said, want)
	}
}
