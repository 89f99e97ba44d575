// Package pyroscope reads profiles from Grafana Pyroscope, by the call of its public
// API that merges the profiles of a time: SelectMergeProfile of the querier.
package pyroscope

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire" // the request is four fields; Pyroscope's own client brings its server

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/pprof"
)

// Config says how to reach one Pyroscope and of which services it has profiles.
type Config struct {
	endpoint.Config `yaml:",inline"`
	// Services are asked about by the names that traces know them by.
	Services []string `yaml:"services"`
	// Label names a profile's service, service_name when empty.
	Label string `yaml:"label,omitempty"`
	// Every is how often processes are profiled, 15s when 0: what they hold is summed
	// up by the store and divided by it again.
	Every time.Duration `yaml:"every,omitempty"`
}

const (
	usualLabel = "service_name"
	usualEvery = 15 * time.Second
	// window is of how long a time profiles are merged: long enough for some hundred
	// samples, short enough to lie on one side of an onset.
	window = time.Minute
	// call is the method's path below the address.
	call = "/querier.v1.QuerierService/SelectMergeProfile"
)

// types are the names by which Pyroscope's agents store the kinds.
var types = map[evidence.ProfileKind]string{
	evidence.ProfileCPU:       "process_cpu:cpu:nanoseconds:cpu:nanoseconds",
	evidence.ProfileHeap:      "memory:inuse_space:bytes:space:bytes",
	evidence.ProfileGoroutine: "goroutine:goroutine:count:goroutine:count",
}

// Client reads the profiles of one service. It is safe for concurrent use.
type Client struct {
	service, label string
	every          time.Duration
	http           *endpoint.HTTP
	now            func() time.Time
}

// Clients checks the configuration and readies a client for each service. It sends
// nothing.
func Clients(c Config, now func() time.Time) ([]*Client, error) {
	switch {
	case len(c.Services) == 0:
		return nil, errors.New("pyroscope: services is empty; name those that are profiled")
	case c.Every < 0:
		return nil, fmt.Errorf("pyroscope: every %s is negative", c.Every)
	case strings.ContainsAny(c.Label, "\"{}=,\\ \n"):
		return nil, fmt.Errorf("pyroscope: label %q is not the name of a label", c.Label)
	}
	if c.Every == 0 {
		c.Every = usualEvery
	}
	if c.Label == "" {
		c.Label = usualLabel
	}
	h, err := endpoint.NewHTTP(c.Config)
	if err != nil {
		return nil, fmt.Errorf("pyroscope: %w", err)
	}
	var list []*Client
	for i, s := range c.Services {
		if s == "" {
			return nil, fmt.Errorf("pyroscope: services[%d] is empty", i)
		}
		list = append(list, &Client{service: s, label: c.Label, every: c.Every, http: h, now: now})
	}
	return list, nil
}

// Name is the service.
func (c *Client) Name() string { return c.service }

// Close drops idle connections.
func (c *Client) Close() error { return c.http.Close() }

// Take is the service's profile of the last minute.
func (c *Client) Take(ctx context.Context, kind evidence.ProfileKind) ([]byte, evidence.Profile, error) {
	return c.Before(ctx, kind, c.now())
}

// Before is the service's profile of the minute that ends at an instant;
// evidence.ErrNotFound where nothing was profiled then.
func (c *Client) Before(ctx context.Context, kind evidence.ProfileKind, at time.Time) ([]byte, evidence.Profile, error) {
	raw, p, err := c.merged(ctx, kind, evidence.Window{Start: at.Add(-window), End: at})
	if err != nil {
		return nil, p, endpoint.Failure(ctx, "pyroscope "+string(kind)+" of "+c.service, err)
	}
	p.Service = c.service
	return raw, p, nil
}

func (c *Client) merged(ctx context.Context, kind evidence.ProfileKind, w evidence.Window) ([]byte, evidence.Profile, error) {
	var body []byte
	body = text(body, 1, types[kind])
	body = text(body, 2, "{"+c.label+"="+strconv.Quote(c.service)+"}")
	body = protowire.AppendVarint(protowire.AppendTag(body, 3, protowire.VarintType), uint64(w.Start.UnixMilli()))
	body = protowire.AppendVarint(protowire.AppendTag(body, 4, protowire.VarintType), uint64(w.End.UnixMilli()))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.http.URL.JoinPath(call).String(), bytes.NewReader(body))
	if err != nil {
		return nil, evidence.Profile{}, err
	}
	r.Header.Set("Content-Type", "application/proto")
	resp, err := c.http.Client.Do(r)
	if err != nil {
		return nil, evidence.Profile{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10)) // what there is of it
		return nil, evidence.Profile{}, endpoint.StatusError(resp.StatusCode, string(said))
	}
	raw, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return nil, evidence.Profile{}, err
	case len(raw) == 0:
		return nil, evidence.Profile{}, fmt.Errorf("nothing was profiled then: %w", evidence.ErrNotFound)
	}
	// What is held at an instant is summed over all that were taken; time spent is not.
	start, length, ratio := w.End, time.Duration(0), float64(c.every)/float64(window)
	if kind == evidence.ProfileCPU {
		start, length, ratio = w.Start, window, 1
	}
	out, p, err := pprof.Stamp(bytes.NewReader(raw), kind, start, length, ratio)
	if err != nil && !errors.Is(err, evidence.ErrNotFound) {
		err = fmt.Errorf("%w: the answer %s", evidence.ErrUnavailable, strings.TrimSuffix(evidence.Sentence(err), ": invalid"))
	}
	return out, p, err
}

func text(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

// Ping asks for the last minute's goroutines; that there are none is an answer.
func (c *Client) Ping(ctx context.Context) error {
	_, _, err := c.Take(ctx, evidence.ProfileGoroutine)
	if errors.Is(err, evidence.ErrNotFound) {
		return nil
	}
	return err
}
