// Package act asks targets to degrade or to roll back, where a team has allowed
// it. What is asked is decided by correlate/action and kept by the casebook; this
// package looks up what the decision needs, words the messages, which the
// notification outbox carries, and takes the answers.
package act

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/blameindex/guard"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/notify"
	"github.com/wherefore-dev/wherefore/correlate/action"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Store is what a desk needs of the casebook.
type Store interface {
	casebook.Proposals
	casebook.ActionMoves
	casebook.ActionList
	casebook.ActionStop
	casebook.Outbox
	casebook.Targets
	// Report returns a report revision as it is kept, the newest for 0.
	Report(ctx context.Context, incident string, revision int) ([]byte, error)
}

// LookUp finds a decision record; evidence.ErrNotFound where there is none.
type LookUp func(ctx context.Context, id string) (evidence.Decision, error)

// Options are what a Desk needs besides its configuration.
type Options struct {
	Log   *zap.Logger
	Store Store
	// Decision is asked for the records that rules name; nil knows none.
	Decision LookUp
	// BaseURL is where targets answer.
	BaseURL string
	Now     func() time.Time
	// Send has what is due sent.
	Send func()
	// Count is told of every action that came to stand somewhere.
	Count func(kind casefile.ActionKind, state casefile.ActionState)
}

// Desk decides on reports and moves actions on.
type Desk struct {
	o    Options
	c    Config
	wake chan struct{} // holds at most one signal
}

// New makes a desk. Its configuration was checked.
func New(o Options, c Config) *Desk {
	c.CoolDown, c.AnswerWithin = cmp.Or(c.CoolDown, defaultCoolDown), cmp.Or(c.AnswerWithin, defaultAnswer)
	return &Desk{o: o, c: c, wake: make(chan struct{}, 1)}
}

// subject is what waits to be decided on.
type subject struct {
	Incident string `json:"incident"`
}

// Messages makes a report due to be decided on. The caller stores it with the
// report, so that neither is without the other, and then calls Wake.
func (d *Desk) Messages(_ context.Context, incident string, revision int, r report.Report) []casebook.Message {
	if !d.c.Enabled || len(action.Concerned(d.c.Rules, &r)) == 0 {
		return nil
	}
	body, err := json.Marshal(subject{incident})
	if err != nil {
		return nil // a string always can
	}
	return []casebook.Message{{Target: notify.DecideQueue, ID: incident + "-r" + itoa(revision), Body: body}}
}

// Wake has what is due decided on. It returns at once.
func (d *Desk) Wake() {
	select {
	case d.wake <- struct{}{}:
	default: // a signal is there already
	}
}

// lookEvery is how often the queue is read without a signal, and actions expire.
const lookEvery = 20 * time.Second

// Run decides until ctx ends. What is undecided then stays due.
func (d *Desk) Run(ctx context.Context) {
	if !d.c.Enabled {
		if err := d.o.Store.Forget(ctx, notify.DecideQueue); err != nil && ctx.Err() == nil {
			d.o.Log.Warn("action queue: old reports could not be deleted", zap.Error(err))
		}
		return
	}
	again := time.NewTicker(lookEvery)
	defer again.Stop()
	for {
		for d.next(ctx) {
		}
		if _, err := d.o.Store.ExpireActions(ctx); err != nil && ctx.Err() == nil {
			d.o.Log.Warn("actions: unanswered ones could not be closed", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		case <-again.C:
		}
	}
}

// givenUpAfter is how long it is tried to decide on a report.
const givenUpAfter = 15 * time.Minute

// next decides on the report that is due longest; false when there is none, or
// when it cannot go on now.
func (d *Desk) next(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	m, ok, err := d.o.Store.Due(ctx, notify.DecideQueue)
	if err != nil && ctx.Err() == nil {
		d.o.Log.Warn("action queue could not be read", zap.Error(err))
	}
	if err != nil || !ok {
		return false
	}
	var s subject
	err = guard.Run(func() error {
		if err := json.Unmarshal(m.Body, &s); err != nil {
			return nil //nolint:nilerr // of another version of the program
		}
		return d.decide(ctx, s.Incident)
	})
	if late := d.o.Now().Sub(m.MadeAt); err != nil && ctx.Err() == nil && late > givenUpAfter {
		d.o.Log.Error("actions: decision failed; giving up", zap.String("incident", s.Incident), zap.Duration("after", late), zap.Error(err))
		err = nil // what burned then is no reason to act now
	}
	if err != nil { // its claim ends by itself, and another look is taken then
		if ctx.Err() == nil {
			d.o.Log.Warn("actions: decision failed; retrying", zap.String("incident", s.Incident), zap.Error(err))
		}
		return false
	}
	// Else it would be decided on again, which changes nothing.
	if err := d.o.Store.Settled(context.WithoutCancel(ctx), m); err != nil {
		d.o.Log.Warn("action queue: finished report could not be deleted", zap.Error(err))
		return false
	}
	return true
}

// asksFor is what the rules ask for by an incident's newest report; nothing where
// there is none. What a person approved may rest on an older burn rate.
func (d *Desk) asksFor(ctx context.Context, incident string, approved bool) ([]action.Decision, error) {
	body, err := d.o.Store.Report(ctx, incident, 0)
	if errors.Is(err, evidence.ErrNotFound) {
		return nil, nil
	}
	var r report.Report
	if err == nil {
		err = json.Unmarshal(body, &r)
	}
	if err != nil {
		return nil, err
	}
	c := action.Case{Incident: incident, Revision: r.Revision, Report: &r, Now: d.o.Now(), Approved: approved, DryRun: d.c.DryRun}
	rules := action.Concerned(d.c.Rules, &r)
	if c.Records, err = d.records(ctx, rules); err != nil {
		return nil, err
	}
	return action.Decide(rules, c), nil
}

// decide decides on an incident's newest report.
func (d *Desk) decide(ctx context.Context, incident string) error {
	list, err := d.asksFor(ctx, incident, false)
	if err != nil {
		return err
	}
	log := d.o.Log.With(zap.String("incident", incident))
	for _, x := range list {
		if x.Action == nil {
			log.Info("action rule not applied", zap.String("rule", x.Rule), zap.String("why", x.Why))
			continue
		}
		kept, changed, err := d.o.Store.ProposeAction(ctx, *x.Action, casefile.ActionLimits{CoolDown: d.c.CoolDown, Answer: d.c.AnswerWithin}, d.message(*x.Action, ""))
		if err != nil {
			return err
		}
		if changed {
			d.o.Count(kept.Kind, kept.State)
			log.Info("action decided", zap.String("action", kept.ID), zap.String("rule", kept.Rule), zap.String("state", string(kept.State)), zap.String("reason", kept.Reason))
		}
	}
	d.o.Send()
	return nil
}

// records are the decisions that rules name, as far as there are any.
func (d *Desk) records(ctx context.Context, rules []action.Rule) (map[string]evidence.Decision, error) {
	list := map[string]evidence.Decision{}
	for _, r := range rules {
		if _, known := list[r.Decision]; known || d.o.Decision == nil {
			continue
		}
		x, err := d.o.Decision(ctx, r.Decision)
		switch {
		case err == nil:
			list[r.Decision] = x
		case !errors.Is(err, evidence.ErrNotFound):
			return nil, err
		}
	}
	return list, nil
}
