package pprof

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// Config says which processes profiles are taken from. Nobody else is ever asked for
// one, whatever an alert or a trace names.
type Config struct {
	Targets []Target `yaml:"targets"`
	// CPU is over which time processor time is counted, 30s when 0.
	CPU time.Duration `yaml:"cpu,omitempty"`
	// Trace is over which time the runtime's execution trace is taken, none when 0:
	// how large it gets is up to what the service does.
	Trace time.Duration `yaml:"trace,omitempty"`
	// CoolDown is how long a target is left alone after profiles of it were taken, 10m
	// when 0.
	CoolDown time.Duration `yaml:"cool_down,omitempty"`
}

// Target is one process with the endpoints of net/http/pprof. Its address may name
// another folder than /debug/pprof.
type Target struct {
	endpoint.Config `yaml:",inline"`
	// Service is the name by which the process is known to traces and metrics.
	Service string `yaml:"service"`
}

// Bounds of the time over which processor time is counted.
const (
	usualCPU      = 30 * time.Second
	leastCPU      = time.Second
	mostCPU       = time.Minute
	mostTrace     = 10 * time.Second
	usualCoolDown = 10 * time.Minute
	// patience is how much longer than that an answer may take.
	patience = 20 * time.Second
	// folder is where net/http/pprof registers itself.
	folder = "/debug/pprof"
)

// Checked is the configuration with its defaults, or what is wrong with it.
func (c Config) Checked() (Config, error) {
	if c.CPU == 0 {
		c.CPU = usualCPU
	}
	if c.CoolDown == 0 {
		c.CoolDown = usualCoolDown
	}
	switch {
	case c.CPU < leastCPU || c.CPU > mostCPU:
		return c, fmt.Errorf("pprof: cpu %s is not from %s to %s", c.CPU, leastCPU, mostCPU)
	case c.Trace != 0 && (c.Trace < leastCPU || c.Trace > mostTrace):
		return c, fmt.Errorf("pprof: trace %s is not from %s to %s", c.Trace, leastCPU, mostTrace)
	case c.CoolDown < 0:
		return c, fmt.Errorf("pprof: cool_down %s is negative", c.CoolDown)
	case len(c.Targets) == 0:
		return c, errors.New("pprof: targets is empty; name a service and its address")
	}
	for i, t := range c.Targets {
		if t.Service == "" {
			return c, fmt.Errorf("pprof: targets[%d] names no service", i)
		}
	}
	return c, nil
}

// Client takes profiles of one process. It is safe for concurrent use.
type Client struct {
	service string
	cpu     time.Duration
	trace   time.Duration // 0 for none
	http    *endpoint.HTTP
}

// Kinds are the kinds of profile that are taken, in the order of taking: what is
// there at an instant first, so that it is of the same time as the alert.
func (c *Client) Kinds() []evidence.ProfileKind {
	list := []evidence.ProfileKind{evidence.ProfileGoroutine, evidence.ProfileHeap, evidence.ProfileCPU}
	if c.trace > 0 {
		list = append(list, evidence.ProfileWait)
	}
	return list
}

// Name is the service.
func (c *Client) Name() string { return c.service }

// Clients checks the configuration and readies a client for each target. It sends
// nothing.
func Clients(c Config) ([]*Client, error) {
	c, err := c.Checked()
	if err != nil {
		return nil, err
	}
	var list []*Client
	for i, t := range c.Targets {
		if t.Timeout == 0 {
			t.Timeout = c.CPU + patience
		}
		if t.MaxBytes == 0 {
			t.MaxBytes = MaxPacked
		}
		h, err := endpoint.NewHTTP(t.Config)
		if err != nil {
			return nil, fmt.Errorf("pprof: targets[%d]: %w", i, err)
		}
		if h.URL.Path == "" {
			h.URL.Path = folder
		}
		list = append(list, &Client{service: t.Service, cpu: c.CPU, trace: c.Trace, http: h})
	}
	return list, nil
}

// Close drops idle connections.
func (c *Client) Close() error { return c.http.Close() }

// Address is where the process is asked.
func (c *Client) Address() string { return c.http.URL.Redacted() }

// Take takes a profile as it comes, and reads it to be sure that it is one. One of
// processor time takes as long as it is configured to count.
func (c *Client) Take(ctx context.Context, kind evidence.ProfileKind) ([]byte, evidence.Profile, error) {
	raw, p, err := c.take(ctx, kind)
	if err != nil {
		return nil, p, endpoint.Failure(ctx, "pprof "+string(kind)+" of "+c.service, err)
	}
	p.Service = c.service
	return raw, p, nil
}

func (c *Client) take(ctx context.Context, kind evidence.ProfileKind) ([]byte, evidence.Profile, error) {
	u := c.http.URL.JoinPath(map[evidence.ProfileKind]string{evidence.ProfileCPU: "profile", evidence.ProfileHeap: "heap", evidence.ProfileGoroutine: "goroutine", evidence.ProfileWait: "trace"}[kind])
	if kind.Timed() {
		over := map[evidence.ProfileKind]time.Duration{evidence.ProfileCPU: c.cpu, evidence.ProfileWait: cmp.Or(c.trace, leastCPU)}[kind]
		u.RawQuery = "seconds=" + strconv.Itoa(int(over.Seconds()))
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, evidence.Profile{}, err
	}
	began := time.Now()
	resp, err := c.http.Client.Do(r)
	if err != nil {
		return nil, evidence.Profile{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10)) // what there is of it
		return nil, evidence.Profile{}, endpoint.StatusError(resp.StatusCode, strings.TrimSpace(string(said)))
	}
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, evidence.Profile{}, err
	}
	if kind == evidence.ProfileWait {
		raw, err = Waits(bytes.NewReader(raw), began)
	}
	var p evidence.Profile
	if err == nil {
		p, err = Parse(bytes.NewReader(raw))
	}
	if err == nil && kind != evidence.ProfileWait && (p.Processes > 0 || len(p.Notes) > 0) {
		raw, p, err = join([][]byte{raw}, nil) // a process may not speak for this program
	}
	switch {
	case err != nil:
		return nil, p, fmt.Errorf("%w: the answer %s", evidence.ErrUnavailable, strings.TrimSuffix(evidence.Sentence(err), ": invalid"))
	case p.Kind != kind:
		return nil, p, fmt.Errorf("%w: the answer is a profile of another kind, %s", evidence.ErrUnavailable, p.Kind)
	}
	return raw, p, nil
}

// Ping takes the cheapest profile.
func (c *Client) Ping(ctx context.Context) error {
	_, _, err := c.Take(ctx, evidence.ProfileGoroutine)
	return err
}
