package server

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/blameindex/guard"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
)

// retainEvery is how often the casebook is looked through for what is too old.
const retainEvery = time.Hour

// retention is what a configuration keeps.
func retention(r config.Retain) casebook.Retention {
	return casebook.Retention{Raw: r.Payloads, Incidents: r.Incidents, Audit: r.Audit, Changes: r.Changes, Bytes: int64(r.Size)}
}

// setForward reports that a clock went further between two looks than the time that
// passed: what it makes too old may be of yesterday, and is not to be had back.
func setForward(last, now time.Time, elapsed time.Duration) bool {
	return now.Round(0).Sub(last.Round(0))-elapsed > retainEvery // without the readings that do not follow the clock
}

// retain drops what is older, or more, than is to be kept, at the start and then
// every hour.
func (r *room) retain(ctx context.Context) {
	tick := time.NewTicker(retainEvery)
	defer tick.Stop()
	last, began := r.s.now(), time.Now()
	for {
		now, elapsed := r.s.now(), time.Since(began)
		keep := retention(r.cfg.Casebook.Retain)
		if setForward(last, now, elapsed) {
			r.log.Warn("clock set forward: retention waits an hour before it drops old records", zap.Duration("by", now.Sub(last)-elapsed))
			keep = casebook.Retention{Bytes: keep.Bytes}
		}
		last, began = now, began.Add(elapsed)
		var dropped casebook.Pruned
		err := guard.Run(func() (err error) {
			dropped, err = r.book.Prune(ctx, keep)
			return err
		})
		if err != nil && ctx.Err() == nil {
			r.log.Warn("casebook retention failed", zap.Error(err))
		}
		if dropped.Any() {
			r.evidence.Forget(ctx, dropped.Bundles)
			r.log.Info("casebook retention dropped old records", zap.Stringer("dropped", dropped), zap.Int64("bytes_left", dropped.Bytes))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
