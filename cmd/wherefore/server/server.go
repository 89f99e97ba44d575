// Package server is the running program: the casebook, the runner that works
// it off, the monitor of the sources, and the HTTP server in front.
package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/wherefore-dev/wherefore/blameindex"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/access"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/act"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/health"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/keep"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/notify"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/runner"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/telemetry"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Server is one running wherefore.
type Server struct {
	log     *zap.Logger
	version string
	now     func() time.Time

	folder  *flock.Flock // the data folder is ours
	book    casebook.Store
	feed    *runner.Feed
	metrics *telemetry.Metrics

	access    *access.Access
	decisions *telemetry.Decisions
	health    *health.Monitor
	notify    *notify.Notifier
	actions   *act.Desk
	evidence  *keep.Keeper
	tracing   trace.TracerProvider
	flush     func(context.Context) error

	cfg     config.Config
	connect Connect
	// backend is what a reload replaces.
	backend atomic.Pointer[Backend]
	// ui is the user interface over the backend uiOf.
	uiMu sync.Mutex
	uiOf *Backend
	ui   http.Handler
	// restart ends the present set of health probes when a reload makes a new
	// one.
	restart chan struct{}
	// investigating counts the investigations that run.
	investigating atomic.Int32
	// announced are deployments whose code is to be read ahead.
	announced chan evidence.Change
}

// Backend answers investigations and says how its sources are.
type Backend struct {
	Investigate runner.Investigate
	Probes      []health.Probe
	// Record writes the evidence bundle of a report; nil where there is none.
	Record RecordBundle
	// Ports are the pages' look-ups beside the casebook; nil ones are not
	// configured.
	Ports Ports
	// Logs are the decision logs, nil without a repository; they are looked at
	// every LogsEvery, and changes are told to Publish.
	Logs DecisionLogs
	// Code reads ahead what investigations of deployments will ask; nil without a
	// repository.
	Code CodeIndex
	// Mirrors says how the repositories are kept up; nil without one.
	Mirrors   func() []blameindex.Mirror
	LogsEvery time.Duration
	Publish   config.Publish
	// Reported is told of reports, and must not block; nil tells nobody.
	Reported func(incident string, r report.Report)
	Close    func() error
}

// Connect makes a backend out of a configuration. The casebook is there to be
// read for announced changes.
type Connect func(ctx context.Context, cfg config.Config, book casebook.Store) (*Backend, error)

// New claims the data folder, opens the casebook and connects the backend. The
// caller runs the server.
func New(ctx context.Context, log *zap.Logger, cfg config.Config, version string, connect Connect) (_ *Server, err error) {
	s := &Server{log: log, version: version, now: time.Now, cfg: cfg, connect: connect, restart: make(chan struct{}, 1), announced: make(chan evidence.Change, mostAnnounced)}
	if s.folder, err = ClaimFolder(cfg.DataDir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.closeBook())
		}
	}()
	book, err := OpenBook(ctx, cfg)
	if err != nil {
		return nil, err // and no book: a nil one in the interface would be closed
	}
	s.book = book
	if s.access, err = access.New(ctx, access.Options{Config: cfg.Access, Store: s.book, BaseURL: cfg.ExternalURL, Now: s.now, Log: log.Named("access")}); err != nil {
		return nil, err
	}
	if err := s.access.CheckListen(ctx, cfg.Listen, SendersOf(cfg.Webhook)); err != nil {
		return nil, err
	}
	b, err := connect(ctx, cfg, s.book)
	if err != nil {
		return nil, err
	}
	s.backend.Store(b)
	s.metrics = telemetry.NewMetrics(version, s.waiting)
	for _, c := range []prometheus.Collector{telemetry.Calibration{Read: s.book.Judged}, telemetry.Mirrors{Read: s.mirrors}, telemetry.Unfiled(s.book.Unfiled)} {
		if err := s.metrics.Register(c); err != nil {
			return nil, errors.Join(err, b.Close())
		}
	}
	s.decisions = telemetry.NewDecisions(s.metrics)
	s.feed = runner.NewFeed(s.book)
	s.feed.OnFinish = s.finished
	s.feed.Share(s.book)
	s.actions = act.New(act.Options{Log: log.Named("actions"), Store: s.book, Decision: s.decision, BaseURL: cfg.ExternalURL, Now: s.now,
		Send: func() { s.notify.Wake() }, Count: s.metrics.Acted}, cfg.Actions)
	s.notify, err = notify.New(notify.Options{Log: log.Named("notify"), Outbox: s.book, BaseURL: cfg.ExternalURL, Now: s.now, Count: s.metrics.Notified}, cfg.Notifications, s.actions.Carriers()...)
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	if s.evidence, err = s.keeper(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	s.health = health.New(log)
	s.health.OnChange = s.metrics.Source
	if s.tracing, s.flush, err = cfg.Telemetry.Start(ctx, version); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return s, nil
}

