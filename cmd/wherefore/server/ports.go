package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/access"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/act"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/alertmanager"
	"github.com/wherefore-dev/wherefore/sources/changes"
	"github.com/wherefore-dev/wherefore/ui"
)

type progress = correlate.Progress

// Ports are what the pages look up beside the casebook.
type Ports struct {
	Why        ui.WhyLookup
	Decisions  ui.DecisionStore
	Hot        ui.HotLines
	Conditions ui.ConditionChecker
	Present    ui.PresentState
	Links      ui.Links
	// Observe says what the sources tell of a service that is judged.
	Observe ui.Observe
	// Senders are the programs that the webhook's section admits, and Generators
	// the hosts whose links may carry an expression to ask.
	Senders    access.Senders
	Generators []string
	// Ignore are the labels of alerts that open no incident.
	Ignore []map[string]string
	// Recorded says when a replayed incident's evidence was recorded.
	Recorded ui.Recorded
	// Accepts refuses alerts that could not be investigated with one sentence,
	// evidence.ErrInvalid; nil takes all.
	Accepts func(ctx context.Context, a evidence.Alert) error
}

// handler serves the pages of the present backends.
func (s *Server) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.pages().ServeHTTP(w, r)
	})
}

// pages builds the user interface over the present backends, once, with a part for
// each tenant behind the gate that says who makes a request.
func (s *Server) pages() http.Handler {
	s.uiMu.Lock()
	defer s.uiMu.Unlock()
	if len(s.uiOf) == len(s.rooms) && !slices.ContainsFunc(s.rooms, s.replaced) {
		return s.ui
	}
	s.uiOf = s.uiOf[:0]
	for _, r := range s.rooms {
		s.uiOf = append(s.uiOf, r.backend.Load())
	}
	b := s.uiOf[0]
	o := s.rooms[0].pages(b)
	o.Tenants = map[evidence.Tenant]ui.Options{}
	senders := []access.Senders{b.Ports.Senders}
	for i, r := range s.rooms[1:] {
		own := s.uiOf[i+1]
		o.Tenants[r.tenant] = r.pages(own)
		from := own.Ports.Senders
		from.Tenant = r.tenant
		senders = append(senders, from)
	}
	o.Gate, o.Logins, o.Provider = s.access.Gate(senders...).Answering(s.signed), s.access, s.access.ProviderLogins()
	o.Hosts, o.ClientOf, o.Stopping = s.hosts(), s.access.ClientOf, s.stopping
	o.Ready, o.Metrics = http.HandlerFunc(s.ready), s.metrics.Handler() // of the whole server, and so of no tenant
	s.ui = ui.New(o)
	return s.ui
}

// replaced reports whether a room has another backend than the user interface.
func (s *Server) replaced(r *room) bool {
	return s.uiOf[slices.Index(s.rooms, r)] != r.backend.Load()
}

// signed is which target of actions signed an answer, and whose it is. No two
// targets have the same secret.
func (s *Server) signed(h http.Header, body []byte) (target string, of evidence.Tenant, err error) {
	for _, r := range s.rooms {
		name, fault := r.actions.Signed(h, body)
		if fault == nil {
			return name, r.tenant, nil
		}
		if err == nil || !errors.Is(fault, act.ErrNoTarget) {
			err = fault
		}
	}
	return "", "", err
}

// readSwitch shows a tenant whether all actions are stopped. Stopping them stops
// every tenant's, and so is nothing that one of them may do.
type readSwitch struct{ casebook.ActionStop }

var errOfAll = fmt.Errorf("stopping and starting actions is of the whole server and of no tenant's people; set actions.enabled of the tenant to false instead: %w", ui.ErrForbidden)

// actionSwitch is the one switch of the server, as the room may use it.
func (r *room) actionSwitch() ui.ActionSwitch {
	if r.tenant == "" {
		return r.s.book
	}
	return readSwitch{r.book}
}

// StopActions implements ui.ActionSwitch.
func (readSwitch) StopActions(context.Context, string, string) error { return errOfAll }

// ResumeActions implements ui.ActionSwitch.
func (readSwitch) ResumeActions(context.Context, string) error { return errOfAll }

// pages are the user interface's options over one backend of a tenant.
func (r *room) pages(b *Backend) ui.Options {
	s, p := r.s, b.Ports
	o := ui.Options{
		Incidents: r.book, Reports: r.book, Similar: r.book, Notes: r.told(), Feedback: r.book,
		States: r.told(), Leads: r.told(), Undo: r.book, Intake: intake{r}, Investigations: starter{r}, Changes: changeIntake{r.book, r.announce, s.now},
		Progress: s.feed.Of(r.book), Health: r.health, Audit: audit{s.access, r.book},
		Why: p.Why, Decisions: p.Decisions, Hot: p.Hot, Conditions: p.Conditions, Present: p.Present, OpenBundle: r.openBundle(b), Links: p.Links, Recorded: p.Recorded,
		Calibration: r.book, Checks: r.book, Observe: p.Observe,
		ParseAlert: alertmanager.Parse, ParseChanges: func(h http.Header, body []byte) ([]evidence.Change, error) { return changes.Parse(h, body, s.now()) },
		BaseURL: s.cfg.ExternalURL, Version: s.version, Now: s.now, Logger: r.log, MaxBody: alertmanager.MaxBytes,
	}
	o.Actions, o.ActionDesk, o.ActionSwitch = r.book, r.actions, r.actionSwitch()
	return o
}

