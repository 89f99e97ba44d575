package kit

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Unary measures the calls of a gRPC server as HTTP does requests.
func (k *Kit) Unary() grpc.UnaryServerInterceptor {
	return func(ctx context.Context, in any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (out any, err error) {
		k.call(ctx, info.FullMethod, func(ctx context.Context) error {
			out, err = handler(ctx, in)
			return err
		})
		return out, err
	}
}

// Stream is Unary for streams, each of which is one call.
func (k *Kit) Stream() grpc.StreamServerInterceptor {
	return func(srv any, s grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
		k.call(s.Context(), info.FullMethod, func(ctx context.Context) error {
			err = handler(srv, stream{s, ctx})
			return err
		})
		return err
	}
}

type stream struct {
	grpc.ServerStream
	ctx context.Context //nolint:containedctx // gRPC hands a stream's context on so
}

func (s stream) Context() context.Context { return s.ctx }

// carrier reads the trace out of a call's metadata.
type carrier metadata.MD

func (c carrier) Get(key string) string {
	if v := metadata.MD(c).Get(key); len(v) > 0 {
		return v[0]
	}
	return ""
}
func (c carrier) Set(key, value string) { metadata.MD(c).Set(key, value) }
func (c carrier) Keys() []string {
	var list []string
	for k := range c {
		list = append(list, k)
	}
	return list
}

func (k *Kit) call(ctx context.Context, method string, f func(context.Context) error) {
	md, _ := metadata.FromIncomingContext(ctx)
	ctx, span := k.tracer.Start(k.propagator.Extract(ctx, carrier(md)), method, trace.WithSpanKind(trace.SpanKindServer))
	r := &request{kit: k, start: time.Now()}
	ended := false
	var err error
	defer func() {
		code := status.Code(err).String()
		if !ended {
			code = "Internal" // it panicked
		}
		set := []attribute.KeyValue{attribute.String("rpc.method", method), attribute.String("rpc.response.status_code", canonical(code))}
		span.SetAttributes(set...)
		k.rpc.Record(ctx, time.Since(r.start).Seconds(), metric.WithAttributes(set...))
		if code != "OK" {
			told := r.failure()
			if told == nil {
				told = err
			}
			if class := k.fail(ctx, code, told); class == Fatal {
				span.SetStatus(codes.Error, code)
			}
		}
		span.End()
	}()
	labelled(context.WithValue(ctx, requestKey{}, r), func(ctx context.Context) { err = f(ctx) })
	ended = true
}
