package ui

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/evidence/mask"
)

// shownActions is how many actions of all incidents one answer has.
const shownActions = 100

// actionList is the answer about actions.
type actionList struct {
	Actions []casefile.Action     `json:"actions"`
	Switch  casefile.ActionSwitch `json:"switch"`
}

func (s *server) listActions(w http.ResponseWriter, r *http.Request, of func() ([]casefile.Action, error)) {
	var out actionList
	err := errNotConfigured
	var list []casefile.Action
	if s.Actions != nil && s.ActionSwitch != nil {
		list, err = of()
	}
	if err == nil {
		out.Switch, err = s.ActionSwitch.ActionsStopped(r.Context())
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	out.Actions = append([]casefile.Action{}, list...)
	writeJSON(w, http.StatusOK, out)
}

func (s *server) getActions(w http.ResponseWriter, r *http.Request) {
	s.listActions(w, r, func() ([]casefile.Action, error) { return s.Actions.NewestActions(r.Context(), shownActions) })
}

func (s *server) getIncidentActions(w http.ResponseWriter, r *http.Request) {
	s.listActions(w, r, func() ([]casefile.Action, error) {
		if _, err := s.Incidents.Incident(r.Context(), r.PathValue("id")); err != nil {
			return nil, err
		}
		return s.Actions.Actions(r.Context(), r.PathValue("id"))
	})
}

// actionDecision is what a person says of an action.
type actionDecision struct {
	Decision casefile.ActionMove `json:"decision"` // approve, refuse, done or failed
	By       string              `json:"by"`
	Note     string              `json:"note"`
}

func (s *server) postDecision(w http.ResponseWriter, r *http.Request) {
	var in actionDecision
	err := decode(r, &in)
	var out casefile.Action
	if err == nil {
		out, err = s.decideAction(r, r.PathValue("id"), in)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, out)
}

func (s *server) decideAction(r *http.Request, id string, in actionDecision) (casefile.Action, error) {
	if s.ActionDesk == nil {
		return casefile.Action{}, errNotConfigured
	}
	if err := short(field{"the action's id", id, maxName}, field{"the name", in.By, maxAuthor}, field{"the note", in.Note, maxName}); err != nil {
		return casefile.Action{}, err
	}
	return s.ActionDesk.Move(r.Context(), id, in.Decision, s.author(r, strings.TrimSpace(in.By)), mask.Text(in.Note))
}

// postAnswer takes what a target says; the gate has checked its signature.
func (s *server) postAnswer(w http.ResponseWriter, r *http.Request) {
	target := PersonOf(r.Context()).Name
	if target == "" {
		s.fail(w, r, fmt.Errorf("an answer is signed by the target that was asked: %w", ErrWho))
		return
	}
	body, err := jsonBody(r)
	if err == nil && s.ActionDesk == nil {
		err = errNotConfigured
	}
	var out casefile.Action
	if err == nil {
		out, err = s.ActionDesk.Answer(r.Context(), r.PathValue("id"), target, r.Header.Get("Webhook-Id"), body)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, out)
}

// actionStop is why all actions are stopped.
type actionStop struct {
	By  string `json:"by"`
	Why string `json:"why"`
}

func (s *server) postStop(w http.ResponseWriter, r *http.Request) { s.postSwitch(w, r, true) }

func (s *server) postResume(w http.ResponseWriter, r *http.Request) { s.postSwitch(w, r, false) }

func (s *server) postSwitch(w http.ResponseWriter, r *http.Request, stop bool) {
	var in actionStop
	err := decode(r, &in)
	var out casefile.ActionSwitch
	if err == nil {
		out, err = s.switchActions(r, stop, in)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, out)
}

func (s *server) switchActions(r *http.Request, stop bool, in actionStop) (casefile.ActionSwitch, error) {
	if s.ActionSwitch == nil {
		return casefile.ActionSwitch{}, errNotConfigured
	}
	err := short(field{"the name", in.By, maxAuthor}, field{"why", in.Why, maxName})
	by := s.author(r, strings.TrimSpace(in.By))
	switch {
	case err != nil:
	case stop:
		err = s.ActionSwitch.StopActions(r.Context(), by, mask.Text(in.Why))
	default:
		err = s.ActionSwitch.ResumeActions(r.Context(), by)
	}
	if err != nil {
		return casefile.ActionSwitch{}, err
	}
	return s.ActionSwitch.ActionsStopped(r.Context())
}

// actionForm is the page's way to all of these: one button, one value.
func (s *server) actionForm(w http.ResponseWriter, r *http.Request) {
	v, err := form(r)
	what, id := v.Get("decision"), v.Get("action")
	switch {
	case err != nil:
	case what == "stop" || what == "resume":
		_, err = s.switchActions(r, what == "stop", actionStop{v.Get("author"), v.Get("note")})
	case s.Actions == nil:
		err = errNotConfigured
	default:
		err = s.ofIncident(r, id)
		if err == nil {
			_, err = s.decideAction(r, id, actionDecision{casefile.ActionMove(what), v.Get("author"), v.Get("note")})
		}
	}
	s.done(w, r, err, what, "#actions")
}

// ofIncident refuses an action of another incident than the form's: its page was
// not what the person read.
func (s *server) ofIncident(r *http.Request, id string) error {
	list, err := s.Actions.Actions(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	for _, a := range list {
		if a.ID == id {
			return nil
		}
	}
	return fmt.Errorf("the incident has no action %.40q: %w", id, evidence.ErrNotFound)
}
