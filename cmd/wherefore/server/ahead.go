package server

import (
	"cmp"
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/blameindex/guard"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// CodeIndex reads ahead, so that an alert minutes after a deployment finds its
// commits and lines ready.
type CodeIndex interface {
	// Prepare reads what went live when a service moved from a revision, which
	// may be empty, to another.
	Prepare(ctx context.Context, service, from, to string, at time.Time) error
}

const (
	// mostAnnounced is how many deployments may wait; more are read when an
	// investigation asks.
	mostAnnounced = 64
	// aheadFor bounds the reading of one deployment.
	aheadFor = 2 * time.Minute
)

// announce has a deployment's code read ahead. It never waits.
func (r *room) announce(c evidence.Change) {
	if c.Kind != evidence.ChangeDeploy || c.Service == "" {
		return
	}
	select {
	case r.announced <- c:
	default:
	}
}

// readAhead reads the code of announced deployments, one after the other.
func (r *room) readAhead(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-r.announced:
			if code := r.backend.Load().Code; code != nil {
				once, cancel := context.WithTimeout(ctx, aheadFor)
				err := guard.Run(func() error { return code.Prepare(once, c.Service, c.From, cmp.Or(c.Commit, c.To), c.Time) })
				r.prepared(ctx, "deployment of "+c.Service, err)
				cancel()
			}
		}
	}
}

// prepared says when reading ahead failed; whoever asks reads it then.
func (r *room) prepared(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		r.log.Warn("repository prefetch failed", zap.String("of", what), zap.Error(err))
	}
}
