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
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/health"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/runner"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/telemetry"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
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
	tracing   trace.TracerProvider
	flush     func(context.Context) error
	// stopping is closed when the server stops.
	stopping <-chan struct{}

	cfg     config.Config
	connect Connect
	// rooms are the tenants', the unnamed one's first.
	rooms []*room
	// ui is the user interface over the backends uiOf, in the order of rooms.
	uiMu sync.Mutex
	uiOf []*Backend
	ui   http.Handler
	// investigating counts the investigations that run.
	investigating atomic.Int32
}

// Backend answers investigations and says how its sources are.
type Backend struct {
	Investigate runner.Investigate
	Probes      []health.Probe
	// Record writes the evidence bundle of a report; nil where there is none.
	Record RecordBundle
	// Replay investigates a recorded bundle's file; nil where what is recorded is no
	// more than what was investigated.
	Replay func(ctx context.Context, file string) (report.Report, error)
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
type Connect func(ctx context.Context, cfg config.Config, book casebook.TenantStore) (*Backend, error)

// New claims the data folder, opens the casebook and connects the backend. The
// caller runs the server.
func New(ctx context.Context, log *zap.Logger, cfg config.Config, version string, connect Connect) (_ *Server, err error) {
	s := &Server{log: log, version: version, now: time.Now, cfg: cfg, connect: connect}
	if s.folder, err = ClaimFolder(cfg.DataDir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.closeRooms(), s.closeBook())
		}
	}()
	book, err := OpenBook(ctx, cfg)
	if err != nil {
		return nil, err // and no book: a nil one in the interface would be closed
	}
	s.book = book
	if s.access, err = access.New(ctx, access.Options{Config: cfg.Access, Store: s.book, BaseURL: cfg.ExternalURL, Now: s.now, Log: log.Named("access"), Tenants: cfg.Members()}); err != nil {
		return nil, err
	}
	if err := s.access.CheckListen(ctx, cfg.Listen, SendersOf(cfg.Webhook)); err != nil {
		return nil, err
	}
	if err := s.measure(); err != nil {
		return nil, err
	}
	s.feed = runner.NewFeed(s.book)
	s.feed.OnFinish = s.finished
	s.feed.Share(s.book)
	if s.tracing, s.flush, err = cfg.Telemetry.Start(ctx, version); err != nil {
		return nil, err
	}
	return s, s.openRooms(ctx)
}

// measure begins the metrics.
func (s *Server) measure() error {
	s.metrics = telemetry.NewMetrics(s.version, s.waiting)
	for _, c := range []prometheus.Collector{telemetry.Calibration{Read: s.book.Judged}, telemetry.Mirrors{Read: s.mirrors}, telemetry.Unfiled(s.book.Unfiled)} {
		if err := s.metrics.Register(c); err != nil {
			return err
		}
	}
	s.decisions = telemetry.NewDecisions(s.metrics)
	return nil
}

// openRooms makes the room of who is of no tenant, and one for each tenant.
func (s *Server) openRooms(ctx context.Context) error {
	own, err := s.newRoom(ctx, "", s.cfg, s.book)
	if err != nil {
		return err
	}
	s.rooms = append(s.rooms, own)
	for _, t := range s.cfg.Tenants {
		r, err := s.newRoom(ctx, t.Name, s.cfg.Of(t), s.book.For(t.Name))
		if err != nil {
			return fmt.Errorf("tenant %s: %w", t.Name, err)
		}
		s.rooms = append(s.rooms, r)
	}
	return nil
}

// room is a tenant's. Investigations are handed out of those alone that have one.
func (s *Server) room(t evidence.Tenant) *room {
	for _, r := range s.rooms {
		if r.tenant == t {
			return r
		}
	}
	return s.rooms[0]
}

