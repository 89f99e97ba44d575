// Package loki reads log lines from Grafana Loki through Grafana's own client,
// logcli's.
//
// That client keeps to itself what went wrong, retries what will not get
// better, ignores the context and writes whole URLs and error bodies to the
// standard logger. So each call gets a copy of it whose transport is ours: the
// transport knows the context, bounds the body, notes every failure, and always
// answers, since an answer is all that keeps that client quiet.
package loki

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

// Limits that hold when the configuration sets none.
const (
	DefaultPageSize = 5_000  // Loki's own default for max_entries_limit_per_query
	DefaultMaxLines = 50_000 // of one answer
	defaultLimit    = 1_000  // of a query that names no limit
)

// Config says which Loki to ask, in what words, and how much to take from it.
type Config struct {
	endpoint.Config `yaml:",inline"`
	Queries         Queries `yaml:"queries,omitempty"`
	// ServiceLabels are the labels that name a line's service, the first that a
	// line has wins.
	ServiceLabels []string `yaml:"service_labels,omitempty"`
	// Fields are further names of fields that say what a line's trace, level,
	// message and the like are.
	Fields   logline.Keys `yaml:"fields,omitempty"`
	PageSize int          `yaml:"page_size,omitempty"`
	MaxLines int          `yaml:"max_lines,omitempty"`
}

// Client reads one Loki. It is safe for concurrent use.
type Client struct {
	config  Config
	http    *endpoint.HTTP
	queries *queries
	names   names
	lines   *logline.Reader
	known   known
}

// New checks the configuration and readies a client. It sends nothing.
func New(c Config) (*Client, error) {
	h, err := endpoint.NewHTTP(c.Config)
	if err != nil {
		return nil, fmt.Errorf("loki: %w", err)
	}
	c.Config = h.Limits
	c.PageSize = cmp.Or(c.PageSize, DefaultPageSize)
	c.MaxLines = cmp.Or(c.MaxLines, DefaultMaxLines)
	if min(c.PageSize, c.MaxLines) < 0 {
		return nil, errors.New("loki: page_size and max_lines must not be negative")
	}
	if len(c.ServiceLabels) == 0 {
		// service_name is what Loki 3 makes of OTLP's service.name, and finds
		// for lines that came another way.
		c.ServiceLabels = []string{"service_name", "app_kubernetes_io_name", "service", "app", "job"}
	}
	q, err := c.Queries.compile()
	if err != nil {
		return nil, fmt.Errorf("loki: queries: %w", err)
	}
	lines, err := logline.New(c.Fields)
	if err != nil {
		return nil, fmt.Errorf("loki: fields: %w", err)
	}
	return &Client{config: c, http: h, queries: q, names: newNames(), lines: lines}, nil
}

// Close drops idle connections.
func (c *Client) Close() error { return c.http.Close() }

// Ping runs a real query: a Loki that says it is ready may still not answer.
func (c *Client) Ping(ctx context.Context) error {
	const call = "loki ping"
	now := time.Now()
	_, err := c.page(endpoint.Probing(ctx), call, c.queries.ping, evidence.Window{Start: now.Add(-time.Minute), End: now}, 1)
	return err
}

// Ready asks the cheapest thing there is, and no LogQL. Behind a gateway there may
// be no readiness, but the build information.
func (c *Client) Ready(ctx context.Context) error {
	err := c.http.Probe(ctx, "ready")
	if errors.Is(err, evidence.ErrNotFound) {
		err = c.http.Probe(ctx, "loki/api/v1/status/buildinfo")
	}
	return err
}

// Hear tells how the questions to Loki end, until ctx ends.
func (c *Client) Hear(ctx context.Context, told func(error)) { c.http.Hear(ctx, told) }

// AnyService is the query for the lines of every service.
func (c *Client) AnyService() string { return c.queries.any }
