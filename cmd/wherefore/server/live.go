package server

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/observe"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/profiler"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Live is a Connect: the configured sources, and an engine over them.
func Live(version string, now func() time.Time, log *zap.Logger) Connect {
	return func(ctx context.Context, cfg config.Config, book casebook.TenantStore) (*Backend, error) {
		s, err := backend.Dial(ctx, cfg)
		if err != nil {
			return nil, err
		}
		s.Changes = append(s.Changes, book)
		options := backend.EngineOptions(cfg, version)
		options.Clock = now
		engine := correlate.New(s.Sources, options)
		b := &Backend{
			Investigate: func(ctx context.Context, j casebook.Job, say func(progress)) (report.Report, error) {
				ctx, req := planned(ctx, j, now().UTC(), waitingBeside(ctx, j, book, cfg.Investigate.FollowUp))
				req.Progress = say
				return engine.Investigate(ctx, req)
			},
			Record: liveRecorder{book, s, version, int64(cfg.Evidence.Repository)}.record,
			Replay: func(ctx context.Context, file string) (report.Report, error) {
				return backend.Replay(ctx, file, backend.ReplayOptions(cfg, version), nil)
			},
			Probes:  s.Probes,
			Ports:   ports(cfg, s, book, promises{engine, now}),
			Publish: cfg.Decisions.Publish,
			Close:   s.Close,
		}
		if s.Index != nil {
			b.Logs, b.LogsEvery, b.Code, b.Mirrors = s.Index, logsEvery(cfg), s.Index, s.Index.Mirrors
		}
		if len(s.Targets) > 0 {
			b.profile(ctx, cfg, s, book, now, log)
		}
		return b, nil
	}
}

const (
	// shortAbove is how many first reports may wait before each asks for less.
	shortAbove = 20
	// sameEnd is to what first looks are rounded then, so that those of one storm put
	// the same questions, which the sources answer once.
	sameEnd = 15 * time.Second
)

// waitingBeside is how many first reports wait beside a job, when its report is a
// first one that another look follows; 0 where they are few.
func waitingBeside(ctx context.Context, j casebook.Job, book casebook.Backlog, followUp time.Duration) int {
	if j.Revision != 1 || j.Why != casefile.WhyAlert || followUp <= 0 {
		return 0
	}
	n, err := book.Waiting(ctx)
	if err != nil || n <= shortAbove {
		return 0
	}
	return n
}

// planned is what the engine is asked for a job.
func planned(ctx context.Context, j casebook.Job, now time.Time, waiting int) (context.Context, correlate.Request) {
	req := correlate.Request{Alert: j.Alert, Now: backend.AsOf(j.Alert, j.Window, now), Revision: j.Revision, Window: j.Window, Waiting: waiting}
	switch {
	case j.Why == casefile.WhyBack || j.Why == casefile.WhyProfiles:
		req.Now = now // what came of it is of the present
	case j.Why == casefile.WhyAgain:
		ctx = backend.Uncached(ctx)
	case waiting > 0:
		if end := req.Now.Truncate(sameEnd); end.After(j.Alert.Newest()) {
			req.Now = end
		}
	}
	return ctx, req
}

// profile takes profiles until the backend is closed.
func (b *Backend) profile(ctx context.Context, cfg config.Config, s *backend.Sources, book casebook.TenantStore, now func() time.Time, log *zap.Logger) {
	p := profiler.New(profiler.Options{
		Log: log.Named("profiles"), Targets: s.Targets, Shelf: s.Shelf, CoolDown: s.CoolDown, Now: now, FollowUp: cfg.Investigate.FollowUp,
		Again: func(ctx context.Context, incident string, at time.Time) error {
			return book.Revisit(ctx, incident, at, casefile.WhyProfiles)
		},
	})
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.Run(ctx)
	}()
	b.Reported = p.Reported
	b.Close = func() error {
		cancel()
		<-ended
		return s.Close()
	}
}

// logsEvery is how often the repository that is fetched most often is.
func logsEvery(cfg config.Config) time.Duration {
	const usual = 5 * time.Minute
	every := usual
	for _, r := range cfg.Repositories {
		if r.Fetch > 0 {
			every = min(every, r.Fetch)
		}
	}
	return every
}

// ports are the pages' look-ups over live sources.
func ports(cfg config.Config, s *backend.Sources, book casebook.TenantStore, p promises) Ports {
	out := Ports{}
	if s.Index != nil {
		out = CodePorts(book, s.Index)
	}
	out.Conditions, out.Present = p, p
	out.Observe = observe.Observer{Sources: s.Sources, SLOs: cfg.SLO.Specs(), Conditions: cfg.Engine.Conditions}.Observe
	out.Links, out.Senders, out.Generators = cfg.Links, SendersOf(cfg.Webhook), generators(cfg)
	out.Ignore = cfg.Webhook.Ignore
	return out
}
