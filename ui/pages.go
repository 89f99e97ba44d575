package ui

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ" // typed components with contextual escaping
	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/compose"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/page"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// render writes a page whole or not at all: an error in the middle must not
// leave half a page with status 200.
func (s *server) render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		s.log.Warn("page could not be rendered", zap.String("path", r.URL.Path), zap.Error(err))
		writeProblem(w, newProblem(http.StatusInternalServerError, "the page could not be rendered; the server's log has it"))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // the client has gone
}

// base fills what every page has.
func (s *server) base(r *http.Request, b *page.Base) {
	b.CSS, b.JS, b.Version = s.assets.css, s.assets.js, s.Version
	p := PersonOf(r.Context())
	b.Person, b.FormToken, b.Leave = visible.Short(p.Name, 60), p.FormToken, s.Logins != nil && p.Session
	b.Audit = s.Audit != nil && p.may(ActAudit)
	if z := s.zone(r); z != nil {
		b.Zone = z.String()
	}
}

// zone is the reader's time zone: the browser's, as the script left it in a
// cookie, else the team's.
func (s *server) zone(r *http.Request) *time.Location {
	if c, err := r.Cookie("tz"); err == nil {
		name, err := url.QueryUnescape(c.Value)
		if err == nil && len(name) < 64 && !strings.Contains(name, "..") && name != "" && name != "Local" {
			if z, err := time.LoadLocation(name); err == nil {
				return z
			}
		}
	}
	return s.Zone
}

func (s *server) problemPage(w http.ResponseWriter, r *http.Request, p problem) {
	b := page.Base{Title: p.Title}
	s.base(r, &b)
	s.render(w, r, p.Status, page.Problem(b, p.Title, p.Detail))
}

func (s *server) incidentsPage(w http.ResponseWriter, r *http.Request) {
	in := page.ListInput{Query: r.URL.Query(), Now: s.Now(), Zone: s.zone(r), Live: true}
	f, err := s.filterOf(in.Query)
	if err == nil {
		in.Incidents, in.Next, err = s.Incidents.Incidents(r.Context(), f)
	}
	status := http.StatusOK
	if err != nil {
		p := s.problemOf(r, err)
		status, in.Failure = p.Status, p.Detail
	} else if in.Facets, err = s.Incidents.Facets(r.Context(), f); err != nil {
		s.log.Warn("incident filters could not be counted", zap.Error(err)) // the list is worth showing without
	}
	p := page.BuildList(in)
	s.base(r, &p.Base)
	s.render(w, r, status, page.ListPage(p))
}

