package ui

import (
	"net/http"
	"slices"
	"strings"
)

// route is one address with what a request to it does. There is no route
// without an action: the handler is reached through the gate or not at all.
type route struct {
	pattern string // method and path, as http.ServeMux has them
	action  Action
	handle  http.HandlerFunc
	// audit names what is written down of every request, empty when nothing is
	// or when the casebook does so itself.
	audit string
	limit limit // how often a client may
}

// routes is every address there is.
func (s *server) routes() []route {
	return slices.Concat(s.pageRoutes(), s.apiRoutes(), s.plainRoutes())
}

func (s *server) pageRoutes() []route {
	return []route{
		{pattern: "GET /{$}", action: ActView, handle: s.incidentsPage},
		{pattern: "GET /at", action: ActView, handle: s.atInstant},
		{pattern: "GET /incidents/{id}", action: ActView, handle: s.incidentPage, audit: "view"},
		{pattern: "GET /incidents/{id}/export", action: ActExport, handle: s.export, audit: "export", limit: exports},
		{pattern: "GET /incidents/{id}/alert", action: ActView, handle: s.alertPage, audit: "view"},
		{pattern: "POST /incidents/{id}/notes", action: ActWrite, handle: s.noteForm, limit: writes},
		{pattern: "POST /incidents/{id}/feedback", action: ActWrite, handle: s.feedbackForm, limit: writes},
		{pattern: "POST /incidents/{id}/lead", action: ActWrite, handle: s.leadForm, limit: writes},
		{pattern: "POST /incidents/{id}/undo", action: ActWrite, handle: s.undoForm, limit: writes},
		{pattern: "POST /incidents/{id}/state", action: ActWrite, handle: s.stateForm, limit: writes},
		{pattern: "POST /incidents/{id}/actions", action: ActDecide, handle: s.actionForm, limit: writes},
		{pattern: "POST /incidents/{id}/again", action: ActInvestigate, handle: s.againForm, audit: "investigate", limit: reruns},
		{pattern: "GET /decisions", action: ActView, handle: s.decisionsPage},
		{pattern: "GET /decisions/{id}", action: ActView, handle: s.decisionPage},
		{pattern: "GET /services/{name}", action: ActView, handle: s.servicePage},
		{pattern: "GET /services/{name}/badge.svg", action: ActView, handle: s.badge},
		{pattern: "GET /investigate", action: ActView, handle: s.investigatePage},
		{pattern: "POST /investigate", action: ActInvestigate, handle: s.investigateForm, audit: "investigate", limit: reruns},
		{pattern: "GET /help", action: ActView, handle: s.helpPage},
		{pattern: "GET /help/{rule...}", action: ActView, handle: s.helpPage},
		{pattern: "GET /audit", action: ActAudit, handle: s.auditPage},
		{pattern: "GET /login", action: ActPublic, handle: s.loginPage},
		{pattern: "POST /login", action: ActPublic, handle: s.loginForm},
		{pattern: "GET /login/provider", action: ActPublic, handle: s.loginProvider},
		{pattern: "GET /login/callback", action: ActPublic, handle: s.loginCallback},
		{pattern: "POST /logout", action: ActPublic, handle: s.logoutForm},
	}
}

