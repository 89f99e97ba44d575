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
	Finished(incident string, revision int, r report.Report, took time.Duration, err error)
}

// Runner runs investigations. Its fields are set before Run and not changed.
type Runner struct {
	Log  *zap.Logger
	Book casebook.Queue
	// Investigate is called by up to Workers goroutines at once.
	Investigate Investigate
	Watch       Watcher
	Tracer      trace.Tracer
	Now         func() time.Time
	Workers     int
	// Timeout bounds one investigation.
	Timeout time.Duration
	// FollowUp is how long after a first report the engine looks once more,
	// since telemetry arrives late; 0 means never.
	FollowUp time.Duration
	// Messages words the notifications of a report, which become due together
	// with it; nil means none.
	Messages func(ctx context.Context, incident string, revision int, r report.Report) []casebook.Message
	// Again makes an incident due once more.
	Again func(ctx context.Context, incident string) error
}

// maxAttempts bounds how often an investigation that fails is tried.
const maxAttempts = 3

// Run works until ctx ends. An investigation under way then is due again when
// the program starts the next time.
func (r *Runner) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for range max(1, r.Workers) {
		g.Go(func() error { return r.work(ctx, g) })
	}
	err := g.Wait()
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

func (r *Runner) work(ctx context.Context, g *errgroup.Group) error {
	for {
		j, err := r.Book.Next(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			r.Log.Error("the next investigation cannot be read; waiting a second", zap.Error(err))
			select {
			case <-time.After(time.Second):
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if r.carryOut(ctx, j) && j.Revision == 1 && r.FollowUp > 0 {
			g.Go(func() error { return r.followUp(ctx, j.Incident) })
		}
	}
}

// followUp looks at an incident once more after a while.
func (r *Runner) followUp(ctx context.Context, incident string) error {
	t := time.NewTimer(r.FollowUp)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
		return nil // not worth an error: the first report stands
	}
	if err := r.Again(ctx, incident); err != nil && ctx.Err() == nil {
		r.Log.Warn("no second look at the incident", zap.String("incident", incident), zap.Error(err))
	}
	return nil
}

// carryOut carries one job out and reports whether it ended in a report.
func (r *Runner) carryOut(ctx context.Context, j casebook.Job) bool {
	log := r.Log.With(zap.String("incident", j.Incident), zap.Int("revision", j.Revision))
	ctx, span := r.Tracer.Start(ctx, "investigate", trace.WithAttributes(
		attribute.String("wherefore.incident", j.Incident), attribute.Int("wherefore.revision", j.Revision)))
	defer span.End()
	started := r.Now()
	report, err := r.ask(ctx, j)
	took := r.Now().Sub(started)
	if err == nil {
		err = r.finish(ctx, j, report)
	}
	r.Watch.Finished(j.Incident, j.Revision, report, took, err)
	if err == nil {
		log.Info("reported", zap.String("verdict", string(report.Verdict.Word)), zap.String("title", report.Title), zap.Duration("took", took))
		return true
	}
	span.RecordError(err)
	span.SetStatus(codes.Error, "investigation failed")
	if ctx.Err() != nil {
		return false // stopping: the claim is given back at the next start
	}
	retry := j.Attempts < maxAttempts && !errors.Is(err, evidence.ErrInvalid)
	log.Error("investigation failed", zap.Error(err), zap.Int("attempt", j.Attempts), zap.Bool("retry", retry))
	if err := r.Book.Abandon(ctx, j, evidence.Sentence(err), retry); err != nil {
		log.Error("the failed investigation cannot be put back", zap.Error(err))
	}
	return false
}

func (r *Runner) ask(ctx context.Context, j casebook.Job) (rep report.Report, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	// Telemetry is hostile: one poisonous incident must not end the others.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the engine panicked: %v", p)
			r.Log.Error("the engine panicked", zap.Any("panic", p), zap.Stack("stack"))
		}
	}()
	return r.Investigate(ctx, j, func(p correlate.Progress) { r.Watch.Progressed(j.Incident, p) })
}

func (r *Runner) finish(ctx context.Context, j casebook.Job, rep report.Report) error {
	// A group keeps the ID of its first alert, whatever the newest one says.
	rep.Incident = j.Incident
	body, err := json.Marshal(rep)
	if err != nil {
		return fmt.Errorf("report as JSON: %w", err)
	}
	ctx = context.WithoutCancel(ctx)
	var messages []casebook.Message
	if r.Messages != nil {
		messages = r.Messages(ctx, j.Incident, j.Revision, rep)
	}
	return r.Book.Finish(ctx, j, rep, body, messages...)
}
