package ui

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"
)

// server answers requests. Its only state is a cache.
type server struct {
	Options
	decoded decoded
	log     *zap.Logger
	maxBody int64
	assets  assets
}

// New makes the handler of everything: pages, API, exports and static files.
func New(o Options) http.Handler {
	s := &server{Options: o, log: o.Logger, maxBody: cmp.Or(o.MaxBody, defaultMaxBody), assets: loadAssets()}
	if s.log == nil {
		s.log = zap.NewNop()
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	mux := http.NewServeMux() // standard library: methods and wildcards are all that is needed
	s.routePages(mux)
	s.routeAPI(mux)
	mux.HandleFunc("GET /static/{name}", s.static)
	mux.HandleFunc("GET /favicon.ico", s.favicon)
	mux.HandleFunc("GET /health", s.health)
	mux.Handle("GET /-/ready", orElse(o.Ready, http.HandlerFunc(s.ready)))
	mux.Handle("GET /metrics", orElse(o.Metrics, http.HandlerFunc(s.unconfigured)))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.noRoute(w, r, mux) })
	return s.guard(mux)
}

func (s *server) routePages(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", s.incidentsPage)
	mux.HandleFunc("GET /incidents/{id}", s.incidentPage)
	mux.HandleFunc("GET /incidents/{id}/export", s.export)
	mux.HandleFunc("GET /incidents/{id}/alert", s.alertPage)
	mux.HandleFunc("POST /incidents/{id}/notes", s.noteForm)
	mux.HandleFunc("POST /incidents/{id}/feedback", s.feedbackForm)
	mux.HandleFunc("POST /incidents/{id}/state", s.stateForm)
	mux.HandleFunc("POST /incidents/{id}/again", s.againForm)
	mux.HandleFunc("GET /decisions", s.decisionsPage)
	mux.HandleFunc("GET /decisions/{id}", s.decisionPage)
	mux.HandleFunc("GET /investigate", s.investigatePage)
	mux.HandleFunc("POST /investigate", s.investigateForm)
}

func (s *server) routeAPI(mux *http.ServeMux) {
	mux.HandleFunc("POST /api/v1/alerts", s.postAlert)
	mux.HandleFunc("POST /api/v1/investigations", s.postInvestigation)
	mux.HandleFunc("POST /api/v1/changes", s.postChange)
	mux.HandleFunc("GET /api/v1/incidents", s.getIncidents)
	mux.HandleFunc("GET /api/v1/incidents/{id}", s.getIncident)
	mux.HandleFunc("GET /api/v1/incidents/{id}/export", s.export)
	mux.HandleFunc("GET /api/v1/incidents/{id}/events", s.getEvents)
	mux.HandleFunc("GET /api/v1/incidents/{id}/notes", s.getNotes)
	mux.HandleFunc("POST /api/v1/incidents/{id}/notes", s.postNote)
	mux.HandleFunc("GET /api/v1/incidents/{id}/feedback", s.getFeedback)
	mux.HandleFunc("POST /api/v1/incidents/{id}/feedback", s.postFeedback)
	mux.HandleFunc("POST /api/v1/incidents/{id}/state", s.postState)
	mux.HandleFunc("GET /api/v1/why", s.getWhy)
	mux.HandleFunc("GET /api/v1/calibration", s.getCalibration)
	mux.HandleFunc("POST /api/v1/checks", s.postCheck)
	mux.HandleFunc("GET /api/v1/openapi.json", s.openAPI)
}

func orElse(h, other http.Handler) http.Handler {
	if h == nil {
		return other
	}
	return h
}

func (s *server) unconfigured(w http.ResponseWriter, r *http.Request) { s.fail(w, r, errNotConfigured) }

// noRoute answers 404, or 405 with the methods that would have been right.
func (s *server) noRoute(w http.ResponseWriter, r *http.Request, mux *http.ServeMux) {
	p := problem{Type: "about:blank", Status: http.StatusNotFound, Detail: "there is nothing at this address"}
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodPost} {
		probe := r.Clone(r.Context())
		probe.Method = m
		if _, pattern := mux.Handler(probe); pattern != "" && pattern != "/" {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) > 0 && !slices.Contains(allowed, r.Method) {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		p.Status, p.Detail = http.StatusMethodNotAllowed, "this address takes "+strings.Join(allowed, " and ")
	}
	p.Title = http.StatusText(p.Status)
	if !strings.HasPrefix(r.URL.Path, "/api/") && strings.Contains(r.Header.Get("Accept"), "text/html") {
		s.problemPage(w, r, p)
		return
	}
	writeProblem(w, p)
}