// Casebook is where the casebook is without a database of its own.
func Casebook(dataDir string) string { return filepath.Join(dataDir, "casebook.db") }

// OpenBook opens the casebook that a configuration names.
func OpenBook(ctx context.Context, cfg config.Config) (*casebook.Book, error) {
	if cfg.Casebook.Database != "" {
		return casebook.OpenPostgres(ctx, string(cfg.Casebook.Database), bookOptions(cfg))
	}
	return casebook.Open(ctx, Casebook(cfg.DataDir), bookOptions(cfg))
}

// bookOptions are what a configuration says of the casebook.
func bookOptions(cfg config.Config) casebook.Options {
	return casebook.Options{QueueLimit: cfg.Webhook.QueueLimit, FollowUp: cfg.Investigate.FollowUp, Fold: cfg.Investigate.Fold, Evidence: settled(cfg)}
}

// waiting is how many investigations are due or running, -1 when nobody knows.
func (s *Server) waiting() float64 {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	n, err := s.book.Waiting(ctx)
	if err != nil {
		return -1
	}
	return float64(n)
}

// mirrors says how the present repositories are kept up.
func (s *Server) mirrors() []blameindex.Mirror {
	if b := s.backend.Load(); b.Mirrors != nil {
		return b.Mirrors()
	}
	return nil
}

// finished counts an investigation and has its notifications sent.
func (s *Server) finished(incident string, _ int, r report.Report, took time.Duration, err error) {
	s.metrics.Investigated(r, took, err)
	if err == nil {
		if told := s.backend.Load().Reported; told != nil {
			told(incident, r)
		}
		s.notify.Wake()
		s.actions.Wake()
		s.evidence.Wake()
	}
}

// closeBook closes the casebook, if it is open, and leaves the data folder to
// the next.
func (s *Server) closeBook() error {
	var err error
	if s.book != nil {
		err = s.book.Close()
	}
	return errors.Join(err, s.folder.Unlock())
}

// Book is the server's casebook.
func (s *Server) Book() casebook.Store { return s.book }

// Reload connects a backend of a new configuration and replaces the present
// one. Investigations under way end on the old one; after an error the old one
// stays. What needs a restart is said and keeps its old value.
func (s *Server) Reload(ctx context.Context, cfg config.Config) error {
	if keys := config.RestartKeys(s.cfg, cfg); len(keys) > 0 {
		s.log.Warn("changed configuration keys need a restart", zap.Strings("keys", keys))
	}
	b, err := s.connect(ctx, cfg, s.book)
	if err != nil {
		return err
	}
	old := s.backend.Swap(b)
	s.restart <- struct{}{}
	// An investigation is bounded by its timeout; closing what it reads from
	// under it would cost it its evidence.
	time.AfterFunc(2*s.cfg.Investigate.Timeout, func() {
		if err := old.Close(); err != nil {
			s.log.Warn("previous sources did not close cleanly", zap.Error(err))
		}
	})
	return nil
}

// stopTimeout is how long requests under way may take when the server stops.
const stopTimeout = 5 * time.Second

