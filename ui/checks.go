package ui

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
	"github.com/wherefore-dev/wherefore/ui/page"
)

func (s *server) postCheck(w http.ResponseWriter, r *http.Request) {
	in := maturity.Request{CheckRequest: casefile.CheckRequest{Within: maturity.DefaultWithin.Seconds()}}
	err := decode(r, &in)
	if err == nil {
		err = maturity.Validate(&in)
	}
	if err == nil {
		err = short(field{"service", in.Service, maxName}, field{"incident", in.Incident, maxName}, field{"revision", in.Revision, maxName})
	}
	var out casefile.CheckResult
	if err == nil {
		out, err = s.check(r.Context(), in)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, out)
}

// check judges a level, and keeps the results where a history is kept.
func (s *server) check(ctx context.Context, in maturity.Request) (casefile.CheckResult, error) {
	judged := &maturity.Input{Request: in, Now: s.Now()}
	var err error
	if judged.Cases, err = s.casesOf(ctx, judged); err != nil {
		return casefile.CheckResult{}, err
	}
	if in.Level == maturity.Levels && in.Service == "" && len(judged.Cases) == 1 {
		judged.Service = judged.Cases[0].Incident.Service
	}
	if s.Observe != nil {
		s.Observe(ctx, judged)
	}
	results := maturity.Run(judged)
	out := maturity.Whole(in.Level, judged.Service, results, judged.Now)
	if s.Checks == nil || judged.Service == "" {
		return out, nil
	}
	if err := s.Checks.AddChecks(ctx, judged.Service, PersonOf(ctx).Name, results); err != nil {
		return out, err
	}
	newest, err := s.Checks.Checks(ctx, judged.Service)
	reached := maturity.Reached(newest)
	out.Reached = &reached
	return out, err
}

// maxChecked bounds how many incidents one check looks through.
const maxChecked = 2000

// casesOf gathers the incidents that a check is about with their reports.
func (s *server) casesOf(ctx context.Context, judged *maturity.Input) ([]maturity.Case, error) {
	in := judged.CheckRequest
	switch in.Level {
	case maturity.Levels:
	case maturity.Levels - 1: // health is held against the incidents of late
		in = casefile.CheckRequest{Service: in.Service, From: judged.Now.Add(-maturity.AttainedOver), To: judged.Now}
	default:
		return nil, nil
	}
	if in.Incident != "" {
		inc, err := s.Incidents.Incident(ctx, in.Incident)
		if err != nil {
			return nil, err
		}
		c, err := s.caseOf(ctx, inc)
		return []maturity.Case{c}, err
	}
	raised, err := s.casesIn(ctx, in, casefile.IncidentFilter{Service: in.Service})
	if err != nil {
		return nil, err
	}
	blamed, err := s.casesIn(ctx, in, casefile.IncidentFilter{Entity: in.Service})
	return append(raised, slices.DeleteFunc(blamed, func(c maturity.Case) bool { return c.Incident.Service == in.Service })...), err
}

// casesIn gathers the incidents of a check's window that pass a filter.
func (s *server) casesIn(ctx context.Context, in casefile.CheckRequest, f casefile.IncidentFilter) ([]maturity.Case, error) {
	var out []maturity.Case
	f.Sort, f.Limit = "started", 200
	for seen := 0; seen < maxChecked; {
		page, next, err := s.Incidents.Incidents(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, inc := range page {
			seen++
			if inc.StartedAt.Before(in.From) || !inc.StartedAt.Before(in.To) {
				continue
			}
			c, err := s.caseOf(ctx, inc)
			if err != nil {
				return nil, err
			}
			out = append(out, c)
		}
		if f.Cursor = next; next == "" {
			return out, nil
		}
	}
	return nil, fmt.Errorf("%s has more than %d incidents; name one: %w", in.Service, maxChecked, evidence.ErrInvalid)
}

func (s *server) caseOf(ctx context.Context, inc casefile.Incident) (maturity.Case, error) {
	c := maturity.Case{Incident: inc}
	revisions, err := s.Reports.Revisions(ctx, inc.ID)
	if err != nil && !errors.Is(err, evidence.ErrNotFound) {
		return c, err
	}
	for _, rev := range revisions {
		if len(rev.Poorer) > 0 {
			continue // nobody goes by it
		}
		raw, err := s.Reports.Report(ctx, inc.ID, rev.Number)
		if err != nil {
			return c, err
		}
		a, err := maturity.Decode(raw, rev.At)
		if err != nil {
			return c, err
		}
		c.Answers = append(c.Answers, a)
	}
	return c, nil
}

// shownHistory is how many results a service's page and API show.
const shownHistory = 100

// service is where a service stands.
type service struct {
	Service string `json:"service"`
	Level   int    `json:"level"`
	// Checks are the newest results, History all of late, newest first.
	Checks  []casefile.CheckResult `json:"checks"`
	History []casefile.CheckResult `json:"history"`
}

func (s *server) serviceOf(r *http.Request) (service, error) {
	out := service{Service: r.PathValue("name")}
	if s.Checks == nil {
		return out, errNotConfigured
	}
	if err := short(field{"the service's name", out.Service, maxName}); err != nil {
		return out, err
	}
	var err error
	if out.Checks, err = s.Checks.Checks(r.Context(), out.Service); err != nil {
		return out, err
	}
	if len(out.Checks) == 0 {
		return out, fmt.Errorf("no check of a service %q was ever made; wherefore check makes them: %w", out.Service, evidence.ErrNotFound)
	}
	out.Level = maturity.Reached(out.Checks)
	out.History, err = s.Checks.CheckHistory(r.Context(), out.Service, shownHistory)
	return out, err
}

func (s *server) getService(w http.ResponseWriter, r *http.Request) {
	out, err := s.serviceOf(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, out)
}

func (s *server) servicePage(w http.ResponseWriter, r *http.Request) {
	out, err := s.serviceOf(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p := page.BuildService(page.ServiceInput{Name: out.Service, Level: out.Level, Newest: out.Checks, History: out.History, Now: s.Now(), Zone: s.zone(r)})
	s.base(r, &p.Base)
	s.render(w, r, http.StatusOK, page.ServicePage(p))
}

// badge is a service's level as an image for a README.
func (s *server) badge(w http.ResponseWriter, r *http.Request) {
	out, err := s.serviceOf(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(page.LevelBadge(out.Level))
}
