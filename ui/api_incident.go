package ui

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/evidence/mask"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// incidentList is the answer of GET /api/v1/incidents.
type incidentList struct {
	Incidents []casefile.Incident `json:"incidents"`
	Next      string              `json:"next"`
	Facets    []casefile.Facet    `json:"facets,omitempty"`
}

func (s *server) getIncidents(w http.ResponseWriter, r *http.Request) {
	f, err := s.filterOf(r.URL.Query())
	if err == nil {
		err = onlyKnown(r.URL.Query())
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	out := incidentList{Incidents: []casefile.Incident{}}
	page, next, err := s.Incidents.Incidents(r.Context(), f)
	if err == nil && r.URL.Query().Get("facets") == "true" {
		out.Facets, err = s.Incidents.Facets(r.Context(), f)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	out.Incidents, out.Next = append(out.Incidents, page...), next
	writeJSON(w, http.StatusOK, out)
}

// What a URL may name.
var (
	verdicts = []report.VerdictWord{report.Confirmed, report.Likely, report.LeadOnly, report.Inconclusive}
	triggers = []report.Trigger{report.TriggerCode, report.TriggerConfig, report.TriggerFlag, report.TriggerMigration, report.TriggerInfra, report.TriggerLoad, report.TriggerNone}
)

// sorts are the orders of the list that a URL may name.
func sorts() []string { return []string{"", "started", "service", "severity", "burn", "impact"} }

// filters are the parameters of the list. The page has others of its own.
var filters = []string{"state", "service", "severity", "trigger", "verdict", "decision", "entity", "q", "from", "to", "last", "sort", "cursor", "limit", "facets"}

// onlyKnown refuses parameters that there are none of: a misspelt filter would be
// answered with incidents that nobody asked for.
func onlyKnown(q url.Values) error {
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if !slices.Contains(filters, name) {
			return fmt.Errorf("there is no parameter %q, only %s: %w", visible.Short(name, 40), strings.Join(filters, ", "), evidence.ErrInvalid)
		}
	}
	return nil
}

// filterOf reads the filter out of a URL.
func (s *server) filterOf(q url.Values) (casefile.IncidentFilter, error) {
	f := casefile.IncidentFilter{
		State: casefile.IncidentState(q.Get("state")), Service: q.Get("service"), Severity: q.Get("severity"),
		Trigger: report.Trigger(q.Get("trigger")), Verdict: report.VerdictWord(q.Get("verdict")),
		Decision: q.Get("decision"), Entity: q.Get("entity"), Text: q.Get("q"), Sort: q.Get("sort"), Cursor: q.Get("cursor"), Limit: 50,
	}
	for name, values := range q {
		for _, v := range values {
			if err := short(field{"a parameter's name", name, maxName}, field{visible.Short(name, 20), v, maxName}); err != nil {
				return f, err
			}
		}
	}
	if l := q.Get("limit"); l != "" {
		n, err := strconv.Atoi(l)
		if err != nil || n < 1 || n > 200 {
			return f, fmt.Errorf("limit is %q and must be a number from 1 to 200: %w", l, evidence.ErrInvalid)
		}
		f.Limit = n
	}
	if err := s.timesOf(q, &f); err != nil {
		return f, err
	}
	states := []casefile.IncidentState{"", casefile.StateInvestigating, casefile.StateReported, casefile.StateResolved}
	switch {
	case !slices.Contains(states, f.State):
		return f, fmt.Errorf("state is %q and must be investigating, reported or resolved: %w", f.State, evidence.ErrInvalid)
	case f.Verdict != "" && !slices.Contains(verdicts, f.Verdict):
		return f, fmt.Errorf("verdict is %q and must be Confirmed, Likely, Lead only or Inconclusive: %w", f.Verdict, evidence.ErrInvalid)
	case f.Trigger != "" && !slices.Contains(triggers, f.Trigger):
		return f, fmt.Errorf("trigger is %q and must be code, config, flag, migration, infra, load or none: %w", f.Trigger, evidence.ErrInvalid)
	case !slices.Contains(sorts(), f.Sort):
		return f, fmt.Errorf("sort is %q and must be started, service, severity, burn or impact: %w", f.Sort, evidence.ErrInvalid)
	}
	return f, nil
}

// timesOf reads when incidents may have begun: between two instants, or within the
// last hours.
func (s *server) timesOf(q url.Values, f *casefile.IncidentFilter) (err error) {
	from, to, last := q.Get("from"), q.Get("to"), q.Get("last")
	if last != "" {
		d, err := time.ParseDuration(last)
		if days, ok := strings.CutSuffix(last, "d"); err != nil && ok {
			n, fault := strconv.Atoi(days)
			d, err = time.Duration(n)*24*time.Hour, fault
			if n > mostDays {
				d = 0
			}
		}
		if err != nil || d <= 0 || from != "" || to != "" {
			return fmt.Errorf("last is %q and must be a time such as 90m, 24h or 7d, without from and to: %w", visible.Short(last, 40), evidence.ErrInvalid)
		}
		f.Since = s.Now().Add(-d)
		return nil
	}
	if from != "" {
		if f.Since, err = evidence.ParseInstant(from, s.Now()); err != nil {
			return err
		}
	}
	if to != "" {
		if f.Until, err = evidence.ParseInstant(to, s.Now()); err != nil {
			return err
		}
	}
	if from != "" && to != "" && f.Until.Before(f.Since) {
		return fmt.Errorf("the list would end before it begins: from is after to: %w", evidence.ErrInvalid)
	}
	return nil
}

// mostDays is how far back "last" reaches at most.
const mostDays = 3660

// getIncident answers with the exact bytes of the report. Before the first
// report it answers 202 with the incident, so that a client can poll one URL.
func (s *server) getIncident(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	revision, err := revisionOf(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	raw, err := s.Reports.Report(r.Context(), id, revision)
	if errors.Is(err, evidence.ErrNotFound) && revision == 0 {
		inc, err := s.Incidents.Incident(r.Context(), id)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		w.Header().Set("Retry-After", "2")
		writeJSON(w, http.StatusAccepted, inc)
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if revision > 0 {
		if err := s.tellPoorer(w, r, id, revision); err != nil {
			s.fail(w, r, err)
			return
		}
	}
	sum := sha256.Sum256(raw)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, no-cache")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(raw) // the client has gone
}

// tellPoorer says of a revision that was asked for by its number of which sources it
// had fewer answers than the one before it, which it did not replace.
func (s *server) tellPoorer(w http.ResponseWriter, r *http.Request, id string, revision int) error {
	revisions, err := s.Reports.Revisions(r.Context(), id)
	for _, v := range revisions {
		if v.Number == revision && len(v.Poorer) > 0 {
			w.Header().Set("X-Wherefore-Poorer", strings.Join(v.Poorer, ", "))
		}
	}
	return err
}

func revisionOf(r *http.Request) (int, error) {
	q := r.URL.Query().Get("revision")
	if q == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(q)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("revision is %q and must be a number from 1, or 0 for the newest: %w", q, evidence.ErrInvalid)
	}
	return n, nil
}

func (s *server) getNotes(w http.ResponseWriter, r *http.Request) {
	if s.Notes == nil {
		s.unconfigured(w, r)
		return
	}
	var notes []casefile.Note
	_, err := s.Incidents.Incident(r.Context(), r.PathValue("id")) // of none there are no notes, not an empty list
	if err == nil {
		notes, err = s.Notes.Notes(r.Context(), r.PathValue("id"))
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"notes": append([]casefile.Note{}, notes...)})
}

func (s *server) postNote(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Author string `json:"author"`
		Text   string `json:"text"`
	}
	err := decode(r, &in)
	var out casefile.Note
	if err == nil {
		out, err = s.addNote(r, in.Author, in.Text)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusCreated, out)
}

