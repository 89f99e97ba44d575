package jaeger_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	model "github.com/jaegertracing/jaeger-idl/model/v1"
	"github.com/jaegertracing/jaeger-idl/proto-gen/api_v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/jaeger"
)

// gogo marshals jaeger-idl's messages, and garbage where a test wants it.
type gogo struct{}

func (gogo) Name() string { return "proto" }
func (gogo) Marshal(v any) ([]byte, error) {
	return v.(interface{ Marshal() ([]byte, error) }).Marshal()
}
func (gogo) Unmarshal(b []byte, v any) error {
	return v.(interface{ Unmarshal([]byte) error }).Unmarshal(b)
}

// server answers every question with what answer says.
type server struct {
	api_v2.UnimplementedQueryServiceServer
	answer func(ctx context.Context, send func(...model.Span) error) error
}

func (s *server) GetTrace(_ *api_v2.GetTraceRequest, out api_v2.QueryService_GetTraceServer) error {
	return s.answer(out.Context(), func(spans ...model.Span) error { return out.Send(&api_v2.SpansResponseChunk{Spans: spans}) })
}

func (s *server) FindTraces(_ *api_v2.FindTracesRequest, out api_v2.QueryService_FindTracesServer) error {
	return s.answer(out.Context(), func(spans ...model.Span) error { return out.Send(&api_v2.SpansResponseChunk{Spans: spans}) })
}

func (s *server) GetServices(ctx context.Context, _ *api_v2.GetServicesRequest) (*api_v2.GetServicesResponse, error) {
	return &api_v2.GetServicesResponse{}, s.answer(ctx, func(...model.Span) error { return nil })
}

func (s *server) GetOperations(ctx context.Context, _ *api_v2.GetOperationsRequest) (*api_v2.GetOperationsResponse, error) {
	return &api_v2.GetOperationsResponse{}, s.answer(ctx, func(...model.Span) error { return nil })
}

func (s *server) GetDependencies(ctx context.Context, _ *api_v2.GetDependenciesRequest) (*api_v2.GetDependenciesResponse, error) {
	return &api_v2.GetDependenciesResponse{}, s.answer(ctx, func(...model.Span) error { return nil })
}

func serve(t *testing.T, answer func(ctx context.Context, send func(...model.Span) error) error) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(grpc.ForceServerCodec(gogo{}))
	api_v2.RegisterQueryServiceServer(s, &server{answer: answer})
	go func() { _ = s.Serve(l) }()
	t.Cleanup(s.Stop)
	return l.Addr().String()
}

func open(t *testing.T, c jaeger.Config) *jaeger.Client {
	t.Helper()
	j, err := jaeger.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

const someTrace = "4bf92f3577b34da6a3ce929d0e0e4736"

func at() time.Time { return time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC) }

func window() evidence.Window { return evidence.Window{Start: at(), End: at().Add(time.Hour)} }

func calls(j *jaeger.Client) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"ping":         j.Ping,
		"trace":        func(ctx context.Context) error { _, err := j.Trace(ctx, someTrace); return err },
		"operations":   func(ctx context.Context) error { _, err := j.Operations(ctx, "a"); return err },
		"dependencies": func(ctx context.Context) error { _, err := j.Dependencies(ctx, window()); return err },
		"find": func(ctx context.Context) error {
			_, _, err := j.FindTraces(ctx, evidence.TraceQuery{Service: "a", Window: window(), Limit: 5})
			return err
		},
	}
}

// span is one span of someTrace, of the trace numbered low.
func span(low uint64, n int, took time.Duration) model.Span {
	return model.Span{
		TraceID: model.NewTraceID(7, low), SpanID: model.NewSpanID(uint64(n) + 1), OperationName: "op",
		StartTime: at().Add(time.Duration(n) * time.Second), Duration: took, Process: &model.Process{ServiceName: "a"},
	}
}

