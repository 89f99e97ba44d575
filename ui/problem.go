package ui

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/evidence/mask"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// problem is an error answer (RFC 9457).
type problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail,omitempty"`
	Instance string `json:"instance,omitempty"`
}

// errNotConfigured is what a nil port answers.
var errNotConfigured = errors.New("not configured on this server; docs/configuration.md says how")

// statuses is the one table from errors to HTTP statuses, first match wins.
var statuses = []struct {
	err    error
	status int
}{
	{errNotConfigured, http.StatusNotImplemented},
	{ErrWho, http.StatusUnauthorized},
	{ErrForbidden, http.StatusForbidden},
	{ErrOverloaded, http.StatusServiceUnavailable},
	{ErrConflict, http.StatusConflict},
	{evidence.ErrNotFound, http.StatusNotFound},
	{evidence.ErrUnsupported, http.StatusNotImplemented},
	{evidence.ErrInvalid, http.StatusBadRequest},
	{context.DeadlineExceeded, http.StatusGatewayTimeout},
	{evidence.ErrUnavailable, http.StatusServiceUnavailable},
}

func statusOf(err error) int {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return http.StatusRequestEntityTooLarge
	}
	if _, wait := errors.AsType[WaitError](err); wait {
		return http.StatusTooManyRequests
	}
	for _, s := range statuses {
		if errors.Is(err, s.err) {
			return s.status
		}
	}
	return http.StatusInternalServerError
}

// problemOf words an error for the outside. What is behind a 500 goes to the
// log only: it may hold paths or addresses.
func (s *server) problemOf(r *http.Request, err error) problem {
	p := newProblem(statusOf(err), "")
	p.Instance = visible.Short(r.URL.Path, 600)
	if p.Status == http.StatusInternalServerError {
		p.Detail = "something went wrong here; the server's log has it"
	} else {
		said := mask.Text(strings.TrimSuffix(evidence.Sentence(err), ": "+new(http.MaxBytesError).Error())) // as the status says
		p.Detail = visible.Short(said, 600)
	}
	if p.Status >= 500 && p.Status != http.StatusNotImplemented && r.Context().Err() == nil {
		s.log.Warn("request failed", zap.String("method", r.Method), zap.String("path", p.Instance), zap.Int("status", p.Status), zap.Error(err))
	}
	return p
}

// fail answers a failed request: a page to a browser that asked for one, else
// a problem document.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problemOf(r, err)
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	if wait, ok := errors.AsType[WaitError](err); ok {
		setRetry(w, wait)
	}
	s.answerProblem(w, r, p)
}

// setRetry says after how many seconds another attempt makes sense.
func setRetry(w http.ResponseWriter, e WaitError) {
	w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(e.For.Seconds())))))
}

// answerProblem answers people with a page and programs with a document.
func (s *server) answerProblem(w http.ResponseWriter, r *http.Request, p problem) {
	if forPeople(r) {
		s.problemPage(w, r, p)
		return
	}
	writeProblem(w, p)
}

func writeProblem(w http.ResponseWriter, p problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client has gone; nobody is left to tell
}

// writeJSON answers with v.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // as above
}
