// Package prometheus reads metrics, rules and exemplars from Prometheus, and
// from what speaks its HTTP API, through client_golang's API client.
package prometheus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// DefaultMaxSeries is how many series one answer holds at most when the
// configuration says nothing.
const DefaultMaxSeries = 20_000

// kindsAge is how long metadata is believed. It changes when targets do.
const kindsAge = 5 * time.Minute

// Config says which Prometheus to ask and how much to take from it.
type Config struct {
	endpoint.Config `yaml:",inline"`
	MaxSeries       int `yaml:"max_series,omitempty"`
	// TraceLabels are the exemplar labels that hold a trace ID, SpanLabels those
	// that hold a span ID; the first that an exemplar has wins.
	TraceLabels []string `yaml:"trace_labels,omitempty"`
	SpanLabels  []string `yaml:"span_labels,omitempty"`
}

// Client reads one Prometheus. It is safe for concurrent use.
type Client struct {
	config Config
	http   *endpoint.HTTP
	api    v1.API

	mu      sync.Mutex // guards what follows
	known   map[string]evidence.MetricKind
	knownAt time.Time
}

// New checks the configuration and readies a client. It sends nothing.
func New(c Config) (*Client, error) {
	h, err := endpoint.NewHTTP(c.Config)
	if err != nil {
		return nil, fmt.Errorf("prometheus: %w", err)
	}
	c.Config = h.Limits
	c.MaxSeries = cmp.Or(c.MaxSeries, DefaultMaxSeries)
	if c.MaxSeries < 0 {
		return nil, errors.New("prometheus: max_series must not be negative")
	}
	if len(c.TraceLabels) == 0 {
		c.TraceLabels = []string{"trace_id", "traceID", "traceId", "TraceID"}
	}
	if len(c.SpanLabels) == 0 {
		c.SpanLabels = []string{"span_id", "spanID", "spanId", "SpanID"}
	}
	client := *h.Client
	client.Transport = statuses{client.Transport}
	a, err := api.NewClient(api.Config{Address: h.URL.String(), Client: &client})
	if err != nil {
		return nil, fmt.Errorf("prometheus: %s", endpoint.Clean(err.Error()))
	}
	return &Client{config: c, http: h, api: v1.NewAPI(a)}, nil
}

// Close drops idle connections.
func (c *Client) Close() error { return c.http.Close() }

// Ping evaluates an expression.
func (c *Client) Ping(ctx context.Context) error {
	if _, _, _, err := c.api.Query(endpoint.Probing(ctx), "vector(1)", time.Now()); err != nil {
		return failure(ctx, "prometheus ping", err)
	}
	return nil
}

// Ready asks the cheapest thing there is, and no PromQL. What speaks the query API
// alone is asked for a constant.
func (c *Client) Ready(ctx context.Context) error {
	err := c.http.Probe(ctx, "api/v1/status/buildinfo")
	if errors.Is(err, evidence.ErrNotFound) {
		err = c.Ping(ctx)
	}
	return err
}

// Hear tells how the questions to Prometheus end, until ctx ends.
func (c *Client) Hear(ctx context.Context, told func(error)) { c.http.Hear(ctx, told) }

// failure turns a call's error into the port's.
func failure(ctx context.Context, call string, err error) error {
	e, ok := errors.AsType[*v1.Error](err)
	if !ok {
		return endpoint.Failure(ctx, call, err)
	}
	said := string(e.Type) + ": " + e.Msg
	kind := evidence.ErrUnavailable
	switch e.Type {
	case v1.ErrBadData, v1.ErrExec: // execution: as a query that needs too many samples
		kind = evidence.ErrInvalid
	case v1.ErrBadResponse:
		said = "the answer is not Prometheus's: " + said
	}
	return endpoint.Failure(ctx, call, fmt.Errorf("%w: %s", kind, endpoint.Clean(said)))
}