func TestFailuresAreThePorts(t *testing.T) {
	const secret = "s3cr3t"
	for name, tc := range map[string]struct {
		code codes.Code
		kind error
		say  string
	}{
		"internal":        {codes.Internal, evidence.ErrUnavailable, "storage is on fire"},
		"unauthenticated": {codes.Unauthenticated, evidence.ErrUnavailable, "credentials"},
		"not found":       {codes.NotFound, evidence.ErrNotFound, ""},
		"invalid":         {codes.InvalidArgument, evidence.ErrInvalid, ""},
		"unimplemented":   {codes.Unimplemented, evidence.ErrUnsupported, ""},
		"exhausted":       {codes.ResourceExhausted, evidence.ErrUnavailable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			address := serve(t, func(context.Context, func(...model.Span) error) error {
				return status.Error(tc.code, "storage is on fire\x1b[31m\n\u202e"+strings.Repeat("x", 2000))
			})
			for call, f := range calls(open(t, jaeger.Config{Config: endpoint.Config{Address: address, BearerToken: secret}})) {
				err := f(t.Context())
				if !errors.Is(err, tc.kind) || !strings.Contains(err.Error(), tc.say) {
					t.Errorf("%s: got %v, want %v that says %q", call, err, tc.kind, tc.say)
				}
				if strings.ContainsAny(err.Error(), "\x1b\n\u202e") || len(err.Error()) > 700 || strings.Contains(err.Error(), secret) {
					t.Errorf("%s: got %q, want one short clean line", call, err)
				}
			}
		})
	}
}

func TestADownServerIsUnavailableAtOnce(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	for name, f := range calls(open(t, jaeger.Config{Config: endpoint.Config{Address: l.Addr().String()}})) {
		if err := f(t.Context()); !errors.Is(err, evidence.ErrUnavailable) {
			t.Errorf("%s: got %v, want ErrUnavailable", name, err)
		}
	}
}

func TestASlowServerIsLeftWhenTimeIsUp(t *testing.T) {
	address := serve(t, func(ctx context.Context, send func(...model.Span) error) error {
		_ = send(span(1, 0, 1)) // it starts well
		<-ctx.Done()
		return ctx.Err()
	})
	j := open(t, jaeger.Config{Config: endpoint.Config{Address: address}})
	hasty := open(t, jaeger.Config{Config: endpoint.Config{Address: address, Timeout: 100 * time.Millisecond}})
	for name, f := range calls(j) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		if err := f(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s with a deadline: got %v", name, err)
		}
		cancel()
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		if err := f(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s cancelled: got %v", name, err)
		}
	}
	for name, f := range calls(hasty) {
		if err := f(t.Context()); !errors.Is(err, evidence.ErrUnavailable) || !strings.Contains(err.Error(), "timeout") {
			t.Errorf("%s with the client's timeout: got %v, want ErrUnavailable", name, err)
		}
	}
}

func TestGarbageIsUnavailable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(grpc.ForceServerCodec(junk{}), grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		return stream.SendMsg(&struct{}{})
	}))
	go func() { _ = s.Serve(l) }()
	t.Cleanup(s.Stop)
	for name, f := range calls(open(t, jaeger.Config{Config: endpoint.Config{Address: l.Addr().String()}})) {
		if err := f(t.Context()); !errors.Is(err, evidence.ErrUnavailable) {
			t.Errorf("%s: got %v, want ErrUnavailable", name, err)
		}
	}
}

// junk sends bytes that are no message.
type junk struct{}

func (junk) Name() string                { return "proto" }
func (junk) Marshal(any) ([]byte, error) { return []byte("\xff\xff\x07 not a message \x00"), nil }
func (junk) Unmarshal([]byte, any) error { return nil }

