// Package backend connects what a configuration names: a client for every
// source, and the engine's options.
package backend

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/health"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/jaeger"
	"github.com/wherefore-dev/wherefore/sources/loki"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
)

// Sources is a set of connected backends.
type Sources struct {
	correlate.Sources
	Probes []health.Probe
	closes []func() error
}

// Close closes them all.
func (s *Sources) Close() error {
	var err error
	for _, c := range s.closes {
		err = errors.Join(err, c())
	}
	return err
}

// Dial readies a client for every configured source. It sends nothing: a
// source that is down is found by its probe and said in the reports.
func Dial(cfg config.Config) (_ *Sources, err error) {
	s := &Sources{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if c := cfg.Sources.Jaeger; c != nil {
		client, err := jaeger.New(*c)
		if err != nil {
			return s, fmt.Errorf("sources.%w", err)
		}
		s.Traces, s.Graph = client, client
		s.add("jaeger", client.Ping, client.Close)
	}
	if c := cfg.Sources.Loki; c != nil {
		client, err := loki.New(*c)
		if err != nil {
			return s, fmt.Errorf("sources.%w", err)
		}
		s.Logs = client
		s.add("loki", client.Ping, client.Close)
	}
	if c := cfg.Sources.Prometheus; c != nil {
		client, err := prometheus.New(*c)
		if err != nil {
			return s, fmt.Errorf("sources.%w", err)
		}
		s.Metrics, s.Exemplars, s.Rules = client, client, client
		s.add("prometheus", client.Ping, client.Close)
	}
	return s, nil
}

func (s *Sources) add(name string, ping func(context.Context) error, end func() error) {
	s.Probes = append(s.Probes, health.Probe{Name: name, Ping: ping})
	s.closes = append(s.closes, end)
}

// EngineOptions are the configuration's, completed from what stands elsewhere
// in it.
func EngineOptions(cfg config.Config, version string) correlate.Options {
	o := cfg.Engine
	o.Version = version
	if o.Owners == nil {
		o.Owners = cfg.Owners
	}
	if o.Deadline == 0 {
		// The engine ends gathering itself, so that there is a report within the
		// time that the runner allows.
		o.Deadline = cfg.Investigate.Timeout * 7 / 10
	}
	return o
}

// Question is the alert that stands for a person's question about a service at
// an instant, or about a trace.
func Question(service, traceID string, at time.Time) evidence.Alert {
	labels := map[string]string{"alertname": "Investigation"}
	key := "trace/" + traceID
	if service != "" {
		labels["service"] = service
		key = "service/" + service
	}
	return evidence.Alert{
		Receiver: "investigate", GroupKey: key + "@" + at.UTC().Format(time.RFC3339Nano), Status: evidence.StatusFiring,
		Labels: labels, TraceID: traceID,
		Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, Labels: labels, StartsAt: at.UTC()}},
	}
}