// Run serves on the listener until ctx ends, then stops: no new requests,
// those under way get a few seconds, what is due stays due.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	g, ctx := errgroup.WithContext(ctx)
	srv := s.httpServer(ctx)
	g.Go(func() error {
		if err := s.serve(srv, l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serving %s: %w", l.Addr(), err)
		}
		return nil
	})
	g.Go(func() error { return s.runner().Run(ctx) })
	g.Go(func() error { s.watchSources(ctx); return nil })
	g.Go(func() error { s.watchDecisions(ctx); return nil })
	g.Go(func() error { s.readAhead(ctx); return nil })
	g.Go(func() error { s.notify.Run(ctx); return nil })
	g.Go(func() error { s.actions.Run(ctx); return nil })
	g.Go(func() error { s.evidence.Run(ctx); return nil })
	g.Go(func() error { s.access.Run(ctx); return nil })
	g.Go(func() error { s.retain(ctx); return nil })
	g.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		err := srv.Shutdown(stop)
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("stopping: requests under way did not end within %s and were cut", stopTimeout)
		}
		if err != nil {
			return errors.Join(err, srv.Close())
		}
		return nil
	})
	err := g.Wait()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	return errors.Join(err, s.flush(stop), s.backend.Load().Close(), s.closeBook())
}

// Scheme is how the server is spoken to.
func (s *Server) Scheme() string {
	if s.access.TLS() != nil {
		return "https"
	}
	return "http"
}

// serve serves with TLS where it is configured.
func (s *Server) serve(srv *http.Server, l net.Listener) error {
	web := s.access.TLS()
	if web == nil {
		return srv.Serve(l)
	}
	srv.TLSConfig = web.Listener()
	return srv.ServeTLS(l, "", "")
}

func (s *Server) runner() *runner.Runner {
	return &runner.Runner{
		Log: s.log, Book: s.book, Watch: s.feed, Now: s.now, Messages: s.messages,
		Investigate: func(ctx context.Context, j casebook.Job, say func(progress)) (report.Report, error) {
			s.investigating.Add(1)
			defer s.investigating.Add(-1)
			return s.backend.Load().Investigate(ctx, j, say)
		},
		Tracer:  s.tracing.Tracer("github.com/wherefore-dev/wherefore"),
		Workers: s.cfg.Investigate.Workers,
		Timeout: s.cfg.Investigate.Timeout,
	}
}

// messages are what becomes due with a report: who is told, and that it is to be
// decided what to ask for.
func (s *Server) messages(ctx context.Context, incident string, revision int, r report.Report) []casebook.Message {
	return append(s.notify.Messages(ctx, incident, revision, r), s.actions.Messages(ctx, incident, revision, r)...)
}

// decision finds a record in the present decision index.
func (s *Server) decision(ctx context.Context, id string) (evidence.Decision, error) {
	if d := s.backend.Load().Ports.Decisions; d != nil {
		return d.Decision(ctx, id)
	}
	return evidence.Decision{}, evidence.ErrNotFound
}

// watchSources runs the present backend's probes, and the next one's after a
// reload.
func (s *Server) watchSources(ctx context.Context) {
	for ctx.Err() == nil {
		probing, cancel := context.WithCancel(ctx)
		go func() {
			select {
			case <-s.restart:
			case <-probing.Done():
			}
			cancel()
		}()
		probes := append([]health.Probe{{Name: "casebook", Vital: true, Ping: s.book.Ping}, {Name: "queue", Vital: true, Ping: s.book.Room}}, s.backend.Load().Probes...)
		s.health.Run(probing, probes)
		cancel()
	}
}

// httpServer is the server with the timeouts that keep slow clients from
// holding it. Event streams lift theirs themselves.
func (s *Server) httpServer(ctx context.Context) *http.Server {
	handler := otelhttp.NewHandler(s.handler(), "http", otelhttp.WithTracerProvider(s.tracing),
		otelhttp.WithFilter(func(r *http.Request) bool { return r.URL.Path != "/health" && r.URL.Path != "/metrics" }))
	return &http.Server{
		Handler:           s.logged(streaming(ctx, handler)),
		ReadTimeout:       5 * time.Second,
		ReadHeaderTimeout: 2 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext: func(net.Listener) context.Context {
			// Requests under way when the server stops may end.
			return WithBuild(WithLogger(context.WithoutCancel(ctx), s.log), s.version)
		},
		ErrorLog: zap.NewStdLog(s.log.Named("http")),
	}
}
