package jaeger_test

import (
	"net"
	"sync/atomic"
	"testing"
	"time"

	model "github.com/jaegertracing/jaeger-idl/model/v1"
	"github.com/jaegertracing/jaeger-idl/proto-gen/api_v2"
	"google.golang.org/grpc"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/jaeger"
)

// searcher answers searches by what is searched for, and counts them.
type searcher struct {
	api_v2.UnimplementedQueryServiceServer
	asked  atomic.Int32
	answer func(tags map[string]string) []model.Span
}

func (s *searcher) FindTraces(r *api_v2.FindTracesRequest, out api_v2.QueryService_FindTracesServer) error {
	s.asked.Add(1)
	return out.Send(&api_v2.SpansResponseChunk{Spans: s.answer(r.Query.Tags)})
}

func failingTraces(t *testing.T, s *searcher, ask func(find func() int)) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := grpc.NewServer(grpc.ForceServerCodec(gogo{}))
	api_v2.RegisterQueryServiceServer(g, s)
	go func() { _ = g.Serve(l) }()
	t.Cleanup(g.Stop)
	j := open(t, jaeger.Config{Config: endpoint.Config{Address: l.Addr().String()}})
	ask(func() int {
		t.Helper()
		got, _, err := j.FindTraces(t.Context(), evidence.TraceQuery{Service: "a", Window: window(), Tags: map[string]string{"error": "true"}, Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		return len(got)
	})
}

func failed(s model.Span) model.Span {
	s.Tags = []model.KeyValue{model.Bool("error", true)}
	return s
}

// TestFailingTracesAreFoundWhereTheStoreMisreadsTheTag is Jaeger 2's memory
// store, which answers the search for "true" with spans whose status is OK.
func TestFailingTracesAreFoundWhereTheStoreMisreadsTheTag(t *testing.T) {
	good, bad := span(1, 0, time.Second), failed(span(2, 1, time.Second))
	s := &searcher{answer: func(tags map[string]string) []model.Span {
		if tags["error"] == "true" {
			return []model.Span{good}
		}
		return []model.Span{good, bad}
	}}
	failingTraces(t, s, func(find func() int) {
		if n := find(); n != 1 {
			t.Errorf("got %d traces, want the failing one alone", n)
		}
	})
}

// TestAStoreThatFindsFailingTracesIsAskedOnce also holds that no more is asked
// where nothing fails, once it is known that the store can tell.
func TestAStoreThatFindsFailingTracesIsAskedOnce(t *testing.T) {
	var healthy atomic.Bool
	s := &searcher{answer: func(map[string]string) []model.Span {
		if healthy.Load() {
			return nil
		}
		return []model.Span{failed(span(1, 0, time.Second))}
	}}
	failingTraces(t, s, func(find func() int) {
		if n := find(); n != 1 || s.asked.Load() != 1 {
			t.Errorf("got %d traces with %d questions, want one with one", n, s.asked.Load())
		}
		healthy.Store(true)
		if n := find(); n != 0 || s.asked.Load() != 2 {
			t.Errorf("got %d traces, %d questions in all; want none with one more", n, s.asked.Load())
		}
	})
}
