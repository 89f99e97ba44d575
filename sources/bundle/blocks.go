package bundle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	// the logger that tsdb of this version wants
	"github.com/prometheus/prometheus/tsdb" // what promtool backfills with
)

// blockLength is that of a block, in ms, aligned as Prometheus aligns its own.
const blockLength = tsdb.DefaultBlockDuration

// commitEvery bounds the samples that one appender holds.
const commitEvery = 100_000

// WriteBlocks writes the metrics as blocks of Prometheus' store into dir, its
// data directory, and says how many samples they hold. A server that runs there
// picks them up within a minute; it must keep data as old as they are
// (--storage.tsdb.retention.time). Blocks carry no exemplars and no metadata.
func (b *Bundle) WriteBlocks(ctx context.Context, dir string) (samples int, err error) {
	s, err := b.metricStore()
	if err != nil {
		return 0, err
	}
	first, last, ok := s.span()
	if !ok {
		return 0, nil
	}
	for from := first - (first%blockLength+blockLength)%blockLength; from <= last; from += blockLength {
		n, err := s.writeBlock(ctx, dir, from, from+blockLength)
		if err != nil {
			return samples, fmt.Errorf("metrics: write block to %s: %w", dir, err)
		}
		samples += n
	}
	return samples, nil
}

// span is the time of the first and the last sample, in ms.
func (s *metricStore) span() (first, last int64, ok bool) {
	for _, x := range s.series {
		if len(x.samples) == 0 {
			continue
		}
		a, b := x.samples[0].T(), x.samples[len(x.samples)-1].T()
		if !ok || a < first {
			first = a
		}
		if !ok || b > last {
			last = b
		}
		ok = true
	}
	return first, last, ok
}

// writeBlock writes the samples in [from, to) as one block, none when there are
// none.
func (s *metricStore) writeBlock(ctx context.Context, dir string, from, to int64) (n int, err error) {
	for _, x := range s.series {
		n += len(between(x.samples, from, to-1))
	}
	if n == 0 {
		return 0, nil
	}
	// Twice the length, since a writer refuses samples half a block older than
	// the newest it has, and series come one after the other.
	w, err := tsdb.NewBlockWriter(slog.New(slog.DiscardHandler), dir, 2*blockLength)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	app, held := w.Appender(ctx), 0
	for _, x := range s.series {
		for _, v := range between(x.samples, from, to-1) {
			if _, err := app.Append(0, x.labels, v.T(), v.F()); err != nil {
				return 0, errors.Join(err, app.Rollback())
			}
			if held++; held == commitEvery {
				if err := app.Commit(); err != nil {
					return 0, err
				}
				app, held = w.Appender(ctx), 0
			}
		}
	}
	if err := app.Commit(); err != nil {
		return 0, err
	}
	_, err = w.Flush(ctx)
	return n, err
}
