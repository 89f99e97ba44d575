package jaeger

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// gogoCodec marshals jaeger-idl's types, which gogo/protobuf generated: grpc's
// own codec panics on their custom fields. It is forced on this connection
// alone, since a registered codec would be everybody's.
type gogoCodec struct{}

func (gogoCodec) Name() string { return "proto" }

func (gogoCodec) Marshal(v any) ([]byte, error) {
	m, ok := v.(interface{ Marshal() ([]byte, error) })
	if !ok {
		return nil, fmt.Errorf("%T is not a gogo message", v)
	}
	return m.Marshal()
}

func (gogoCodec) Unmarshal(data []byte, v any) error {
	m, ok := v.(interface{ Unmarshal(data []byte) error })
	if !ok {
		return fmt.Errorf("%T is not a gogo message", v)
	}
	return m.Unmarshal(data)
}

// unheard marks the context of a call that tells nothing of the storage.
type unheard struct{}

// dial readies a lazy connection: grpc connects at the first call.
func dial(c endpoint.Config, told *endpoint.Outcomes, breaker *endpoint.Breaker) (*grpc.ClientConn, error) {
	host, secure, err := target(c.Address)
	if err != nil {
		return nil, err
	}
	transport := insecure.NewCredentials()
	if secure || c.TLS != (endpoint.TLS{}) {
		cfg, err := c.TLS.ClientTLS()
		if err != nil {
			return nil, err
		}
		transport = credentials.NewTLS(cfg)
	}
	headers := outgoing(c)
	return grpc.NewClient(host,
		grpc.WithTransportCredentials(transport),
		grpc.WithContextDialer(func(ctx context.Context, addr string) (net.Conn, error) {
			return endpoint.Dialer().DialContext(ctx, "tcp", addr)
		}),
		grpc.WithDefaultCallOptions(
			grpc.ForceCodec(gogoCodec{}),
			grpc.MaxCallRecvMsgSize(int(min(c.MaxBytes, 1<<30))),
		),
		// A server that comes back is noticed within seconds, not two minutes.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 200 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 5 * time.Second},
			MinConnectTimeout: 5 * time.Second,
		}),
		grpc.WithUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			if ctx.Value(unheard{}) != nil {
				return invoke(metadata.AppendToOutgoingContext(ctx, headers...), method, req, reply, cc, opts...)
			}
			return endpoint.Again(ctx, unreached, func() error {
				ended, err := breaker.Begin(ctx)
				if err != nil {
					return err
				}
				err = invoke(metadata.AppendToOutgoingContext(ctx, headers...), method, req, reply, cc, opts...)
				ended(outcome(err))
				told.Told(outcome(err))
				return err
			})
		}),
		grpc.WithStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, stream grpc.Streamer, opts ...grpc.CallOption) (s grpc.ClientStream, err error) {
			err = endpoint.Again(ctx, unreached, func() error {
				ended, err := breaker.Begin(ctx)
				if err != nil {
					return err
				}
				begun, err := stream(metadata.AppendToOutgoingContext(ctx, headers...), desc, cc, method, opts...)
				if err != nil {
					ended(outcome(err))
					told.Told(outcome(err))
					return err
				}
				context.AfterFunc(ctx, func() { ended(ctx.Err()) })
				s = &heard{begun, ended}
				return nil
			})
			return s, err
		}),
	)
}

// unreached reports whether a call may be answered when it is made again.
func unreached(err error) bool { return status.Code(err) == codes.Unavailable }

// heard tells how a stream ended.
type heard struct {
	grpc.ClientStream
	ended func(error)
}

func (h *heard) RecvMsg(m any) error {
	err := h.ClientStream.RecvMsg(m)
	if errors.Is(err, io.EOF) {
		h.ended(nil)
	} else if err != nil {
		h.ended(outcome(err))
	}
	return err
}

// outcome is what a call says of the server, nil when it was answered.
func outcome(err error) error {
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Unauthenticated, codes.PermissionDenied, codes.Internal, codes.Canceled:
		if status.Code(err) == codes.Canceled {
			return context.Canceled
		}
		return err
	}
	return nil
}

// target is host:port, and whether the address asks for TLS.
func target(address string) (host string, secure bool, err error) {
	if address == "" {
		return "", false, errors.New("address is empty; give Jaeger's gRPC query port, such as 127.0.0.1:16685")
	}
	if !strings.Contains(address, "://") {
		address = "grpc://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", false, errors.New("address is not host:port")
	}
	switch u.Scheme {
	case "grpc", "http":
	case "grpcs", "https":
		secure = true
	default:
		return "", false, fmt.Errorf("address has the scheme %q; use host:port, grpc:// or grpcs://", u.Scheme)
	}
	switch {
	case u.User != nil:
		return "", false, errors.New("address carries credentials; set username and password instead")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "":
		return "", false, fmt.Errorf("address %q has a path; gRPC has none, give host:port", u.Redacted())
	case u.Port() == "":
		return "", false, fmt.Errorf("address %q has no port; Jaeger's gRPC query port is 16685", u.Redacted())
	}
	return u.Host, secure, nil
}

// outgoing lists the metadata sent with each call, as key, value, key, value.
func outgoing(c endpoint.Config) []string {
	var kv []string
	for name, value := range c.Headers {
		kv = append(kv, strings.ToLower(name), string(value))
	}
	if c.OrgID != "" {
		kv = append(kv, "x-scope-orgid", c.OrgID)
	}
	switch {
	case c.BearerToken != "":
		kv = append(kv, "authorization", "Bearer "+string(c.BearerToken))
	case c.Username != "":
		pair := c.Username + ":" + string(c.Password)
		kv = append(kv, "authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
	}
	return kv
}

// failure turns a call's error into the port's. ctx is the caller's own, not
// the one with this client's timeout on it.
func failure(ctx context.Context, call string, err error) error {
	if errors.Is(err, endpoint.ErrResting) {
		return endpoint.Failure(ctx, call, err)
	}
	s, _ := status.FromError(err)
	// The server keeps the deadline too and may say so first. The caller's
	// context is then about to end, and the answer is its error.
	if d, ok := ctx.Deadline(); ok && s.Code() == codes.DeadlineExceeded && time.Until(d) < 100*time.Millisecond {
		<-ctx.Done()
	}
	kind, text := evidence.ErrUnavailable, endpoint.Advised(s.Message())
	switch s.Code() {
	case codes.NotFound:
		kind = evidence.ErrNotFound
	case codes.InvalidArgument:
		kind = evidence.ErrInvalid
	case codes.Unimplemented:
		kind = evidence.ErrUnsupported
	case codes.DeadlineExceeded:
		text = "no answer within the timeout"
	case codes.Unauthenticated, codes.PermissionDenied:
		return endpoint.Failure(ctx, call, fmt.Errorf("%w: %s; %w", kind, text, endpoint.ErrCredentials))
	}
	return endpoint.Failure(ctx, call, fmt.Errorf("%w: %s", kind, text))
}