func TestStreamsAreBounded(t *testing.T) {
	address := serve(t, func(_ context.Context, send func(...model.Span) error) error {
		for n := range 100 {
			for low := range uint64(3) {
				if err := send(span(low+1, n, time.Millisecond)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	traces := func(c jaeger.Config) (sizes []int, cut []bool, truncated bool) {
		t.Helper()
		c.Address = address
		list, truncated, err := open(t, c).FindTraces(t.Context(), evidence.TraceQuery{Service: "a", Window: window(), Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, tr := range list {
			sizes, cut = append(sizes, len(tr.Spans)), append(cut, tr.Truncated)
		}
		return sizes, cut, truncated
	}
	if sizes, cut, truncated := traces(jaeger.Config{}); len(sizes) != 3 || sizes[0] != 100 || cut[0] || truncated {
		t.Errorf("within limits: got %v %v %v", sizes, cut, truncated)
	}
	if sizes, cut, truncated := traces(jaeger.Config{MaxTraceSpans: 10}); len(sizes) != 3 || sizes[1] != 10 || !cut[1] || !truncated {
		t.Errorf("10 spans a trace: got %v %v %v", sizes, cut, truncated)
	}
	if sizes, cut, truncated := traces(jaeger.Config{MaxSpans: 50}); len(sizes) != 3 || sizes[0]+sizes[1]+sizes[2] != 50 || !truncated || !slices.Contains(cut, true) {
		t.Errorf("50 spans in all: got %v %v %v", sizes, cut, truncated)
	}
	if _, _, truncated := traces(jaeger.Config{Config: endpoint.Config{MaxBytes: 2000}}); !truncated {
		t.Error("2000 bytes in all: not truncated")
	}
	tr, err := open(t, jaeger.Config{Config: endpoint.Config{Address: address}, MaxTraceSpans: 10}).Trace(t.Context(), "00000000000000070000000000000002")
	if err != nil || len(tr.Spans) != 10 || !tr.Truncated {
		t.Errorf("one trace: got %d spans, truncated %v, %v", len(tr.Spans), tr.Truncated, err)
	}
}

func TestOnlyChildOfMakesAParent(t *testing.T) {
	id := model.NewTraceID(7, 1)
	linked := span(1, 0, 1)
	linked.References = []model.SpanRef{{TraceID: id, SpanID: 2, RefType: model.FollowsFrom}}
	child := span(1, 1, 1)
	child.References = []model.SpanRef{{TraceID: model.NewTraceID(9, 9), SpanID: 5, RefType: model.ChildOf}, {TraceID: id, SpanID: 1, RefType: model.ChildOf}}
	address := serve(t, func(_ context.Context, send func(...model.Span) error) error { return send(child, linked, child) })
	tr, err := open(t, jaeger.Config{Config: endpoint.Config{Address: address}}).Trace(t.Context(), "00000000000000070000000000000001")
	if err != nil || len(tr.Spans) != 2 {
		t.Fatalf("got %v, %v want two spans", tr, err)
	}
	if got := [2]string{tr.Spans[0].ParentID, tr.Spans[1].ParentID}; got != [2]string{"", "0000000000000001"} {
		t.Errorf("parents: got %q", got)
	}
}

func TestCredentialsGoWithEveryCall(t *testing.T) {
	var seen metadata.MD
	address := serve(t, func(ctx context.Context, _ func(...model.Span) error) error {
		seen, _ = metadata.FromIncomingContext(ctx)
		return status.Error(codes.NotFound, "")
	})
	j := open(t, jaeger.Config{Config: endpoint.Config{Address: "grpc://" + address, Username: "ann", Password: "pass", OrgID: "team-a", Headers: map[string]endpoint.Secret{"X-Tenant": "t1"}}})
	for name, f := range calls(j) {
		seen = nil
		_ = f(t.Context())
		for key, want := range map[string]string{"authorization": "Basic YW5uOnBhc3M=", "x-scope-orgid": "team-a", "x-tenant": "t1"} {
			if got := strings.Join(seen.Get(key), ","); got != want {
				t.Errorf("%s: %s: got %q want %q", name, key, got, want)
			}
		}
	}
}

func TestAddressesAreChecked(t *testing.T) {
	for address, say := range map[string]string{
		"": "16685", "host": "no port", "grpc://host:1/path": "path", "ftp://host:1": "scheme", "grpc://u:p@host:1": "username", "http://[::1": "host:port",
	} {
		if _, err := jaeger.New(jaeger.Config{Config: endpoint.Config{Address: address}}); err == nil || !strings.Contains(err.Error(), say) || strings.Contains(err.Error(), "u:p@") {
			t.Errorf("%q: got %v, want it to say %q", address, err, say)
		}
	}
	for _, address := range []string{"host:1", "grpc://host:1", "grpcs://host:1/", "https://host:1", "[::1]:5"} {
		if j, err := jaeger.New(jaeger.Config{Config: endpoint.Config{Address: address}}); err != nil {
			t.Errorf("%q: got %v", address, err)
		} else {
			j.Close()
		}
	}
}
