package ui

import (
	"cmp"
	"net/http"
	"time"

	"go.uber.org/zap"
)

// server answers requests. Its only state is a cache, and how
// often each client asked lately.
type server struct {
	Options
	decoded decoded
	log     *zap.Logger
	maxBody int64
	assets  assets
	limits  *limiter
}

// New makes the handler of everything: pages, API, exports and static files.
func New(o Options) http.Handler {
	s := &server{Options: o, log: o.Logger, maxBody: cmp.Or(o.MaxBody, defaultMaxBody), assets: loadAssets(), limits: newLimiter()}
	if s.log == nil {
		s.log = zap.NewNop()
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	return s.guard(s.mux())
}
