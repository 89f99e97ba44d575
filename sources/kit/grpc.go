package kit

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	grpccodes "google.golang.org/grpc/codes"
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

// otherMethod is the method of calls of what no service has: whoever calls chooses
// its name, and each would be a series of its own.
const otherMethod = "_OTHER"

// Stream is Unary for streams, each of which is one call. What a server's handler of
// unknown services answers is measured as one method, _OTHER.
func (k *Kit) Stream() grpc.StreamServerInterceptor {
	return func(srv any, s grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
		method := info.FullMethod
		if srv == nil { // as gRPC hands on what was registered by nobody
			method = otherMethod
		}
		k.call(s.Context(), method, func(ctx context.Context) error {
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

// codeOf is the code that gRPC sends for an error: a context's own becomes what it
// means, whoever wrapped it.
func codeOf(err error) grpccodes.Code {
	if s, ok := status.FromError(err); ok {
		return s.Code()
	}
	return status.FromContextError(err).Code()
}

func (k *Kit) call(ctx context.Context, method string, f func(context.Context) error) {
	if k.measures(ctx, method) {
		_ = f(ctx) // its error is the caller's
		return
	}
	md, _ := metadata.FromIncomingContext(ctx)
	ctx, span := k.tracer.Start(k.propagator.Extract(ctx, carrier(md)), method, trace.WithSpanKind(trace.SpanKindServer))
	r := &request{kit: k, what: method, start: time.Now()}
	ended := false
	var err error
	defer func() {
		code := codeOf(err).String()
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
			class := k.fail(ctx, code, told)
			span.SetAttributes(attribute.String("error.class", string(class)))
			if told != nil {
				span.RecordError(told)
			}
			if class == Fatal {
				span.SetStatus(codes.Error, code)
			}
		}
		span.End()
	}()
	labelled(context.WithValue(ctx, requestKey{}, r), func(ctx context.Context) { err = f(ctx) })
	ended = true
}