func (s *server) addNote(r *http.Request, author, text string) (casefile.Note, error) {
	switch {
	case s.Notes == nil:
		return casefile.Note{}, errNotConfigured
	case text == "" || len(text) > maxNote:
		return casefile.Note{}, fmt.Errorf("a note has 1 to %d bytes, this one %d: %w", maxNote, len(text), evidence.ErrInvalid)
	}
	if err := short(field{"the author", author, maxAuthor}); err != nil {
		return casefile.Note{}, err
	}
	return s.Notes.AddNote(r.Context(), r.PathValue("id"), casefile.Note{Author: s.author(r, author), Text: mask.Text(unixLines(text))})
}

func (s *server) getFeedback(w http.ResponseWriter, r *http.Request) {
	if s.Feedback == nil {
		s.unconfigured(w, r)
		return
	}
	var all []casefile.Feedback
	_, err := s.Incidents.Incident(r.Context(), r.PathValue("id"))
	if err == nil {
		all, err = s.Feedback.Feedback(r.Context(), r.PathValue("id"))
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"feedback": append([]casefile.Feedback{}, all...)})
}

func (s *server) postFeedback(w http.ResponseWriter, r *http.Request) {
	var in casefile.Feedback
	err := decode(r, &in)
	var out casefile.Feedback
	if err == nil {
		out, err = s.addFeedback(r, in)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusCreated, out)
}