// closeRooms closes the sources of all.
func (s *Server) closeRooms() (err error) {
	for _, r := range s.rooms {
		err = errors.Join(err, r.backend.Load().Close())
	}
	return err
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

// logRoom is the disk that the casebook's log takes at the start: some seconds of a
// storm's alerts, by which time it is used again from its beginning.
const logRoom = 32 << 20

// bookOptions are what a configuration says of the casebook.
func bookOptions(cfg config.Config) casebook.Options {
	return casebook.Options{QueueLimit: cfg.Webhook.QueueLimit, FollowUp: cfg.Investigate.FollowUp, Fold: cfg.Investigate.Fold, Evidence: settled(cfg), LogRoom: logRoom}
}

// waiting is how many investigations are due or running, -1 when nobody knows.
func (s *Server) waiting() float64 {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	all := 0
	for _, r := range s.rooms {
		n, err := r.book.Waiting(ctx)
		if err != nil {
			return -1
		}
		all += n
	}
	return float64(all)
}

// mirrors says how the present repositories are kept up.
func (s *Server) mirrors() (list []blameindex.Mirror) {
	for _, r := range s.rooms {
		list = append(list, r.mirrors()...)
	}
	return list
}

// finished counts an investigation and has its notifications sent.
func (s *Server) finished(j casebook.Job, r report.Report, took time.Duration, err error) {
	if j.Why != casefile.WhyComplete { // nobody waited for that one
		s.metrics.Investigated(r, took, err)
	}
	if err == nil {
		s.room(j.Tenant).finished(j, r)
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

// Reload connects a backend of a new configuration for each tenant and replaces the
// present ones. Investigations under way end on the old ones; after an error of any,
// all old ones stay. What needs a restart, which tenants there are among it, is said
// and keeps its old value.
func (s *Server) Reload(ctx context.Context, cfg config.Config) error {
	if keys := config.RestartKeys(s.cfg, cfg); len(keys) > 0 {
		s.log.Warn("changed configuration keys need a restart", zap.Strings("keys", keys))
	}
	next := make([]*Backend, len(s.rooms))
	for i, r := range s.rooms {
		own, known := cfg.For(r.tenant)
		if !known {
			continue // it was taken out, and goes with the next start
		}
		b, err := s.connect(ctx, own, r.book)
		if err != nil {
			if r.tenant != "" {
				err = fmt.Errorf("tenant %s: %w", r.tenant, err)
			}
			for _, made := range next[:i] {
				if made != nil {
					err = errors.Join(err, made.Close())
				}
			}
			return err
		}
		next[i] = b
	}
	for i, r := range s.rooms {
		if next[i] != nil {
			r.replace(next[i])
		}
	}
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
	g.Go(func() error { s.access.Run(ctx); return nil })
	for _, r := range s.rooms {
		r.run(ctx, g)
	}
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
	return errors.Join(err, s.flush(stop), s.closeRooms(), s.closeBook())
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
		Log: s.log, Book: s.book, Watch: s.feed, Now: s.now,
		Messages: func(ctx context.Context, j casebook.Job, r report.Report) []casebook.Message {
			return s.room(j.Tenant).messages(ctx, j, r)
		},
		Investigate: func(ctx context.Context, j casebook.Job, say func(progress)) (report.Report, error) {
			s.investigating.Add(1)
			defer s.investigating.Add(-1)
			return s.room(j.Tenant).backend.Load().Investigate(ctx, j, say)
		},
		Tracer:  s.tracing.Tracer("github.com/wherefore-dev/wherefore"),
		Workers: s.cfg.Investigate.Workers,
		Timeout: s.cfg.Investigate.Timeout,
	}
}

// httpServer is the server with the timeouts that keep slow clients from
// holding it. Event streams and downloads of bundles lift theirs themselves, once
// it is known who asked.
func (s *Server) httpServer(ctx context.Context) *http.Server {
	s.stopping = ctx.Done()
	handler := otelhttp.NewHandler(s.handler(), "http", otelhttp.WithTracerProvider(s.tracing),
		otelhttp.WithFilter(func(r *http.Request) bool { return r.URL.Path != "/health" && r.URL.Path != "/metrics" }))
	return &http.Server{
		Handler:           s.logged(handler),
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
