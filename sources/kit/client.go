package kit

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// Transport measures what a service asks of others: a span of each request, whose
// trace goes along in the headers, and how long the answer's head took. No answer
// and a status from 500 on make the span one that failed. It counts no error of
// the service: whether the request that it was asked for fails is not known here.
func (k *Kit) Transport(next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	if own, ok := next.(transport); ok && own.kit == k {
		return own // it measures already
	}
	return transport{k, next}
}

type transport struct {
	kit  *Kit
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(q *http.Request) (*http.Response, error) {
	method := q.Method
	if method == "" {
		method = http.MethodGet
	}
	if !slices.Contains(methods, method) {
		method = "_OTHER"
	}
	set := []attribute.KeyValue{attribute.String("http.request.method", method), attribute.String("server.address", q.URL.Hostname())}
	if port, err := strconv.Atoi(q.URL.Port()); err == nil {
		set = append(set, attribute.Int("server.port", port))
	}
	ctx, span := t.kit.tracer.Start(q.Context(), method, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(set...))
	defer span.End()
	q = q.Clone(ctx) // a transport must not change what it is given
	t.kit.propagator.Inject(ctx, propagation.HeaderCarrier(q.Header))
	start := time.Now()
	resp, err := t.next.RoundTrip(q)
	switch {
	case err != nil:
		set = append(set, attribute.String("error.type", reflect.TypeOf(err).String()))
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
	default:
		set = append(set, attribute.Int("http.response.status_code", resp.StatusCode))
		if resp.StatusCode >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, http.StatusText(resp.StatusCode))
		}
	}
	span.SetAttributes(set[2:]...)
	t.kit.asked.Record(ctx, time.Since(start).Seconds(), metric.WithAttributes(set...))
	return resp, err //nolint:wrapcheck // a transport hands on what it was given
}

// UnaryClient is Transport for the calls of a gRPC client.
func (k *Kit) UnaryClient() grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, in, out any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		ctx, end := k.calling(ctx, method)
		err := invoke(ctx, method, in, out, cc, opts...)
		end(err)
		return err
	}
}

// StreamClient hands the trace on to streams. A stream is measured until it is
// there: how long it then lasts is its reader's choice.
func (k *Kit) StreamClient() grpc.StreamClientInterceptor {
	return func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, stream grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		ctx, end := k.calling(ctx, method)
		s, err := stream(ctx, desc, cc, method, opts...)
		end(err)
		return s, err
	}
}

// calling begins a call of somebody else; end is called once.
func (k *Kit) calling(ctx context.Context, method string) (_ context.Context, end func(error)) {
	ctx, span := k.tracer.Start(ctx, method, trace.WithSpanKind(trace.SpanKindClient))
	md, _ := metadata.FromOutgoingContext(ctx)
	md = md.Copy()
	k.propagator.Inject(ctx, carrier(md))
	start := time.Now()
	return metadata.NewOutgoingContext(ctx, md), func(err error) {
		code := canonical(codeOf(err).String())
		set := []attribute.KeyValue{attribute.String("rpc.method", method), attribute.String("rpc.response.status_code", code)}
		span.SetAttributes(set...)
		if err != nil {
			span.RecordError(err)
			span.SetStatus(codes.Error, code)
		}
		k.called.Record(ctx, time.Since(start).Seconds(), metric.WithAttributes(set...))
		span.End()
	}
}
