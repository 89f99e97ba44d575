package ui

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/ui/page"
)

// form reads a form's fields; the error is fit to be answered.
func form(r *http.Request) (url.Values, error) {
	if err := r.ParseForm(); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, err
		}
		return nil, fmt.Errorf("the form does not fit: %w: %w", err, evidence.ErrInvalid)
	}
	return r.PostForm, nil
}

// done sends the reader back to the incident, so that a reload posts nothing.
func (s *server) done(w http.ResponseWriter, r *http.Request, err error, code, fragment string) {
	if err != nil {
		s.fail(w, r, err)
		return
	}
	to := "/incidents/" + url.PathEscape(r.PathValue("id")) + "?said=" + code + fragment
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (s *server) noteForm(w http.ResponseWriter, r *http.Request) {
	v, err := form(r)
	if err == nil {
		_, err = s.addNote(r, v.Get("author"), strings.TrimSpace(v.Get("text")))
	}
	s.done(w, r, err, "note", "#notes")
}

func (s *server) feedbackForm(w http.ResponseWriter, r *http.Request) {
	v, err := form(r)
	if err == nil {
		revision, _ := strconv.Atoi(v.Get("revision")) // our own hidden field; 0 is "unknown"
		f := correlate.Feedback{Revision: max(revision, 0), Judgment: v.Get("judgment"), Note: v.Get("note"), Author: v.Get("author")}
		if f.Judgment == "correct" {
			f.Entity, f.Trigger, f.Commit, f.Decision = v.Get("entity"), correlate.Trigger(v.Get("trigger")), v.Get("commit"), v.Get("decision")
		}
		_, err = s.addFeedback(r, f)
	}
	s.done(w, r, err, "feedback", "#feedback")
}

func (s *server) stateForm(w http.ResponseWriter, r *http.Request) {
	v, err := form(r)
	action := StateAction("")
	if err == nil {
		action = StateAction(v.Get("action"))
		_, err = s.setState(r, action, v.Get("author"))
	}
	s.done(w, r, err, url.QueryEscape(string(action)), "")
}

func (s *server) againForm(w http.ResponseWriter, r *http.Request) {
	v, err := form(r)
	in := investigation{Incident: r.PathValue("id")}
	if err == nil {
		in.From, err = formTime(v.Get("from"))
	}
	if err == nil {
		in.To, err = formTime(v.Get("to"))
	}
	if err == nil {
		_, err = s.investigate(r, in)
	}
	s.done(w, r, err, "again", "")
}

// formTime reads a time with its zone; people also write a blank for the T.
func formTime(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02 15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time with a zone, as 2024-08-01T02:51:00Z: %w", s, evidence.ErrInvalid)
}

func (s *server) investigatePage(w http.ResponseWriter, r *http.Request) {
	s.investigateAnswer(w, r, http.StatusOK, r.URL.Query(), "")
}

func (s *server) investigateAnswer(w http.ResponseWriter, r *http.Request, status int, v url.Values, failure string) {
	p := page.BuildInvestigate(page.InvestigateInput{Values: v, Failure: failure, Now: s.Now(), Enabled: s.Investigations != nil})
	s.base(r, &p.Base)
	s.render(w, r, status, page.InvestigatePage(p))
}

// investigateForm starts what was asked, or shows the form again with what was
// typed and what is wrong with it.
func (s *server) investigateForm(w http.ResponseWriter, r *http.Request) {
	v, err := form(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	in := investigation{Service: strings.TrimSpace(v.Get("service")), TraceID: strings.ToLower(strings.TrimSpace(v.Get("trace_id")))}
	if a := strings.TrimSpace(v.Get("alert")); a != "" {
		err = checkJSON([]byte(a))
		in.Alert = json.RawMessage(a)
	}
	if in.Service != "" && err == nil {
		in.At, err = formTime(v.Get("at"))
	}
	id := ""
	if err == nil {
		id, err = s.investigate(r, in)
	}
	if err != nil {
		p := s.problemOf(r, err)
		s.investigateAnswer(w, r, p.Status, v, p.Detail)
		return
	}
	http.Redirect(w, r, "/incidents/"+url.PathEscape(id), http.StatusSeeOther)
}
