package ui

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// form reads a form's fields; the error is fit to be answered.
func form(r *http.Request) (url.Values, error) {
	if err := r.ParseForm(); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, fmt.Errorf("the form is larger than %d KiB: %w", tooLarge.Limit>>10, err)
		}
		return nil, fmt.Errorf("form values could not be read: %w: %w", err, evidence.ErrInvalid)
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
		f := casefile.Feedback{Revision: max(revision, 0), Judgment: v.Get("judgment"), Note: v.Get("note"), Author: v.Get("author")}
		if f.Judgment == "correct" {
			f.Entity, f.Trigger, f.Commit, f.Decision = v.Get("entity"), report.Trigger(v.Get("trigger")), v.Get("commit"), v.Get("decision")
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
	if err == nil && (v.Get("from") != "" || v.Get("to") != "") { // without either the window is found in the data
		if in.From, err = evidence.ParseInstant(v.Get("from"), s.Now()); err == nil {
			in.To, err = evidence.ParseInstant(v.Get("to"), s.Now())
		}
	}
	if err == nil {
		_, err = s.investigate(r, in)
	}
	s.done(w, r, err, "again", "")
}
