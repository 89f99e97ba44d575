package act

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/notify"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func itoa(n int) string { return strconv.Itoa(n) }

// request is what a target is sent. Fields are added within a version.
type request struct {
	Version int       `json:"version"`
	Type    string    `json:"type"`
	Time    time.Time `json:"timestamp"`
	Data    asked     `json:"data"`
}

type asked struct {
	ID          string              `json:"id"` // the idempotency key
	Action      casefile.ActionKind `json:"action"`
	Of          string              `json:"of"`
	Service     string              `json:"service"`
	From        string              `json:"from,omitempty"`
	To          string              `json:"to"`
	Incident    string              `json:"incident"`
	IncidentURL string              `json:"incident_url"`
	Because     string              `json:"because"`
	Rule        string              `json:"rule"`
	Decision    string              `json:"decision"`
	Grade       casefile.Grade      `json:"grade"`
	ApprovedBy  string              `json:"approved_by,omitempty"`
	AnswerURL   string              `json:"answer_url"`
}

// message words an action for its target.
func (d *Desk) message(a casefile.Action, approvedBy string) casebook.Message {
	base := strings.TrimSuffix(d.o.BaseURL, "/")
	at := a.AskedAt
	if at.IsZero() {
		at = d.o.Now()
	}
	body, err := json.Marshal(request{Version: 1, Type: "action.requested", Time: at.UTC().Truncate(time.Second), Data: asked{
		ID: a.ID, Action: a.Kind, Of: a.Of, Service: a.Service, From: a.From, To: a.Revision, Incident: a.Incident,
		IncidentURL: base + "/incidents/" + url.PathEscape(a.Incident), Because: a.Because, Rule: a.Rule, Decision: a.Decision, Grade: a.Grade,
		ApprovedBy: approvedBy, AnswerURL: base + "/api/v1/actions/" + url.PathEscape(a.ID) + "/ack",
	}})
	if err != nil {
		return casebook.Message{} // texts and times always can
	}
	return casebook.Message{Target: notify.ReservedNames + a.Target, ID: a.ID, Body: body}
}

// Carriers are the targets as the notifier sends to them.
func (d *Desk) Carriers() []notify.Carrier {
	if !d.c.Enabled {
		return nil
	}
	var list []notify.Carrier
	for _, t := range d.c.Targets {
		list = append(list, notify.Carrier{Target: notify.Target{Name: notify.ReservedNames + t.Name, Kind: "webhook", URL: t.URL, Secret: t.Secret},
			Due: d.due, Ended: d.ended})
	}
	return list
}

// due reports whether an action is still to be sent: it may have been stopped, or
// have waited too long while the program was, or what it was asked for may hold no
// more by now. What is then not sent is ended with the reason.
func (d *Desk) due(ctx context.Context, m casebook.Message) (bool, error) {
	a, err := d.o.Store.Action(ctx, m.ID)
	if errors.Is(err, evidence.ErrNotFound) {
		return false, nil
	}
	if err != nil || d.c.DryRun || a.State != casefile.ActionQueued || !d.o.Now().Before(a.Until) {
		return false, err
	}
	why, err := d.against(ctx, &a)
	if err != nil || why == "" {
		return err == nil, err
	}
	return false, d.ended(ctx, m, errors.New(why))
}

// against is what speaks against sending an action now; empty for nothing. All
// servers ask before they send, so that a stop by one of them holds for what
// another has just queued.
func (d *Desk) against(ctx context.Context, a *casefile.Action) (string, error) {
	s, err := d.o.Store.ActionsStopped(ctx)
	if err != nil || s.Stopped {
		return "all actions are stopped by " + s.By, err
	}
	list, err := d.asksFor(ctx, a.Incident, a.Grade == casefile.Approval)
	if err != nil {
		return "", err
	}
	why := "the newest report asks for it no more"
	for _, x := range list {
		switch {
		case x.Action != nil && x.Action.ID == a.ID:
			return "", nil
		case x.Rule == a.Rule && x.Why != "":
			why += ": " + x.Why
		}
	}
	return why, nil
}

// ended notes that a target took an action, or that it was given up.
func (d *Desk) ended(ctx context.Context, m casebook.Message, failure error) error {
	step := casebook.ActionStep{Move: casefile.MoveDeliver, By: "wherefore"}
	if failure != nil {
		step.Move, step.Why = casefile.MoveUndeliver, evidence.Sentence(failure)
	}
	_, err := d.move(ctx, m.ID, step)
	if errors.Is(err, casefile.ErrConflict) || errors.Is(err, evidence.ErrNotFound) {
		return nil // it was ended meanwhile
	}
	return err
}

// move carries a step out, and counts it.
func (d *Desk) move(ctx context.Context, id string, s casebook.ActionStep) (casefile.Action, error) {
	before, err := d.o.Store.Action(ctx, id)
	if err != nil {
		return before, err
	}
	by := ""
	if s.Move == casefile.MoveApprove {
		by = s.By
	}
	after, err := d.o.Store.MoveAction(ctx, id, s, d.message(before, by))
	if err == nil && after.State != before.State {
		d.o.Count(after.Kind, after.State)
	}
	return after, err
}
