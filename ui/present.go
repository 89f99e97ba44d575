package ui

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// getPresent says whether what alerted still does.
func (s *server) getPresent(w http.ResponseWriter, r *http.Request) {
	rep, _, err := s.report(r.Context(), r.PathValue("id"), 0)
	if errors.Is(err, evidence.ErrNotFound) {
		err = fmt.Errorf("%s has no report yet, and so no alert to ask for: %w", r.PathValue("id"), evidence.ErrNotFound)
	}
	if err == nil && s.Present == nil {
		err = errNotConfigured
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, s.asks(r.Context(), rep))
}

// askedOnPage is asks for a page, which is whole without an answer. It counts with the
// API's questions of the same client.
func (s *server) askedOnPage(r *http.Request, rep *report.Report) report.Present {
	if err := s.mayAsk(r); err != nil {
		return report.Present{At: s.Now(), Fires: report.Unknown, Says: "Not asked: " + err.Error() + "."}
	}
	return s.asks(r.Context(), rep)
}

// mayAsk is a WaitError for a client that had the sources asked too often.
func (s *server) mayAsk(r *http.Request) error {
	if s.limits.allow(presents, s.client(r, PersonOf(r.Context()))) {
		return nil
	}
	return WaitError{"too many requests of this kind", presents.wait()}
}

// asks asks the sources for what alerted.
func (s *server) asks(ctx context.Context, rep *report.Report) report.Present {
	ctx, cancel := context.WithTimeout(ctx, nowTimeout)
	defer cancel()
	return s.Present.Present(ctx, rep.Alert)
}