func (s *server) incidentPage(w http.ResponseWriter, r *http.Request) {
	inc, err := s.Incidents.Incident(r.Context(), r.PathValue("id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	revision, err := revisionOf(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	in, err := s.incidentInput(r, inc, revision)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	code := r.URL.Query().Get("said")
	in.Said, in.Undo = said(code), undoOf(code, inc)
	p := page.BuildIncident(in)
	if r.URL.Query().Has("now") && p.Head.Asks != "" { // else nobody would be told
		now := s.askedOnPage(r, in.Report)
		in.Present = &now
		p = page.BuildIncident(in)
	}
	s.base(r, &p.Base)
	s.render(w, r, http.StatusOK, page.IncidentPage(p))
}

// said turns a code in the address into words; the address itself is never
// printed.
func said(code string) string {
	return map[string]string{
		"note": "The note was added.", "feedback": "Thank you. The judgment was stored.", "acknowledge": "Acknowledged.",
		"resolve": "Resolved.", "reopen": "Reopened.", "lead": "The lead was set.", "undone": "Taken back.", "approve": "Approved; the target is asked now.", "refuse": "Refused.", "done": "Noted as done.", "failed": "Noted as failed.",
		"stop": "All actions are stopped.", "resume": "Actions are asked for again.",
		"again": "Another investigation was started; its report will be announced here.",
	}[code]
}

// undoOf is what takes the last change of an incident's state back, empty where
// nothing does any more.
func undoOf(code string, inc casefile.Incident) string {
	switch {
	case code == string(ActionAcknowledge) && inc.AcknowledgedBy != "":
		return string(ActionUnacknowledge)
	case code == string(ActionResolve) && inc.State == casefile.StateResolved:
		return string(ActionReopen)
	}
	return ""
}

// incidentInput asks everything that the page shows. What cannot be had beside
// the report is said on its card and costs nothing else.
func (s *server) incidentInput(r *http.Request, inc casefile.Incident, revision int) (page.IncidentInput, error) {
	ctx := r.Context()
	address := ""
	if s.BaseURL != "" {
		address = s.incidentURL(inc.ID)
	}
	in := page.IncidentInput{Incident: inc, Address: address, Links: s.Links, Now: s.Now(), Zone: s.zone(r), ShowAuthors: s.ShowAuthors,
		Failures: map[string]string{}, Can: s.can(PersonOf(ctx))}
	if s.Recorded != nil {
		in.Recorded = s.Recorded(inc.ID)
	}
	rep, _, err := s.report(ctx, inc.ID, revision)
	switch {
	case err == nil:
		in.Report = rep
	case errors.Is(err, evidence.ErrNotFound) && revision == 0: // not yet
	case errors.Is(err, evidence.ErrNotFound):
		return in, err
	default:
		in.Failures["report"] = s.problemOf(r, err).Detail
	}
	in.Standing = s.standing(ctx, in.Report)
	s.addJournal(ctx, &in, func(card string, err error) {
		if err != nil && !errors.Is(err, evidence.ErrNotFound) {
			in.Failures[card] = s.problemOf(r, err).Detail
		}
	})
	if s.Progress != nil && inc.State == casefile.StateInvestigating {
		in.Progress = s.step(ctx, inc.ID)
	}
	return in, nil
}

// standing is how the records of a report's moves stand by now, where they stand no
// more: a report says how they stood then.
func (s *server) standing(ctx context.Context, rep *report.Report) map[string]string {
	if rep == nil || s.Decisions == nil {
		return nil
	}
	list := map[string]string{}
	for _, a := range rep.Actions {
		if _, known := list[a.Source]; known || a.Source == compose.StandardMove || a.Source == "" {
			continue
		}
		if d, err := s.Decisions.Decision(ctx, a.Source); err == nil { // a page without it is whole
			list[a.Source] = compose.WhyNotCurrent(&d)
		}
	}
	return list
}

// addJournal asks what stands beside the report: revisions, what people wrote,
// and incidents alike. Failures are told by card.
func (s *server) addJournal(ctx context.Context, in *page.IncidentInput, failed func(card string, err error)) {
	id := in.Incident.ID
	revisions, err := s.Reports.Revisions(ctx, id)
	failed("revisions", err)
	in.Revisions = revisions
	if s.Notes != nil {
		in.Notes, err = s.Notes.Notes(ctx, id)
		failed("notes", err)
	}
	if s.Feedback != nil {
		in.Feedback, err = s.Feedback.Feedback(ctx, id)
		failed("feedback", err)
	}
	if s.Similar != nil {
		similar, err := s.Similar.Similar(ctx, id, 5)
		failed("similar", err)
		in.Similar = similar
	}
	if s.Actions != nil {
		in.Actions, err = s.Actions.Actions(ctx, id)
		failed("actions", err)
	}
	if s.ActionSwitch != nil {
		in.Switch, err = s.ActionSwitch.ActionsStopped(ctx)
		failed("actions", err)
	}
	if s.Calibration != nil {
		if judged, err := s.Calibration.Judged(ctx); err == nil { // a page without it is whole
			in.Judged = judged
		}
	}
}

// can says what this server offers to a person.
func (s *server) can(p Person) map[string]bool {
	write := p.may(ActWrite)
	return map[string]bool{"notes": s.Notes != nil && write, "feedback": s.Feedback != nil && write, "state": s.States != nil && write, "lead": s.Leads != nil && write, "undo": s.Undo != nil && write,
		"actions": s.ActionDesk != nil && p.may(ActDecide),
		// The switch is of the whole server, and so of no tenant's people.
		"switch": s.ActionSwitch != nil && p.may(ActDecide) && p.Tenant == "",
		"again":  s.Investigations != nil && p.may(ActInvestigate), "events": s.Progress != nil, "bundle": s.OpenBundle != nil && p.may(ActCode), "conditions": s.Conditions != nil && s.Decisions != nil, "now": s.Present != nil}
}

// step is the one that an investigation is at; the feed sends it at once.
func (s *server) step(ctx context.Context, id string) *correlate.Progress {
	ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	feed, err := s.Progress.Subscribe(ctx, id)
	if err != nil {
		return nil
	}
	select {
	case e := <-feed:
		return e.Progress
	case <-ctx.Done():
		return nil
	}
}

func (s *server) alertPage(w http.ResponseWriter, r *http.Request) {
	inc, err := s.Incidents.Incident(r.Context(), r.PathValue("id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	rep, _, err := s.report(r.Context(), inc.ID, 0)
	if errors.Is(err, evidence.ErrNotFound) {
		err = nil // not yet
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p := page.BuildAlert(inc.ID, rep, s.Now())
	s.base(r, &p.Base)
	s.render(w, r, http.StatusOK, page.AlertView(p))
}
