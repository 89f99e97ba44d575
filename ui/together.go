package ui

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// setLead names who leads an incident's handling.
func (s *server) setLead(r *http.Request, lead, by string) (casefile.Incident, error) {
	if s.Leads == nil {
		return casefile.Incident{}, errNotConfigured
	}
	lead = strings.TrimSpace(lead)
	if err := short(field{"the lead", lead, maxAuthor}, field{"the name", by, maxAuthor}); err != nil {
		return casefile.Incident{}, err
	}
	return s.Leads.SetLead(r.Context(), r.PathValue("id"), lead, s.author(r, by))
}

func (s *server) postLead(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Lead string `json:"lead"`
		By   string `json:"by"`
	}
	err := decode(r, &in)
	var out casefile.Incident
	if err == nil {
		out, err = s.setLead(r, in.Lead, in.By)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, out)
}

func (s *server) leadForm(w http.ResponseWriter, r *http.Request) {
	v, err := form(r)
	if err == nil {
		_, err = s.setLead(r, v.Get("lead"), v.Get("author"))
	}
	s.done(w, r, err, "lead", "")
}

// undo takes a note or a judgment back. Where people are known it takes back their
// own alone.
func (s *server) undo(r *http.Request, what, row string) error {
	if s.Undo == nil {
		return errNotConfigured
	}
	n, err := strconv.ParseInt(row, 10, 64)
	if err != nil {
		return fmt.Errorf("%q is no number of a %s: %w", visible.Short(row, 20), what, evidence.ErrInvalid)
	}
	undo := s.Undo.UndoNote
	if what == "judgment" {
		undo = s.Undo.UndoFeedback
	}
	return undo(r.Context(), r.PathValue("id"), n, PersonOf(r.Context()).Name, s.author(r, ""))
}

func (s *server) deleteNote(w http.ResponseWriter, r *http.Request) {
	s.deleted(w, r, s.undo(r, "note", r.PathValue("row")))
}

func (s *server) deleteFeedback(w http.ResponseWriter, r *http.Request) {
	s.deleted(w, r, s.undo(r, "judgment", r.PathValue("row")))
}

func (s *server) deleted(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// undoForm takes back what the page offers to: a note, a judgment, or the last
// change of the state.
func (s *server) undoForm(w http.ResponseWriter, r *http.Request) {
	v, err := form(r)
	fragment := ""
	if err == nil {
		switch what := v.Get("what"); what {
		case "note", "judgment":
			err, fragment = s.undo(r, what, v.Get("row")), "#notes"
		case string(ActionUnacknowledge), string(ActionReopen):
			_, err = s.setState(r, StateAction(what), v.Get("author"))
		default:
			err = fmt.Errorf("%q cannot be undone: %w", visible.Short(what, 40), evidence.ErrInvalid)
		}
	}
	s.done(w, r, err, url.QueryEscape("undone"), fragment)
}
