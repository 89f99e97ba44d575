package ui

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/ui/page"
)

// auditFilter reads which entries a URL asks for.
func auditFilter(q url.Values) (AuditFilter, error) {
	f := AuditFilter{Actor: q.Get("actor"), Incident: q.Get("incident"), Action: q.Get("action"), Limit: 100}
	if err := short(field{"actor", f.Actor, maxAuthor}, field{"incident", f.Incident, maxName}, field{"action", f.Action, maxName}); err != nil {
		return f, err
	}
	for name, into := range map[string]func(n int64){"before": func(n int64) { f.Before = n }, "limit": func(n int64) { f.Limit = int(min(n, 1000)) }} {
		if text := q.Get(name); text != "" {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || n < 1 {
				return f, fmt.Errorf("%s is %.40q and must be a number from 1: %w", name, text, evidence.ErrInvalid)
			}
			into(n)
		}
	}
	return f, nil
}

// entries are those that a request asks for.
func (s *server) entries(r *http.Request) ([]AuditEntry, int64, error) {
	if s.Audit == nil {
		return nil, 0, errNotConfigured
	}
	f, err := auditFilter(r.URL.Query())
	if err != nil {
		return nil, 0, err
	}
	return s.Audit.Entries(r.Context(), f)
}

func (s *server) getAudit(w http.ResponseWriter, r *http.Request) {
	list, next, err := s.entries(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"entries": append([]AuditEntry{}, list...), "next": next})
}

func (s *server) auditPage(w http.ResponseWriter, r *http.Request) {
	list, next, err := s.entries(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p := page.BuildAudit(page.AuditInput{Entries: list, Query: r.URL.Query(), Next: next, Now: s.Now(), Zone: s.zone(r)})
	s.base(r, &p.Base)
	s.render(w, r, http.StatusOK, page.AuditPage(p))
}
