package kit

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// wards is a service behind gRPC, of the one interface that comes with the library.
type wards struct {
	grpc_health_v1.UnimplementedHealthServer

	kit    *Kit
	labels chan []string
}

func (w *wards) seen(ctx context.Context) {
	var labels []string
	pprof.ForLabels(ctx, func(k, v string) bool { labels = append(labels, k+"="+v); return true })
	slices.Sort(labels)
	w.labels <- labels
}

func (w *wards) Check(ctx context.Context, q *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	w.seen(ctx)
	switch q.Service {
	case "gone":
		return nil, status.Error(codes.Unavailable, "the store is gone")
	case "unheard":
		return nil, status.Error(codes.NotFound, "no such service")
	case "panics":
		panic("x")
	}
	w.kit.Milestone(ctx, "asked", true)
	return &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_SERVING}, nil
}

func (w *wards) Watch(q *grpc_health_v1.HealthCheckRequest, s grpc.ServerStreamingServer[grpc_health_v1.HealthCheckResponse]) error {
	w.seen(s.Context())
	for range 3 {
		if err := s.Send(&grpc_health_v1.HealthCheckResponse{}); err != nil {
			return err
		}
	}
	if q.Service == "limited" {
		Fail(s.Context(), status.Error(codes.ResourceExhausted, "rate limit of this tenant"))
		return status.Error(codes.ResourceExhausted, "later")
	}
	return nil
}

// dial runs the service and a client of it over TCP, each measured by a kit of its own.
func dial(t *testing.T, server, client rig) (grpc_health_v1.HealthClient, *wards) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wards{kit: server.Kit, labels: make(chan []string, 10)}
	// Outside of the kit's, as a service has it, so that a panic ends no process.
	survive := func(ctx context.Context, in any, _ *grpc.UnaryServerInfo, h grpc.UnaryHandler) (out any, err error) {
		defer func() {
			if recover() != nil {
				err = status.Error(codes.Internal, "panicked")
			}
		}()
		return h(ctx, in)
	}
	srv := grpc.NewServer(grpc.ChainUnaryInterceptor(survive, server.Unary()), grpc.StreamInterceptor(server.Stream()))
	grpc_health_v1.RegisterHealthServer(srv, w)
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithUnaryInterceptor(client.UnaryClient()), grpc.WithStreamInterceptor(client.StreamClient()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		srv.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return grpc_health_v1.NewHealthClient(conn), w
}

// durations are how often each method ended how, by a histogram.
func (r rig) durations(t *testing.T, name string, keys ...attribute.Key) map[string]uint64 {
	t.Helper()
	h, _ := r.metric(t, name).(metricdata.Histogram[float64])
	out := map[string]uint64{}
	for _, p := range h.DataPoints {
		var parts []string
		for _, k := range keys {
			v, _ := p.Attributes.Value(k)
			parts = append(parts, v.String())
		}
		out[strings.Join(parts, " ")] = p.Count
		if len(p.Exemplars) == 0 {
			t.Errorf("%s %v has no exemplar", name, parts)
		}
	}
	return out
}

// TestCallsAndStreamsGoThroughARealServer holds spans, trace, labels, durations and
// classes of both sides to each other, over TCP.
func TestCallsAndStreamsGoThroughARealServer(t *testing.T) {
	server, client := newRig(t), newRig(t)
	c, w := dial(t, server, client)
	ctx := span(t)
	labelled := func(what string) {
		t.Helper()
		got := <-w.labels
		if len(got) != 2 || got[1] != "trace_id="+traceID || !strings.HasPrefix(got[0], "span_id=") {
			t.Errorf("%s: profiles are labelled %v", what, got)
		}
	}
	for service, want := range map[string]codes.Code{"": codes.OK, "gone": codes.Unavailable, "unheard": codes.NotFound, "panics": codes.Internal} {
		_, err := c.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: service})
		if status.Code(err) != want {
			t.Errorf("%q: got %v, want %s", service, err, want)
		}
		labelled(service)
	}
	for service, want := range map[string]codes.Code{"": codes.OK, "limited": codes.ResourceExhausted} {
		s, err := c.Watch(ctx, &grpc_health_v1.HealthCheckRequest{Service: service})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for ; err == nil; n++ {
			_, err = s.Recv()
		}
		if n != 4 || want != codes.OK && status.Code(err) != want { // three messages and the end
			t.Errorf("stream %q: got %d and %v", service, n, err)
		}
		labelled("stream " + service)
	}
	const check, watch = "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"
	served := map[string]uint64{check + " OK": 1, check + " UNAVAILABLE": 1, check + " NOT_FOUND": 1, check + " INTERNAL": 1, watch + " OK": 1, watch + " RESOURCE_EXHAUSTED": 1}
	eventually(t, func() bool { // a stream's client may be done before its server has measured
		got := server.durations(t, "rpc.server.call.duration", "rpc.method", "rpc.response.status_code")
		return same(got, served)
	})
	asked := map[string]uint64{check + " OK": 1, check + " UNAVAILABLE": 1, check + " NOT_FOUND": 1, check + " INTERNAL": 1, watch + " OK": 2}
	if got := client.durations(t, "rpc.client.call.duration", "rpc.method", "rpc.response.status_code"); !same(got, asked) {
		t.Errorf("the client measured %v, want %v", got, asked)
	}
	if got := server.counted(t, "errors", "class"); !same(got, map[string]int64{"fatal": 2, "recoverable": 1, "noisy": 1}) {
		t.Errorf("got errors by class %v", got)
	}
	parents := map[string]bool{}
	for _, s := range client.spans.Ended() {
		parents[s.SpanContext().SpanID().String()] = s.SpanKind() == trace.SpanKindClient
	}
	for _, s := range server.spans.Ended() {
		if s.SpanContext().TraceID().String() != traceID || !parents[s.Parent().SpanID().String()] {
			t.Errorf("%s of the server is not below a call of the client: %s", s.Name(), s.Parent().SpanID())
		}
	}
}

