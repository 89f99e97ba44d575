package blameindex

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/wherefore-dev/wherefore/blameindex/git"
)

// target is one file of one plan whose ownership is to be worked out.
type target struct {
	plan *plan
	file file
}

// own works out the ownership of every planned file and stores it.
func (ix *indexer) own(ctx context.Context) error {
	var targets []target
	for _, p := range ix.plans {
		for _, f := range p.files {
			if f.done {
				ix.stats.Files++
				continue
			}
			targets = append(targets, target{p, f})
		}
	}
	s := newStorer(ix)
	if err := ix.blameEach(ctx, targets, s); err != nil {
		return errors.Join(err, s.abandon())
	}
	return s.flush()
}

// blameEach asks git blame for each target, several at a time. It is right by
// definition and the way for a few files.
func (ix *indexer) blameEach(ctx context.Context, targets []target, s *storer) error {
	workers := ix.o.Workers
	if workers <= 0 {
		workers = runtime.NumCPU()
	}
	var mu sync.Mutex
	done := 0
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workers)
	for _, t := range targets {
		g.Go(func() error {
			spans, err := ix.repo.Blame(ctx, t.plan.rev.sha, t.file.path, git.BlameOptions{IgnoreRevs: t.plan.ignore})
			if err != nil && ctx.Err() != nil {
				return ctx.Err()
			}
			mu.Lock()
			defer mu.Unlock()
			done++
			if ix.o.Progress != nil {
				ix.o.Progress("blame", done, len(targets))
			}
			if err != nil { // an object that is missing or corrupt
				return s.skip(ctx, t, "missing")
			}
			return s.put(ctx, t, spans)
		})
	}
	return g.Wait()
}
