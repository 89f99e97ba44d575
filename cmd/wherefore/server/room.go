package server

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/wherefore-dev/wherefore/blameindex"
	"github.com/wherefore-dev/wherefore/blameindex/guard"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/act"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/health"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/keep"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/notify"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// room is what one tenant has of the server: a casebook, sources, repositories and
// bundles of its own. What works in it reaches no other's.
type room struct {
	s      *Server
	tenant evidence.Tenant
	cfg    config.Config
	log    *zap.Logger
	book   casebook.TenantStore

	// backend is what a reload replaces.
	backend  atomic.Pointer[Backend]
	health   *health.Monitor
	notify   *notify.Notifier
	actions  *act.Desk
	evidence *keep.Keeper
	kept     atomic.Int64 // bytes of its bundles
	// restart ends the present set of health probes when a reload makes a new
	// one.
	restart chan struct{}
	// announced are deployments whose code is to be read ahead.
	announced chan evidence.Change
}

// newRoom connects what a tenant's configuration names.
func (s *Server) newRoom(ctx context.Context, t evidence.Tenant, cfg config.Config, book casebook.TenantStore) (_ *room, err error) {
	r := &room{s: s, tenant: t, cfg: cfg, log: s.log, book: book, restart: make(chan struct{}, 1), announced: make(chan evidence.Change, mostAnnounced)}
	if t != "" {
		r.log = s.log.With(zap.String("tenant", string(t)))
	}
	b, err := s.connect(ctx, cfg, book)
	if err != nil {
		return nil, err
	}
	r.backend.Store(b)
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Close())
		}
	}()
	r.actions = act.New(act.Options{Log: r.log.Named("actions"), Store: book, Decision: r.decision, BaseURL: cfg.ExternalURL, Now: s.now,
		Send: func() { r.notify.Wake() }, Count: s.metrics.Acted}, cfg.Actions)
	r.notify, err = notify.New(notify.Options{Log: r.log.Named("notify"), Outbox: book, BaseURL: cfg.ExternalURL, Now: s.now,
		Count: func(target, outcome string) { s.metrics.Notified(r.label(target), outcome) }}, cfg.Notifications, r.actions.Carriers()...)
	if err != nil {
		return nil, err
	}
	if r.evidence, err = r.keeper(ctx); err != nil {
		return nil, err
	}
	r.health = health.New(r.log)
	r.health.OnChange = func(source string, up bool) { s.metrics.Source(r.label(source), up) }
	return r, nil
}

// label is a name as the metrics of the whole server have it.
func (r *room) label(name string) string {
	if r.tenant == "" {
		return name
	}
	return string(r.tenant) + "/" + name
}

// run does what is done for a tenant until ctx ends.
func (r *room) run(ctx context.Context, g *errgroup.Group) {
	for _, work := range []func(context.Context){r.watchSources, r.watchDecisions, r.readAhead, r.notify.Run, r.actions.Run, r.evidence.Run, r.retain} {
		g.Go(func() error { work(ctx); return nil })
	}
}

// mirrors says how the present repositories are kept up.
func (r *room) mirrors() []blameindex.Mirror {
	b := r.backend.Load()
	if b.Mirrors == nil {
		return nil
	}
	list := b.Mirrors()
	for i := range list {
		list[i].Name = r.label(list[i].Name)
	}
	return list
}

// finished has the notifications of a report sent, and its evidence kept.
func (r *room) finished(j casebook.Job, rep report.Report) {
	if told := r.backend.Load().Reported; told != nil {
		told(j.Incident, rep)
	}
	r.notify.Wake()
	r.actions.Wake()
	r.evidence.Wake()
}

// messages are what becomes due with a report: who is told, and that it is to be
// decided what to ask for.
func (r *room) messages(ctx context.Context, j casebook.Job, rep report.Report) []casebook.Message {
	var list []casebook.Message
	err := guard.Run(func() error {
		list = r.notify.Messages(ctx, j.Incident, j.Revision, rep)
		list = append(list, r.actions.Messages(ctx, j.Incident, j.Revision, rep)...)
		return nil
	})
	if err != nil { // the report is worth more than the word of it
		r.log.Error("notification could not be rendered", zap.String("incident", j.Incident), zap.Int("revision", j.Revision), zap.Error(err))
	}
	return list
}

// decision finds a record in the present decision index.
func (r *room) decision(ctx context.Context, id string) (evidence.Decision, error) {
	if d := r.backend.Load().Ports.Decisions; d != nil {
		return d.Decision(ctx, id)
	}
	return evidence.Decision{}, evidence.ErrNotFound
}

// replace puts a backend in place of the present one.
func (r *room) replace(b *Backend) {
	old := r.backend.Swap(b)
	r.restart <- struct{}{}
	// An investigation is bounded by its timeout; closing what it reads from
	// under it would cost it its evidence.
	time.AfterFunc(2*r.s.cfg.Investigate.Timeout, func() {
		if err := old.Close(); err != nil {
			r.log.Warn("previous sources did not close cleanly", zap.Error(err))
		}
	})
}

// watchSources runs the present backend's probes, and the next one's after a
// reload.
func (r *room) watchSources(ctx context.Context) {
	for ctx.Err() == nil {
		probing, cancel := context.WithCancel(ctx)
		go func() {
			select {
			case <-r.restart:
			case <-probing.Done():
			}
			cancel()
		}()
		probes := append([]health.Probe{{Name: "casebook", Vital: true, Ping: r.s.book.Ping}, {Name: "queue", Vital: true, Ping: r.book.Room}}, r.backend.Load().Probes...)
		r.health.Run(probing, probes)
		cancel()
	}
}