func same[V comparable](got, want map[string]V) bool {
	if len(got) != len(want) {
		return false
	}
	for k, v := range want {
		if got[k] != v {
			return false
		}
	}
	return true
}

// eventually waits until something holds; how long that takes is the machine's.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for range 12000 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it never came about")
}

// TestWhatAServiceAsksOfOthersIsMeasured has answers, none, and an unknown method.
func TestWhatAServiceAsksOfOthersIsMeasured(t *testing.T) {
	r := newRig(t)
	var seen []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		seen = append(seen, q.Header.Get("Traceparent"))
		if q.URL.Path == "/broken" {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	client := &http.Client{Transport: r.Transport(nil)}
	ask := func(method, url string) error {
		q, err := http.NewRequestWithContext(span(t), method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(q)
		if err == nil {
			_ = resp.Body.Close()
		}
		if q.Header.Get("Traceparent") != "" {
			t.Error("the caller's own request was changed")
		}
		return err
	}
	for _, x := range [][2]string{{"", "/"}, {"BREW", "/pot"}, {"POST", "/broken"}} {
		if err := ask(x[0], s.URL+x[1]); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	if ask("GET", s.URL) == nil {
		t.Error("nobody was there, and there is no error")
	}
	got := r.durations(t, "http.client.request.duration", "http.request.method", "http.response.status_code", "error.type")
	if !same(got, map[string]uint64{"GET 200 ": 1, "_OTHER 200 ": 1, "POST 502 ": 1, "GET  *net.OpError": 1}) {
		t.Errorf("got %v", got)
	}
	failed := 0
	for i, x := range r.spans.Ended() {
		if x.Status().Code.String() == "Error" {
			failed++
		}
		if i < len(seen) && seen[i] != "00-"+traceID+"-"+x.SpanContext().SpanID().String()+"-01" {
			t.Errorf("the server was told %s", seen[i])
		}
	}
	if failed != 2 || len(seen) != 3 {
		t.Errorf("got %d failed spans and %d requests, want 2 and 3", failed, len(seen))
	}
	if got := r.counted(t, "errors", "class"); len(got) != 0 {
		t.Errorf("errors of others are counted as the service's: %v", got)
	}
}

// TestWhatNoServiceHasIsOneMethod calls made-up methods of a server that answers all.
func TestWhatNoServiceHasIsOneMethod(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := newRig(t)
	srv := grpc.NewServer(grpc.StreamInterceptor(k.Stream()), grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
		return status.Error(codes.Unimplemented, "a proxy without a way")
	}))
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	for _, made := range []string{"/a/B", "/c/D", "/e/F"} {
		if err := conn.Invoke(t.Context(), made, &grpc_health_v1.HealthCheckRequest{}, &grpc_health_v1.HealthCheckResponse{}); status.Code(err) != codes.Unimplemented {
			t.Errorf("%s: got %v", made, err)
		}
	}
	_ = conn.Close()
	srv.GracefulStop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got, want := k.durations(t, "rpc.server.call.duration", "rpc.method"), map[string]uint64{"_OTHER": 3}; !same(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, s := range k.spans.Ended() {
		if s.Name() != "_OTHER" {
			t.Errorf("a span is called %q", s.Name())
		}
	}
}
