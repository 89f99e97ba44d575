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
func (s *Server) keeper(ctx context.Context) (*keep.Keeper, error) {
	var store keep.Store
	if s.cfg.Evidence.Store != nil {
		var err error
		if store, err = s.cfg.Evidence.Store.Open(ctx); err != nil {
			return nil, err
		}
	}
	return keep.New(keep.Options{
		Log: s.log.Named("evidence"), Dir: filepath.Join(s.cfg.DataDir, "bundles"), Store: store, Budget: int64(s.cfg.Evidence.Keep), Book: s.book,
		Now: s.now, Timeout: recordFor, Retry: recordAgain, Count: s.metrics.Bundle, Size: s.metrics.BundleBytes,
		Record: func(ctx context.Context, dir, incident string, revision int, w io.Writer) error {
			record := s.backend.Load().Record
			if record == nil {
				return fmt.Errorf("nothing records evidence here: %w", evidence.ErrNotFound)
			}
			return record(ctx, dir, incident, revision, w, s.afterInvestigations)
		},
	})
}

// afterInvestigations waits while an investigation runs: its questions come
// first.
func (s *Server) afterInvestigations(ctx context.Context) {
	for s.investigating.Load() > 0 {
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return
		}
	}
}

// openBundle is a ui.OpenBundle: the bundle that is kept, else what the sources
// still have.
func (s *Server) openBundle(b *Backend) ui.OpenBundle {
	if b.Record == nil {
		return nil
	}
	return func(ctx context.Context, incident string, revision int) (ui.Bundle, error) {
		f, kept, err := s.evidence.Open(ctx, incident, revision)
		if err == nil {
			return ui.Bundle{ReadSeekCloser: f, Revision: kept.Revision, SHA256: kept.SHA256}, nil
		}
		if !errors.Is(err, evidence.ErrNotFound) {
			return ui.Bundle{}, err
		}
		if f, err = s.evidence.RecordOnce(ctx, incident, revision); err != nil {
			return ui.Bundle{}, err
		}
		return ui.Bundle{ReadSeekCloser: f, Revision: revision}, nil
	}
}
