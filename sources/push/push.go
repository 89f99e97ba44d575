// Package push sends a bundle to real servers, so that one incident can be
// investigated from the files and live and give the same ranking: spans to
// Jaeger and log lines to Loki over OTLP, metrics to Prometheus as blocks in
// its data directory.
//
// It is faithful as far as the servers are willing: Prometheus must keep data
// as old as the bundle's, Loki must accept it and look back far enough, and
// blocks carry no exemplars, metadata or rules.
package push

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/otlp"
)

// Targets are the servers to send to; what is nil or empty is left out.
type Targets struct {
	Jaeger        *otlp.Sender // to an OTLP receiver of traces
	Loki          *otlp.Sender // to an OTLP receiver of logs
	PrometheusDir string       // Prometheus' data directory
}

// Counts say what was sent.
type Counts struct {
	Spans, Lines, Samples int
}

// Progress is told how much of which kind ("spans" or "log lines") has been
// sent.
type Progress func(kind string, sent, total int)

// Push sends a bundle. Counts hold what was sent before an error too.
func Push(ctx context.Context, b *bundle.Bundle, to Targets, tell Progress) (Counts, error) {
	var c Counts
	var err error
	if to.Jaeger != nil {
		if c.Spans, err = member(b, bundle.SpansFile, func(r io.Reader) (int, error) {
			return to.Jaeger.PushTraces(ctx, r, told(tell, "spans"))
		}); err != nil {
			return c, fmt.Errorf("push to Jaeger: %w", err)
		}
	}
	if to.Loki != nil {
		if c.Lines, err = member(b, bundle.LogsFile, func(r io.Reader) (int, error) {
			return to.Loki.PushLogs(ctx, r, told(tell, "log lines"))
		}); err != nil {
			return c, fmt.Errorf("push to Loki: %w", err)
		}
	}
	if to.PrometheusDir != "" {
		if c.Samples, err = b.WriteBlocks(ctx, to.PrometheusDir); err != nil {
			return c, fmt.Errorf("push to Prometheus: %w", err)
		}
	}
	return c, nil
}

func told(tell Progress, kind string) otlp.Progress {
	if tell == nil {
		return nil
	}
	return func(sent, total int) { tell(kind, sent, total) }
}

// member sends one member; a bundle without it has nothing to send.
func member(b *bundle.Bundle, name string, send func(io.Reader) (int, error)) (int, error) {
	r, err := b.Member(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, evidence.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	n, err := send(r)
	return n, errors.Join(err, r.Close())
}
