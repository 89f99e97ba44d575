package ui

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/ui/page"
)

// fieldError is what is wrong with one field of a form.
type fieldError struct {
	field string
	error
}

func (e fieldError) Unwrap() error { return e.error }

// ahead is how far the clock of whoever asks may be ahead of ours.
const ahead = 5 * time.Minute

// oldest is the first instant that anybody may ask about.
var oldest = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

// checkInstant refuses an instant that nothing can be known about yet.
func (s *server) checkInstant(t time.Time) error {
	if t.Before(oldest) {
		return fieldError{"at", fmt.Errorf("%s is before there was any telemetry: %w", t.UTC().Format(time.RFC3339), evidence.ErrInvalid)}
	}
	if now := s.Now().UTC(); t.After(now.Add(ahead)) {
		return fieldError{"at", fmt.Errorf("%s is in the future, now it is %s; a time without a zone is UTC: %w", t.UTC().Format(time.RFC3339), now.Format(time.RFC3339), evidence.ErrInvalid)}
	}
	return nil
}

func (s *server) investigatePage(w http.ResponseWriter, r *http.Request) {
	s.investigateAnswer(w, r, http.StatusOK, r.URL.Query(), nil)
}

// investigateAnswer shows the form with what was typed and what is wrong with
// it.
func (s *server) investigateAnswer(w http.ResponseWriter, r *http.Request, status int, v url.Values, failed map[string]string) {
	in := page.InvestigateInput{Values: v, Failed: failed, Now: s.Now(), Enabled: s.Investigations != nil && PersonOf(r.Context()).may(ActInvestigate)}
	known, err := s.Incidents.Facets(r.Context(), casefile.IncidentFilter{})
	if err != nil {
		s.log.Warn("list of services could not be read", zap.Error(err)) // the form is worth showing without
	}
	for _, f := range known {
		if f.Field == "service" {
			in.Services = append(in.Services, f.Value)
		}
	}
	p := page.BuildInvestigate(in)
	s.base(r, &p.Base)
	s.render(w, r, status, page.InvestigatePage(p))
}

// investigateForm starts what was asked, or shows the form again.
func (s *server) investigateForm(w http.ResponseWriter, r *http.Request) {
	id := ""
	v, err := form(r)
	if err != nil {
		err = fieldError{"alert", fmt.Errorf("nothing was started and nothing kept, it is still in your browser: go back one page: %w", err)}
	} else {
		var in investigation
		if in, err = s.asked(v); err == nil {
			id, err = s.investigate(r, in)
		}
	}
	if err == nil {
		http.Redirect(w, r, "/incidents/"+url.PathEscape(id), http.StatusSeeOther)
		return
	}
	p := s.problemOf(r, err)
	s.investigateAnswer(w, r, p.Status, v, map[string]string{fieldOf(err, v): p.Detail})
}

// asked reads the one of the three forms that was sent.
func (s *server) asked(v url.Values) (in investigation, err error) {
	given := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	switch {
	case v.Has("alert"):
		if in.Alert = json.RawMessage(given("alert")); checkJSON(in.Alert) != nil {
			err = fieldError{"alert", fmt.Errorf("this is not JSON; paste a webhook's body or what “amtool alert -o json” prints, or fill in the service and time above: %w", evidence.ErrInvalid)}
		}
	case v.Has("trace_id"):
		in.TraceID = given("trace_id")
	default:
		in.Service = given("service")
		if in.At, err = evidence.ParseInstant(v.Get("at"), s.Now()); err != nil {
			err = fieldError{"at", err}
		}
	}
	return in, err
}

// fieldOf is the field that an error stands beside: the one that it names, else
// the first of the form that was sent.
func fieldOf(err error, v url.Values) string {
	var f fieldError
	if errors.As(err, &f) {
		return f.field
	}
	for _, name := range []string{"alert", "trace_id"} {
		if v.Has(name) {
			return name
		}
	}
	return "service"
}
