package endpoint

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker" // one that can be closed by a probe, and retries, from one well-kept library
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

const (
	// mostFailures in a row open a breaker: no question is put for breakFor, then
	// one at a time until one is answered.
	mostFailures = 5
	breakFor     = 5 * time.Second
)

// ErrResting is for a question that was not put since those before it failed, of
// this investigation or another.
var ErrResting = fmt.Errorf("not asked, since the last %d questions to it failed: %w", mostFailures, evidence.ErrUnavailable)

// Breaker keeps questions from a server that answers none. It is shared by all
// investigations, so that each of them does not wait anew.
type Breaker struct {
	of circuitbreaker.CircuitBreaker[any]
	// last is how the last question failed.
	last atomic.Pointer[error]
}

// NewBreaker makes one for a server.
func NewBreaker() *Breaker {
	return &Breaker{of: circuitbreaker.NewBuilder[any]().WithFailureThreshold(mostFailures).WithDelay(breakFor).WithSuccessThreshold(1).Build()}
}

// probing marks the context of a question that is to find out how a server is.
type probing struct{}

// Probing has questions put whatever came of those before. One that is answered
// has others put again.
func Probing(ctx context.Context) context.Context { return context.WithValue(ctx, probing{}, true) }

func isProbe(ctx context.Context) bool { return ctx.Value(probing{}) != nil }

// ignoresTimeout marks the context of a question whose asker waits for a moment only.
type ignoresTimeout struct{}

// IgnoringTimeouts has a question tell nothing of its server when its time is over: who waits
// for less than an investigation does, as a page that somebody looks at, must not keep
// investigations from asking.
func IgnoringTimeouts(ctx context.Context) context.Context {
	return context.WithValue(ctx, ignoresTimeout{}, true)
}

// Begin is ErrResting while nothing is asked; else the question may be put, and
// ended must be called with how it ended, nil for an answer of whatever kind.
// Further calls of ended do nothing.
func (b *Breaker) Begin(ctx context.Context) (ended func(error), err error) {
	probe, ignoring := isProbe(ctx), ctx.Value(ignoresTimeout{}) != nil
	// The one question by which a resting server may show that it answers again has to
	// be of somebody who waits for the answer.
	if ignoring && !probe && !b.of.IsClosed() {
		return func(error) {}, b.resting()
	}
	if !probe && !b.of.TryAcquirePermit() {
		return func(error) {}, b.resting()
	}
	var once sync.Once
	return func(err error) { once.Do(func() { b.ended(err, probe, ignoring) }) }, nil
}

// late reports whether an answer did not come in time, over HTTP or gRPC.
func late(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || status.Code(err) == codes.DeadlineExceeded
}

// resting says why nothing is asked, as far as that is known.
func (b *Breaker) resting() error {
	if last := b.last.Load(); last != nil {
		return fmt.Errorf("%w: %s", ErrResting, reason(*last))
	}
	return ErrResting
}

func (b *Breaker) ended(err error, probe, ignoring bool) {
	switch {
	case err == nil && probe:
		if !b.of.IsClosed() {
			b.of.Close()
		}
	case probe: // what else is asked says enough
	case err == nil:
		b.of.RecordSuccess()
	case !errors.Is(err, context.Canceled) && !errors.Is(err, ErrResting) && !(ignoring && late(err)):
		// A question that was not asked within another one says nothing of the server.
		b.last.Store(&err)
		b.of.RecordFailure()
	case b.of.IsHalfOpen(): // the asker gave up, and nothing is known
		b.of.Open()
	}
}
