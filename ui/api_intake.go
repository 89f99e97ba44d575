package ui

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// postAlert answers 200 once the alert is durable. Anything that is not the
// sender's fault is a 5xx, because Alertmanager never retries a 4xx.
func (s *server) postAlert(w http.ResponseWriter, r *http.Request) {
	if s.Intake == nil || s.ParseAlert == nil {
		s.unconfigured(w, r)
		return
	}
	raw, err := jsonBody(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	a, err := s.ParseAlert(raw)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	id, err := s.Intake.Accept(r.Context(), a, raw)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if id == "" {
		writeJSON(w, http.StatusOK, accepted{Ignored: true})
		return
	}
	writeJSON(w, http.StatusOK, accepted{Incident: id, URL: s.incidentURL(id)})
}

// accepted says which incident a request led to.
type accepted struct {
	Incident string `json:"incident"`
	URL      string `json:"url"`
	// Ignored is true for an alert that is configured to open no incident; the
	// others are then empty.
	Ignored bool `json:"ignored,omitempty"`
}

func (s *server) incidentURL(id string) string { return s.BaseURL + "/incidents/" + id }

// investigation is what is to be investigated, and in which window when From and
// To are given.
type investigation struct {
	Service  string
	At       time.Time
	TraceID  string
	Alert    json.RawMessage
	Incident string // is investigated again
	From, To time.Time
}

// investigationBody is the body of POST /api/v1/investigations. Its times are
// those that the page takes.
type investigationBody struct {
	Service  string          `json:"service"`
	At       string          `json:"at"`
	TraceID  string          `json:"trace_id"`
	Alert    json.RawMessage `json:"alert"`
	Incident string          `json:"incident"`
	From     string          `json:"from"`
	To       string          `json:"to"`
}

func (s *server) postInvestigation(w http.ResponseWriter, r *http.Request) {
	var body investigationBody
	err := decode(r, &body)
	var in investigation
	if err == nil {
		in, err = s.timed(body)
	}
	id := ""
	if err == nil {
		id, err = s.investigate(r, in)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Location", "/api/v1/incidents/"+id)
	writeJSON(w, http.StatusAccepted, accepted{Incident: id, URL: s.incidentURL(id)})
}

// timed reads the times of a body.
func (s *server) timed(b investigationBody) (investigation, error) {
	in := investigation{Service: b.Service, TraceID: b.TraceID, Alert: b.Alert, Incident: b.Incident}
	for _, x := range []struct {
		name, given string
		to          *time.Time
	}{{"at", b.At, &in.At}, {"from", b.From, &in.From}, {"to", b.To, &in.To}} {
		if x.given == "" {
			continue
		}
		t, err := evidence.ParseInstant(x.given, s.Now())
		if err != nil {
			return in, fmt.Errorf("%s: %w", x.name, err)
		}
		*x.to = t
	}
	return in, nil
}

// investigate checks what was asked and starts it.
func (s *server) investigate(r *http.Request, in investigation) (string, error) {
	req := InvestigationRequest{
		Service: in.Service, At: in.At.UTC(), TraceID: in.TraceID, Incident: in.Incident, By: s.author(r, ""),
		Window: evidence.Window{Start: in.From, End: in.To},
	}
	given := 0
	for _, g := range []bool{in.Service != "", in.TraceID != "", len(in.Alert) > 0, in.Incident != ""} {
		if g {
			given++
		}
	}
	switch {
	case given != 1:
		return "", fmt.Errorf("give exactly one of: a service with a time, a trace ID, an alert, an incident: %w", evidence.ErrInvalid)
	case in.Service != "" && in.At.IsZero():
		return "", fmt.Errorf("a service needs a time, as 2024-08-01T02:51:00Z: %w", evidence.ErrInvalid)
	case s.Investigations == nil || len(in.Alert) > 0 && s.ParseAlert == nil:
		return "", errNotConfigured
	}
	err := short(field{"the service", in.Service, maxName}, field{"the trace", in.TraceID, maxTrace}, field{"the incident", in.Incident, maxName})
	if err == nil {
		err = s.checkWindow(in.From, in.To)
	}
	if err != nil {
		return "", err
	}
	switch {
	case in.TraceID != "":
		req.TraceID, err = evidence.FindTraceID(in.TraceID)
	case len(in.Alert) > 0:
		var a evidence.Alert
		a, err = s.ParseAlert(in.Alert)
		req.Alert = &a
	case in.Service != "":
		err = s.checkInstant(in.At)
	}
	if err != nil {
		return "", err
	}
	return s.Investigations.Start(r.Context(), req)
}

func (s *server) postChange(w http.ResponseWriter, r *http.Request) {
	if s.Changes == nil || s.ParseChanges == nil {
		s.unconfigured(w, r)
		return
	}
	raw, err := jsonBody(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	changes, err := s.ParseChanges(r.Header, raw)
	if err == nil {
		err = s.Changes.AcceptChange(r.Context(), changes)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	ids := make([]string, len(changes))
	for i, c := range changes {
		ids[i] = c.ID
	}
	writeJSON(w, http.StatusAccepted, map[string]any{"accepted": ids})
}
