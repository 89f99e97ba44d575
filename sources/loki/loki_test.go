package loki_test

import (
	"context"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/loki"
	"github.com/wherefore-dev/wherefore/sources/sourcestest"
)

func window() evidence.Window {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	return evidence.Window{Start: at, End: at.Add(time.Hour)}
}

func open(t *testing.T, c loki.Config) *loki.Client {
	t.Helper()
	l, err := loki.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestFailuresAreThePorts(t *testing.T) {
	sourcestest.HTTPFailures(t, func(t *testing.T, c endpoint.Config) sourcestest.Calls {
		l := open(t, loki.Config{Config: c})
		return sourcestest.Calls{
			"ping": l.Ping,
			"logs": func(ctx context.Context) error {
				_, _, err := l.Logs(ctx, evidence.LogQuery{Services: []string{"a"}, Window: window(), Limit: 5})
				return err
			},
			"logs of a trace": func(ctx context.Context) error {
				_, _, err := l.Logs(ctx, evidence.LogQuery{TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", Window: window(), Limit: 5})
				return err
			},
		}
	})
}