// audit is what a tenant reads of the audit that all write.
type audit struct {
	ui.Audit
	book casebook.AuditLog
}

func (a audit) Entries(ctx context.Context, f ui.AuditFilter) ([]ui.AuditEntry, int64, error) {
	return a.book.AuditEntries(ctx, f)
}

// hosts are the names by which this server may be asked.
func (s *Server) hosts() []string {
	names := append([]string{}, s.cfg.Access.Hosts...)
	if u, err := url.Parse(s.cfg.ExternalURL); err == nil && u.Hostname() != "" {
		names = append(names, u.Hostname())
	}
	return names
}

// ready answers whether alerts can be taken.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if err := s.book.Ping(r.Context()); err != nil {
		http.Error(w, "not ready: the casebook cannot be read", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ready\n"))
}

type intake struct{ r *room }

func (i intake) Accept(ctx context.Context, a evidence.Alert, raw []byte) (string, error) {
	a, left := alertmanager.WithoutIgnored(a, i.r.backend.Load().Ports.Ignore)
	if !left {
		i.r.s.metrics.Alert("ignored")
		return "", nil
	}
	return i.take(ctx, a, raw)
}

// take takes an alert in whatever its labels say: somebody asked for it.
func (i intake) take(ctx context.Context, a evidence.Alert, raw []byte) (string, error) {
	if accepts := i.r.backend.Load().Ports.Accepts; accepts != nil {
		if err := accepts(ctx, a); err != nil {
			return "", err
		}
	}
	id, err := i.r.book.Accept(ctx, trusted(ctx, a, i.r.backend.Load().Ports.Generators), raw)
	switch {
	case err == nil:
		i.r.s.metrics.Alert("accepted")
	case errors.Is(err, casebook.ErrOverloaded):
		i.r.s.metrics.Alert("overloaded")
	default:
		i.r.s.metrics.Alert("failed")
	}
	return id, err
}

// changeIntake keeps changes, announces each that is kept, and has what is open of
// its service looked at once more: it may have been taken back.
type changeIntake struct {
	book interface {
		casebook.Changes
		casebook.Incidents
		casebook.Revisits
	}
	announce func(evidence.Change)
	now      func() time.Time
}

func (c changeIntake) AcceptChange(ctx context.Context, list []evidence.Change) error {
	if err := c.book.AddChanges(ctx, ui.PersonOf(ctx).Name, list); err != nil {
		return err
	}
	for _, x := range list {
		c.announce(x)
	}
	return c.revisit(ctx, list)
}

// What is open of a service that changed is looked at a minute later, when it is
// to be seen what came of it; of a service with more open incidents than mostOpen
// the others are not.
const (
	seenAfter = time.Minute
	mostOpen  = 20
)

func (c changeIntake) revisit(ctx context.Context, list []evidence.Change) error {
	done := map[string]bool{}
	for _, x := range list {
		if x.Service == "" || done[x.Service] || !slices.Contains([]evidence.ChangeKind{evidence.ChangeDeploy, evidence.ChangeFlag, evidence.ChangeConfig, evidence.ChangeMigration}, x.Kind) {
			continue
		}
		done[x.Service] = true
		at := x.Time
		if now := c.now(); at.Before(now) {
			at = now
		}
		for _, f := range []casefile.IncidentFilter{{Entity: x.Service}, {Service: x.Service}} {
			f.State, f.Limit = casefile.StateReported, mostOpen
			open, _, err := c.book.Incidents(ctx, f)
			if err != nil {
				return err
			}
			for _, i := range open {
				if i.StartedAt.After(x.Time) {
					continue // it came before
				}
				if err := c.book.Revisit(ctx, i.ID, at.Add(seenAfter), casefile.WhyBack); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// starter turns a person's question into an alert, so that it goes the same
// way.
type starter struct{ r *room }

func (x starter) Start(ctx context.Context, r ui.InvestigationRequest) (string, error) {
	switch {
	case r.Incident != "":
		return r.Incident, x.r.book.Rerun(ctx, r.Incident, r.By, r.Window)
	case r.Alert != nil:
		return intake(x).take(ctx, *r.Alert, nil)
	}
	return intake(x).take(ctx, backend.Question(r.Service, r.TraceID, r.At), nil)
}
