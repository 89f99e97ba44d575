package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/keep"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/ui"
)

// RecordBundle is a keep.Record that calls pause before it asks a source, which
// may wait.
type RecordBundle func(ctx context.Context, dir, incident string, revision int, w io.Writer, pause func(context.Context)) error

const (
	// recordFor bounds the recording of one report's evidence.
	recordFor = 10 * time.Minute
	// recordAgain is how long after a failed recording the next is tried.
	recordAgain = time.Minute
)

// settled says when the evidence of a report is due: once a second look at the
// incident must have come or failed.
func settled(cfg config.Config) casebook.Evidence {
	e := casebook.Evidence{Keep: cfg.Evidence.Keep > 0}
	if cfg.Investigate.FollowUp > 0 {
		e.Settle = cfg.Investigate.FollowUp + 2*cfg.Investigate.Timeout
	}
	return e
}

// keeper keeps the evidence of reports as the present backend records it.
func (r *room) keeper(ctx context.Context) (*keep.Keeper, error) {
	var store keep.Store
	if r.cfg.Evidence.Store != nil {
		var err error
		if store, err = r.cfg.Evidence.Store.Open(ctx); err != nil {
			return nil, err
		}
	}
	return keep.New(keep.Options{
		Log: r.log.Named("evidence"), Dir: filepath.Join(r.cfg.DataDir, "bundles"), Store: store, Budget: int64(r.cfg.Evidence.Keep), Book: r.book,
		Now: r.s.now, Timeout: recordFor, Retry: recordAgain, Count: r.s.metrics.Bundle, Size: r.tellKept,
		Review: r.complete,
		Record: func(ctx context.Context, dir, incident string, revision int, w io.Writer) error {
			record := r.backend.Load().Record
			if record == nil {
				return fmt.Errorf("nothing records evidence here: %w", evidence.ErrNotFound)
			}
			return record(ctx, dir, incident, revision, w, r.afterInvestigations)
		},
	})
}

// tellKept has the metrics say how much all tenants keep.
func (r *room) tellKept(bytes int64) {
	r.kept.Store(bytes)
	all := int64(0)
	for _, o := range r.s.rooms {
		all += o.kept.Load()
	}
	r.s.metrics.BundleBytes(all)
}

// afterInvestigations waits while an investigation runs: its questions come
// first.
func (r *room) afterInvestigations(ctx context.Context) {
	for r.s.investigating.Load() > 0 {
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return
		}
	}
}

// openBundle is a ui.OpenBundle: the bundle that is kept, else what the sources
// still have.
func (r *room) openBundle(b *Backend) ui.OpenBundle {
	if b.Record == nil {
		return nil
	}
	return func(ctx context.Context, incident string, revision int) (ui.Bundle, error) {
		if _, err := r.book.Incident(ctx, incident); err != nil {
			return ui.Bundle{}, err
		}
		f, kept, err := r.evidence.Open(ctx, incident, revision)
		if err == nil {
			return ui.Bundle{ReadSeekCloser: f, Revision: kept.Revision, SHA256: kept.SHA256}, nil
		}
		if !errors.Is(err, evidence.ErrNotFound) {
			return ui.Bundle{}, err
		}
		if f, err = r.evidence.RecordOnce(ctx, incident, revision); err != nil {
			return ui.Bundle{}, err
		}
		return ui.Bundle{ReadSeekCloser: f, Revision: revision}, nil
	}
}
