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
				asOf := backend.AsOf(j.Alert, j.Window, now().UTC())
				if j.Why == casefile.WhyBack || j.Why == casefile.WhyProfiles {
					asOf = now().UTC() // what came of it is of the present
				}
				return engine.Investigate(ctx, correlate.Request{
					Alert: j.Alert, Now: asOf, Revision: j.Revision, Window: j.Window, Progress: say,
				})
			},
			Record:  liveRecorder{book, s, version, int64(cfg.Evidence.Repository)}.record,
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
	out.Conditions = p
	out.Observe = observe.Observer{Sources: s.Sources, SLOs: cfg.SLO.Specs(), Conditions: cfg.Engine.Conditions}.Observe
	out.Links, out.Senders, out.Generators = cfg.Links, SendersOf(cfg.Webhook), generators(cfg)
	out.Ignore = cfg.Webhook.Ignore
	return out
}