func (s *server) addFeedback(r *http.Request, f casefile.Feedback) (casefile.Feedback, error) {
	switch {
	case s.Feedback == nil:
		return f, errNotConfigured
	case !slices.Contains([]string{"confirm", "reject", "correct"}, f.Judgment):
		return f, fmt.Errorf("judgment is %q and must be confirm, reject or correct: %w", f.Judgment, evidence.ErrInvalid)
	case f.Judgment == "correct" && f.Entity == "" && f.Trigger == "" && f.Commit == "" && f.Decision == "":
		return f, fmt.Errorf("a correction names the right entity, trigger, commit or decision: %w", evidence.ErrInvalid)
	}
	if err := short(field{"the note", f.Note, maxNote}, field{"the author", f.Author, maxAuthor}, field{"entity", f.Entity, maxName},
		field{"trigger", string(f.Trigger), maxName}, field{"commit", f.Commit, maxName}, field{"decision", f.Decision, maxName}); err != nil {
		return f, err
	}
	f.Author, f.Note = s.author(r, strings.TrimSpace(f.Author)), mask.Text(unixLines(strings.TrimSpace(f.Note)))
	if f.Author == Nobody && f.Note == "" && f.Judgment != "correct" {
		return f, fmt.Errorf("a judgment needs a name or what speaks for it; go back and add one of them: %w", evidence.ErrInvalid)
	}
	return s.Feedback.AddFeedback(r.Context(), r.PathValue("id"), f)
}

func (s *server) postState(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Action StateAction `json:"action"`
		By     string      `json:"by"`
	}
	err := decode(r, &in)
	var out casefile.Incident
	if err == nil {
		out, err = s.setState(r, in.Action, in.By)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, out)
}

func (s *server) setState(r *http.Request, a StateAction, by string) (casefile.Incident, error) {
	if s.States == nil {
		return casefile.Incident{}, errNotConfigured
	}
	if !slices.Contains([]StateAction{ActionAcknowledge, ActionUnacknowledge, ActionResolve, ActionReopen}, a) {
		return casefile.Incident{}, fmt.Errorf("action is %q and must be acknowledge, unacknowledge, resolve or reopen: %w", a, evidence.ErrInvalid)
	}
	if err := short(field{"the name", by, maxAuthor}); err != nil {
		return casefile.Incident{}, err
	}
	return s.States.SetState(r.Context(), r.PathValue("id"), a, s.author(r, by))
}

// unixLines ends lines as everything else here does: a browser's form ends them
// with a carriage return too.
func unixLines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
