// Package jaeger reads traces from Jaeger over its gRPC query service,
// api_v2, with the types of jaeger-idl.
//
// Traces are asked for raw: the server's adjusters shift times, drop
// duplicates and add warnings, and none of that is evidence. Only a CHILD_OF
// reference makes a parent, since jaeger-idl's own ParentSpanID also takes a
// link into the same trace for one.
package jaeger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/jaegertracing/jaeger-idl/proto-gen/api_v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// Limits that hold when the configuration sets none.
const (
	DefaultMaxTraces     = 1_000   // of one answer, and what a query without a limit gets
	DefaultMaxTraceSpans = 20_000  // of one trace
	DefaultMaxSpans      = 200_000 // of one answer
)

// Config says which Jaeger to ask and how much to take from it.
type Config struct {
	endpoint.Config `yaml:",inline"`
	MaxTraces       int `yaml:"max_traces,omitempty"`
	MaxTraceSpans   int `yaml:"max_trace_spans,omitempty"`
	MaxSpans        int `yaml:"max_spans,omitempty"`
}

// Client reads one Jaeger. It is safe for concurrent use.
type Client struct {
	config Config
	conn   *grpc.ClientConn
	query  api_v2.QueryServiceClient
	told   *endpoint.Outcomes
	// findsFailing is true once a search for failing traces found one.
	findsFailing atomic.Bool
}

// New checks the configuration and readies a connection. It sends nothing.
func New(c Config) (*Client, error) {
	checked, err := c.Checked()
	if err != nil {
		return nil, fmt.Errorf("jaeger: %w", err)
	}
	c.Config = checked
	c.MaxTraces = cmp.Or(c.MaxTraces, DefaultMaxTraces)
	c.MaxTraceSpans = cmp.Or(c.MaxTraceSpans, DefaultMaxTraceSpans)
	c.MaxSpans = cmp.Or(c.MaxSpans, DefaultMaxSpans)
	if min(c.MaxTraces, c.MaxTraceSpans, c.MaxSpans) < 0 {
		return nil, errors.New("jaeger: max_traces, max_trace_spans and max_spans must not be negative")
	}
	told := &endpoint.Outcomes{}
	conn, err := dial(c.Config, told, endpoint.NewBreaker())
	if err != nil {
		return nil, fmt.Errorf("jaeger: %w", err)
	}
	return &Client{config: c, conn: conn, told: told, query: api_v2.NewQueryServiceClient(conn)}, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }

// Ping asks for the services, the cheapest question that needs the storage.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.Services(endpoint.Probing(ctx))
	return err
}

// Ready asks for the services: Jaeger's own health tells nothing of its storage.
func (c *Client) Ready(ctx context.Context) error { return c.Ping(ctx) }

// Beat asks whether anybody is there, by gRPC's own health protocol: nothing is
// asked of the storage. A server without the protocol is there too.
func (c *Client) Beat(ctx context.Context) error {
	_, err := healthpb.NewHealthClient(c.conn).Check(context.WithValue(ctx, unheard{}, true), &healthpb.HealthCheckRequest{}, grpc.ForceCodecV2(encoding.GetCodecV2("proto")))
	if err != nil && outcome(err) != nil {
		return failure(ctx, "jaeger health", err)
	}
	return nil
}

// Hear tells how the questions to Jaeger end, until ctx ends.
func (c *Client) Hear(ctx context.Context, told func(error)) { c.told.Hear(ctx, told) }

// Services lists the services that have spans, sorted.
func (c *Client) Services(ctx context.Context) ([]string, error) {
	limited, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	r, err := c.query.GetServices(limited, &api_v2.GetServicesRequest{})
	if err != nil {
		return nil, failure(ctx, "jaeger services", err)
	}
	return distinct(r.Services), nil
}

// Operations lists the names of a service's spans, sorted.
func (c *Client) Operations(ctx context.Context, service string) ([]string, error) {
	call := fmt.Sprintf("jaeger operations of %q", service)
	limited, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	r, err := c.query.GetOperations(limited, &api_v2.GetOperationsRequest{Service: service})
	if err != nil {
		return nil, failure(ctx, call, err)
	}
	names := slices.Clone(r.OperationNames) // servers from before 1.18 fill this only
	for _, o := range r.Operations {
		names = append(names, o.Name)
	}
	return distinct(names), nil
}

// Dependencies returns the calls between services that the store knows of in
// the window, by caller, then callee. All-in-one works them out from the spans;
// other stores have them only where Jaeger's dependency job runs.
func (c *Client) Dependencies(ctx context.Context, w evidence.Window) ([]evidence.Edge, error) {
	const call = "jaeger dependencies"
	if w.Duration() <= 0 {
		return nil, fmt.Errorf("%s: the window is empty: %w", call, evidence.ErrInvalid)
	}
	limited, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	r, err := c.query.GetDependencies(limited, &api_v2.GetDependenciesRequest{StartTime: w.Start, EndTime: w.End})
	if err != nil {
		return nil, failure(ctx, call, err)
	}
	calls := map[[2]string]int64{}
	for _, d := range r.Dependencies {
		if d.Parent == d.Child {
			continue // Jaeger 2 counts the spans within a service too
		}
		calls[[2]string{d.Parent, d.Child}] += int64(d.CallCount)
	}
	edges := make([]evidence.Edge, 0, len(calls))
	for pair, n := range calls {
		edges = append(edges, evidence.Edge{Caller: pair[0], Callee: pair[1], Calls: n})
	}
	slices.SortFunc(edges, func(a, b evidence.Edge) int {
		return cmp.Or(cmp.Compare(a.Caller, b.Caller), cmp.Compare(a.Callee, b.Callee))
	})
	return edges, nil
}

func distinct(names []string) []string {
	names = slices.DeleteFunc(names, func(s string) bool { return s == "" })
	slices.Sort(names)
	return slices.Compact(names)
}
