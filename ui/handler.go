package ui

import (
	"cmp"
	"net/http"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// server answers the requests of one tenant. Its only state is a cache, and how
// often each client asked lately.
type server struct {
	looking lookers
	Options
	decoded decoded
	log     *zap.Logger
	maxBody int64
	assets  assets
	limits  *limiter
	// rooms answer who was admitted, by tenant and pattern.
	rooms map[evidence.Tenant]map[string]http.HandlerFunc
}

// New makes the handler of everything: pages, API, exports and static files. It is
// the front, which admits requests, and a server for each tenant behind it, which
// has nothing of another's.
func New(o Options) http.Handler {
	front := newServer(o, loadAssets(), newLimiter())
	front.rooms = map[evidence.Tenant]map[string]http.HandlerFunc{"": front.handlers()}
	for t, own := range o.Tenants {
		own.Gate, own.Logins, own.Provider, own.Hosts, own.ClientOf, own.Stopping = o.Gate, o.Logins, o.Provider, o.Hosts, o.ClientOf, o.Stopping
		front.rooms[t] = newServer(own, front.assets, front.limits).handlers()
	}
	return front.guard(front.mux())
}

func newServer(o Options, a assets, l *limiter) *server {
	s := &server{Options: o, log: o.Logger, maxBody: cmp.Or(o.MaxBody, defaultMaxBody), assets: a, limits: l}
	if s.log == nil {
		s.log = zap.NewNop()
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	return s
}

// handlers are the server's own of every route, by pattern.
func (s *server) handlers() map[string]http.HandlerFunc {
	all := map[string]http.HandlerFunc{}
	for _, t := range s.routes() {
		all[t.pattern] = t.handle
	}
	return all
}
