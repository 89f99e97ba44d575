package ui

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/wording"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// Action is what a request does, in the words in which permission is given.
type Action string

// The actions. ActPublic needs no credential: health, and what logging in
// needs.
const (
	ActPublic      Action = "public"
	ActView        Action = "view"
	ActWrite       Action = "write" // notes, judgments, acknowledging and resolving
	ActInvestigate Action = "investigate"
	ActExport      Action = "export"
	ActCode        Action = "export code" // evidence bundles, which hold the history of the source
	ActAlert       Action = "send alerts"
	ActChange      Action = "send changes"
	ActCheck       Action = "check"
	ActDecide      Action = "decide on actions" // approve and refuse them, stop and resume all
	ActAnswer      Action = "answer actions"    // as the target that was asked, by its signature
	ActMetrics     Action = "read metrics"
	ActAudit       Action = "read the audit"
)

// Person is who makes a request, a human or a program.
type Person struct {
	// Name stands as the author of what is written; empty when nobody is known,
	// as where access is not configured.
	Name string
	// Tenant is whose incidents they see, and whose are what they send.
	Tenant evidence.Tenant
	// By says how they are known, as "session", "token ab12cd" or "password".
	By string
	// FormToken must be in every form sent; empty where the credential is not one
	// that a browser adds by itself.
	FormToken string
	// Session is whether they logged in on a page, and can leave.
	Session bool
	// May says what they may do; nil is everything.
	May func(Action) bool
}

func (p Person) may(a Action) bool { return p.May == nil || p.May(a) }

// Errors of a Gate.
var (
	// ErrWho says that a request needs a credential and has none that counts. It
	// is answered with 401.
	ErrWho = errors.New("a credential is needed")
	// ErrForbidden says that the one who asks may not. It is answered with 403.
	ErrForbidden = errors.New("not permitted")
)

// WaitError says that somebody tried too often. It is answered with 429, which
// no sender of alerts ever gets.
type WaitError struct {
	What string
	For  time.Duration
}

func (e WaitError) Error() string {
	return e.What + "; try again in " + wording.Duration(e.For)
}

// Gate decides who may do what. A nil one lets everybody do everything.
type Gate interface {
	// Admit says who makes a request, if they may. Its error is ErrWho,
	// ErrForbidden (with the person) or a WaitError. It may read the body, and
	// then puts it back.
	Admit(r *http.Request, a Action) (Person, error)
}

// AuditEntry and AuditFilter are the casebook's.
type (
	AuditEntry  = casefile.AuditEntry
	AuditFilter = casefile.AuditFilter
)

// Audit is the log of what was seen, taken away and done.
type Audit interface {
	// Write adds an entry. It does not wait for the disk and never fails the
	// request that it tells of.
	Write(e AuditEntry)
	// Entries returns the newest first and the cursor of the next page, 0 on the
	// last.
	Entries(ctx context.Context, f AuditFilter) (page []AuditEntry, next int64, err error)
}

// Nobody stands where nobody is known.
const Nobody = "unknown"

type personKey struct{}

// PersonOf is who makes the request of a context; the zero Person when nobody
// is known.
func PersonOf(ctx context.Context) Person {
	p, _ := ctx.Value(personKey{}).(Person)
	return p
}

// admitted lets requests through that may do the route's action, as often as
// its limit says.
func (s *server) admitted(t route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, err := s.admit(r, t.action)
		if err == nil && t.action != ActPublic && r.Method == http.MethodPost && p.FormToken != "" {
			err = s.checkForm(r, p)
		}
		if err == nil && !s.limits.allow(t.limit, s.client(r, p)) {
			err = WaitError{"too many requests of this kind", t.limit.wait()}
		}
		if err != nil {
			s.refuse(w, r, t, p, err)
			return
		}
		s.note(t.audit, r, p, "")
		s.room(p, t)(w, r.WithContext(context.WithValue(r.Context(), personKey{}, p)))
	}
}

// room is what answers somebody's request: the route of their tenant's server. Of a
// tenant that is not there nothing is found.
func (s *server) room(p Person, t route) http.HandlerFunc {
	room, there := s.rooms[p.Tenant]
	if h := room[t.pattern]; h != nil {
		return h
	}
	if there { // an address that is nowhere in the table
		return t.handle
	}
	return func(w http.ResponseWriter, r *http.Request) {
		s.answerProblem(w, r, newProblem(http.StatusNotFound, "there is nothing at this address"))
	}
}

// admit asks the gate. Public actions ask it too, since a page shows who is
// logged in, and are let through whatever it says.
func (s *server) admit(r *http.Request, a Action) (Person, error) {
	if s.Gate == nil || a == ActPublic {
		return Person{}, nil
	}
	return s.Gate.Admit(r, a)
}

// refuse answers who may not; of those who are known it is written down.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, t route, p Person, err error) {
	if errors.Is(err, ErrForbidden) {
		s.note("refused", r, p, string(t.action))
	}
	if errors.Is(err, ErrWho) {
		s.askWho(w, r, err)
		return
	}
	s.fail(w, r.WithContext(context.WithValue(r.Context(), personKey{}, p)), err)
}

// note writes what is done into the audit.
func (s *server) note(action string, r *http.Request, p Person, detail string) {
	if f := r.URL.Query().Get("format"); detail == "" && f != "" {
		detail = "format " + visible.Short(f, 20)
	}
	s.noteOf(action, p, r.PathValue("id"), detail)
}

// noteOf writes down what somebody did with an incident.
func (s *server) noteOf(action string, p Person, incident, detail string) {
	if action == "" || s.Audit == nil {
		return
	}
	who := cmp.Or(p.Name, Nobody)
	s.Audit.Write(AuditEntry{At: s.Now(), Actor: visible.Short(who, maxAuthor), Action: action, Incident: visible.Short(incident, 40), Detail: detail, Tenant: p.Tenant})
}

// author is who is known to make the request, else who they say they are, else
// "unknown".
func (s *server) author(r *http.Request, said string) string {
	if p := PersonOf(r.Context()); p.Name != "" {
		return p.Name
	}
	return cmp.Or(said, Nobody)
}
