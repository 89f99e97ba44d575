// Package runner carries out the investigations that the casebook holds due
// and tells whoever listens how far they are.
package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/wherefore-dev/wherefore/blameindex/guard"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Investigate answers one job. Live it asks the engine of the present
// configuration, in a demonstration the one that replays the job's bundle.
type Investigate func(ctx context.Context, j casebook.Job, progress func(correlate.Progress)) (report.Report, error)

// Watcher is told what happens; its methods must not block.
type Watcher interface {
	Progressed(incident string, p correlate.Progress)
	Finished(j casebook.Job, r report.Report, took time.Duration, err error)
}

// Book is what a runner needs of the casebook.
type Book interface {
	casebook.Queue
	casebook.Reserve
	casebook.Leases
}

// Runner runs investigations. Its fields are set before Run and not changed.
type Runner struct {
	Log  *zap.Logger
	Book Book
	// Investigate is called by up to Workers and one goroutines at once.
	Investigate Investigate
	Watch       Watcher
	Tracer      trace.Tracer
	Now         func() time.Time
	// Workers take what comes; one more is kept for new critical groups.
	Workers int
	// Timeout bounds one investigation.
	Timeout time.Duration
	// Messages words the notifications of a report, which become due together
	// with it; nil means none. It must not panic: that would cost the report.
	Messages func(ctx context.Context, j casebook.Job, r report.Report) []casebook.Message

	unstored gate
}

// Run works until ctx ends. An investigation under way then is given back.
func (r *Runner) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for range max(1, r.Workers) {
		g.Go(func() error { return r.work(ctx, r.Book.Next) })
	}
	g.Go(func() error { return r.work(ctx, r.Book.NextUrgent) })
	err := g.Wait()
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

func (r *Runner) work(ctx context.Context, next func(context.Context) (casebook.Job, error)) error {
	for {
		// Before what was found out is stored nothing further is begun: it could not
		// be stored either.
		if err := r.unstored.wait(ctx); err != nil {
			return err
		}
		j, err := next(ctx)
		if ctx.Err() != nil {
			if err == nil {
				r.giveBack(ctx, j)
			}
			return ctx.Err()
		}
		if err != nil {
			r.Log.Error("investigation queue could not be read; retrying in a second", zap.Error(err))
			select {
			case <-time.After(time.Second):
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		r.carryOut(ctx, j)
	}
}

// carryOut carries one job out, and ends its claim.
func (r *Runner) carryOut(ctx context.Context, j casebook.Job) {
	log := r.Log.With(zap.String("incident", j.Incident), zap.Int("revision", j.Revision))
	ctx, span := r.Tracer.Start(ctx, "investigate", trace.WithAttributes(
		attribute.String("wherefore.incident", j.Incident), attribute.Int("wherefore.revision", j.Revision)))
	defer span.End()
	started := r.Now()
	held, release := r.hold(ctx, j)
	defer release()
	report, err := r.ask(held, j)
	took := r.Now().Sub(started)
	if err == nil {
		err = r.finish(ctx, j, report)
	}
	r.Watch.Finished(j, report, took, err)
	if err == nil {
		log.Info("reported", zap.String("verdict", string(report.Verdict.Word)), zap.String("title", report.Title), zap.Duration("took", took))
		return
	}
	span.RecordError(err)
	span.SetStatus(codes.Error, "investigation failed")
	switch {
	case errors.Is(err, casebook.ErrLost) || errors.Is(context.Cause(held), casebook.ErrLost):
		log.Warn("lease lost: another worker has the investigation, this report is discarded")
	case ctx.Err() != nil:
		r.giveBack(ctx, j)
	default:
		retry := j.Attempts < casebook.MaxAttempts && !errors.Is(err, evidence.ErrInvalid)
		log.Error("investigation failed", zap.Error(err), zap.Int("attempt", j.Attempts), zap.Bool("retry", retry))
		_ = r.settle(ctx, log, func(ctx context.Context) error { return r.Book.Abandon(ctx, j, evidence.Sentence(err), retry) }) // it logs what it cannot do
	}
}

// giveBack returns a claim while the program stops. Without it the claim would
// have to run out, and count as an attempt.
func (r *Runner) giveBack(ctx context.Context, j casebook.Job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := r.Book.Return(ctx, j); err != nil && !errors.Is(err, casebook.ErrLost) {
		r.Log.Warn("investigation could not be returned to the queue; it is due again when its lease expires", zap.String("incident", j.Incident), zap.Error(err))
	}
}

func (r *Runner) ask(ctx context.Context, j casebook.Job) (rep report.Report, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	err = guard.Run(func() (err error) {
		rep, err = r.Investigate(ctx, j, func(p correlate.Progress) { r.Watch.Progressed(j.Incident, p) })
		return err
	})
	if p, ok := errors.AsType[*guard.Panic](err); ok {
		r.Log.Error("engine panicked", zap.Any("panic", p.Value), zap.ByteString("stack", p.Stack))
	}
	return rep, err
}

func (r *Runner) finish(ctx context.Context, j casebook.Job, report report.Report) error {
	// A group keeps the ID of its first alert, whatever the newest one says.
	report.Incident = j.Incident
	body, err := json.Marshal(report)
	if err != nil {
		return fmt.Errorf("report as JSON: %w", err)
	}
	log := r.Log.With(zap.String("incident", j.Incident), zap.Int("revision", j.Revision))
	var messages []casebook.Message
	if r.Messages != nil {
		messages = r.Messages(context.WithoutCancel(ctx), j, report)
	}
	return r.settle(ctx, log, func(ctx context.Context) error { return r.Book.Finish(ctx, j, report, body, messages...) })
}
