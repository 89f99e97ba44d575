package prometheus_test

import (
	"context"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
	"github.com/wherefore-dev/wherefore/sources/sourcestest"
)

func window() evidence.Window {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	return evidence.Window{Start: at, End: at.Add(time.Hour)}
}

func open(t *testing.T, c prometheus.Config) *prometheus.Client {
	t.Helper()
	p, err := prometheus.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestFailuresAreThePorts(t *testing.T) {
	sourcestest.HTTPFailures(t, func(t *testing.T, c endpoint.Config) sourcestest.Calls {
		p, w := open(t, prometheus.Config{Config: c}), window()
		return sourcestest.Calls{
			"ping":      p.Ping,
			"series":    func(ctx context.Context) error { _, _, err := p.ListSeries(ctx, []string{"up"}, w); return err },
			"range":     func(ctx context.Context) error { _, err := p.QueryRange(ctx, "up", w, time.Minute); return err },
			"samples":   func(ctx context.Context) error { _, err := p.Samples(ctx, "up", w); return err },
			"names":     func(ctx context.Context) error { _, err := p.Names(ctx, w); return err },
			"metadata":  func(ctx context.Context) error { _, err := p.Kinds(ctx); return err },
			"exemplars": func(ctx context.Context) error { _, err := p.Exemplars(ctx, "up", w); return err },
			"rules":     func(ctx context.Context) error { _, err := p.Rules(ctx); return err },
		}
	})
}