func (s *server) apiRoutes() []route {
	return []route{
		{pattern: "POST /api/v1/alerts", action: ActAlert, handle: s.postAlert},
		{pattern: "POST /api/v1/investigations", action: ActInvestigate, handle: s.postInvestigation, audit: "investigate", limit: reruns},
		{pattern: "POST /api/v1/changes", action: ActChange, handle: s.postChange},
		{pattern: "GET /api/v1/incidents", action: ActView, handle: s.getIncidents},
		{pattern: "GET /api/v1/events", action: ActView, handle: s.getListEvents},
		{pattern: "GET /api/v1/incidents/{id}", action: ActView, handle: s.getIncident, audit: "view"},
		{pattern: "GET /api/v1/incidents/{id}/export", action: ActExport, handle: s.export, audit: "export", limit: exports},
		{pattern: "GET /api/v1/incidents/{id}/events", action: ActView, handle: s.getEvents},
		{pattern: "GET /api/v1/incidents/{id}/now", action: ActView, handle: s.getPresent, limit: presents},
		{pattern: "GET /api/v1/incidents/{id}/similar", action: ActView, handle: s.getSimilar, limit: similars},
		{pattern: "GET /api/v1/incidents/{id}/notes", action: ActView, handle: s.getNotes},
		{pattern: "POST /api/v1/incidents/{id}/notes", action: ActWrite, handle: s.postNote, limit: writes},
		{pattern: "GET /api/v1/incidents/{id}/feedback", action: ActView, handle: s.getFeedback},
		{pattern: "POST /api/v1/incidents/{id}/feedback", action: ActWrite, handle: s.postFeedback, limit: writes},
		{pattern: "DELETE /api/v1/incidents/{id}/notes/{row}", action: ActWrite, handle: s.deleteNote, limit: writes},
		{pattern: "DELETE /api/v1/incidents/{id}/feedback/{row}", action: ActWrite, handle: s.deleteFeedback, limit: writes},
		{pattern: "POST /api/v1/incidents/{id}/lead", action: ActWrite, handle: s.postLead, limit: writes},
		{pattern: "POST /api/v1/incidents/{id}/state", action: ActWrite, handle: s.postState, limit: writes},
		{pattern: "GET /api/v1/why", action: ActView, handle: s.getWhy},
		{pattern: "GET /api/v1/calibration", action: ActView, handle: s.getCalibration},
		{pattern: "POST /api/v1/checks", action: ActCheck, handle: s.postCheck, limit: writes},
		{pattern: "GET /api/v1/services/{name}", action: ActView, handle: s.getService},
		{pattern: "GET /api/v1/actions", action: ActView, handle: s.getActions},
		{pattern: "POST /api/v1/actions/stop", action: ActDecide, handle: s.postStop, limit: writes},
		{pattern: "POST /api/v1/actions/resume", action: ActDecide, handle: s.postResume, limit: writes},
		{pattern: "POST /api/v1/actions/{id}/decision", action: ActDecide, handle: s.postDecision, limit: writes},
		{pattern: "POST /api/v1/actions/{id}/ack", action: ActAnswer, handle: s.postAnswer, limit: writes},
		{pattern: "GET /api/v1/incidents/{id}/actions", action: ActView, handle: s.getIncidentActions},
		{pattern: "GET /api/v1/audit", action: ActAudit, handle: s.getAudit},
		{pattern: "GET /api/v1/openapi.json", action: ActView, handle: s.openAPI},
		{pattern: "POST /mcp", action: ActView, handle: s.agents().ServeHTTP},
	}
}

func (s *server) plainRoutes() []route {
	return []route{
		{pattern: "GET /static/{name}", action: ActPublic, handle: s.static},
		{pattern: "GET /favicon.ico", action: ActPublic, handle: s.favicon},
		{pattern: "GET /health", action: ActPublic, handle: s.health},
		{pattern: "GET /healthz", action: ActPublic, handle: s.alive},
		{pattern: "GET /-/ready", action: ActPublic, handle: orElse(s.Ready, http.HandlerFunc(s.ready)).ServeHTTP},
		{pattern: "GET /metrics", action: ActMetrics, handle: orElse(s.Metrics, http.HandlerFunc(s.unconfigured)).ServeHTTP},
	}
}

// mux answers by the table. What is nowhere in it needs a credential too, so
// that an outsider cannot tell what there is from what there is not.
func (s *server) mux() http.Handler {
	mux := http.NewServeMux() // standard library: methods and wildcards are all that is needed
	for _, t := range s.routes() {
		mux.HandleFunc(t.pattern, s.admitted(t))
	}
	methods := s.methods()
	mux.HandleFunc("/", s.admitted(route{action: ActView, handle: func(w http.ResponseWriter, r *http.Request) { s.noRoute(w, r, mux, methods) }}))
	return mux
}

func orElse(h, other http.Handler) http.Handler {
	if h == nil {
		return other
	}
	return h
}

func (s *server) unconfigured(w http.ResponseWriter, r *http.Request) { s.fail(w, r, errNotConfigured) }

// methods are those that any route takes, in order of name.
func (s *server) methods() (list []string) {
	for _, t := range s.routes() {
		method, _, _ := strings.Cut(t.pattern, " ")
		list = append(list, method)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// noRoute answers 404, or 405 with the methods that would have been right.
func (s *server) noRoute(w http.ResponseWriter, r *http.Request, mux *http.ServeMux, methods []string) {
	p := newProblem(http.StatusNotFound, "there is nothing at this address")
	var allowed []string
	for _, m := range methods {
		probe := r.Clone(r.Context())
		probe.Method = m
		if _, pattern := mux.Handler(probe); pattern != "" && pattern != "/" {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) > 0 && !slices.Contains(allowed, r.Method) {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		p = newProblem(http.StatusMethodNotAllowed, "this address takes "+strings.Join(allowed, " and "))
	}
	s.answerProblem(w, r, p)
}

// Addresses are the method and path of every route, as http.ServeMux has them.
func Addresses() []string {
	var all []string
	for _, t := range (&server{}).routes() {
		all = append(all, t.pattern)
	}
	return all
}
