package runner

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5" // waits between attempts, with jitter
	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
)

// hold renews a claim until it is released. When the claim has ended, so does
// the context, with casebook.ErrLost as its cause.
func (r *Runner) hold(ctx context.Context, j casebook.Job) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(r.Book.Lease() / 4)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if err := r.Book.Renew(ctx, j); errors.Is(err, casebook.ErrLost) {
					cancel(err)
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx, func() {
		cancel(context.Canceled)
		<-done
	}
}

// mostWait is the longest between two attempts to store something: a disk that
// has room again is noticed within it.
const mostWait = 5 * time.Second

// settle stores the end of a claim, and tries again until that has succeeded or
// the program stops: what was found out stays in memory meanwhile. What can
// never succeed is tried once.
func (r *Runner) settle(ctx context.Context, log *zap.Logger, store func(context.Context) error) error {
	after := context.WithoutCancel(ctx) // one attempt is made even while the program stops
	err := store(after)
	if err == nil || errors.Is(err, casebook.ErrLost) {
		return err
	}
	log.Error("report could not be stored; retrying", zap.Error(err))
	defer r.unstored.enter()()
	waits := backoff.NewExponentialBackOff()
	waits.InitialInterval, waits.MaxInterval = 200*time.Millisecond, mostWait
	for {
		select {
		case <-time.After(waits.NextBackOff()):
		case <-ctx.Done():
			return err
		}
		if err = store(after); err == nil || errors.Is(err, casebook.ErrLost) {
			log.Info("report stored after retrying", zap.Error(err))
			return err
		}
	}
}

// gate is closed while anybody is inside.
type gate struct {
	mu     sync.Mutex
	inside int
	free   chan struct{} // closed once nobody is inside; nil while nobody is
}

// enter closes the gate until what it returns is called.
func (g *gate) enter() (leave func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inside++; g.inside == 1 {
		g.free = make(chan struct{})
	}
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.inside--; g.inside == 0 {
			close(g.free)
		}
	}
}

// wait returns once the gate is open.
func (g *gate) wait(ctx context.Context) error {
	g.mu.Lock()
	free, inside := g.free, g.inside
	g.mu.Unlock()
	if inside == 0 {
		return nil
	}
	select {
	case <-free:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
