package casebook

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// ActionStep is one step of an action's life.
type ActionStep struct {
	Move casefile.ActionMove
	By   string // who, as the audit names them
	Why  string
	// Answer is the ID of a target's message; one that came before changes nothing.
	// Empty for everybody else.
	Answer string
}

// ProposeAction stores a decided action. It is held instead where another one of
// the service is open or its cool-down runs, where it is to be sent and the target has
// not answered another one, or where all are stopped.
func (b *Book) ProposeAction(ctx context.Context, a casefile.Action, l casefile.ActionLimits, m Message) (kept casefile.Action, changed bool, err error) {
	err = b.db.do(ctx, func(tx session) error {
		kept, changed, err = b.propose(tx, a, l, m)
		return err
	})
	if err != nil {
		return casefile.Action{}, false, fmt.Errorf("action %s: %w", a.ID, err)
	}
	return kept, changed, nil
}

func (b *Book) propose(tx session, a casefile.Action, l casefile.ActionLimits, m Message) (casefile.Action, bool, error) {
	if err := b.known(tx, a.Incident); err != nil {
		return a, false, err
	}
	now := b.now().UTC()
	if _, err := b.expire(tx, now); err != nil {
		return a, false, err
	}
	before, err := b.actionOf(tx, a.ID)
	there := err == nil
	switch {
	case err != nil && !errors.Is(err, evidence.ErrNotFound):
		return a, false, err
	case there && before.State != casefile.ActionHeld && before.State != casefile.ActionDry:
		return before, false, nil
	}
	if a.State.Open() {
		why, err := b.heldBy(tx, &a, l, now)
		if err != nil {
			return a, false, err
		}
		if why != "" {
			a.State, a.Reason = casefile.ActionHeld, why
		}
	}
	if there && before.State == a.State && before.Reason == a.Reason {
		return before, false, nil
	}
	a.AskedAt, a.ChangedAt, a.By = now, now, "rule:"+a.Rule
	if a.State.Open() {
		a.Until = now.Add(l.Answer)
	}
	if err := b.keepAction(tx, &a, before.State); err != nil {
		return a, false, err
	}
	if a.State == casefile.ActionQueued {
		if err := tell(tx, a.Incident, b.tenant, now.UnixNano(), []Message{m}); err != nil {
			return a, false, err
		}
	}
	return a, true, b.auditAction(tx, &a)
}

// heldBy says what keeps an action back now; empty for nothing.
func (b *Book) heldBy(tx session, a *casefile.Action, l casefile.ActionLimits, now time.Time) (string, error) {
	s, err := b.stopped(tx)
	if err != nil || s.Stopped {
		return casefile.StoppedBy + s.By, err
	}
	var other, state string
	err = tx.row(`SELECT id, state FROM action WHERE tenant = ? AND service = ? AND open = 1 AND id <> ? ORDER BY id LIMIT 1`, b.tenant, a.Service, a.ID).Scan(&other, &state)
	if err == nil {
		return fmt.Sprintf("%s of %s is still %s", other, a.Service, state), nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	if a.State == casefile.ActionQueued {
		if why, err := b.targetBusy(tx, a); why != "" || err != nil {
			return why, err
		}
	}
	var last int64
	err = tx.row(`SELECT coalesce(max(asked_at), 0) FROM action WHERE tenant = ? AND service = ? AND id <> ? AND state NOT IN (?, ?, ?, ?)`,
		b.tenant, a.Service, a.ID, casefile.ActionHeld, casefile.ActionDry, casefile.ActionStopped, casefile.ActionRefused).Scan(&last)
	if err != nil || last == 0 || now.Sub(instant(last)) >= l.CoolDown {
		return "", err
	}
	return fmt.Sprintf("the last action of %s was asked for at %s, and its cool-down is %s", a.Service, instant(last).Format(time.RFC3339), wording.Duration(l.CoolDown)), nil
}

// targetBusy says what an action's target was sent and has not ended; empty for
// nothing. What waits for a person was sent to nobody.
func (b *Book) targetBusy(tx session, a *casefile.Action) (string, error) {
	if a.Target == "" {
		return "", nil
	}
	var other, state string
	err := tx.row(`SELECT id, state FROM action WHERE tenant = ? AND target = ? AND state IN (?, ?, ?) AND id <> ? ORDER BY id LIMIT 1`,
		b.tenant, a.Target, casefile.ActionQueued, casefile.ActionSent, casefile.ActionAccepted, a.ID).Scan(&other, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return fmt.Sprintf("%s, asked of the target %s, is still %s", other, a.Target, state), err
}

// errMoved says that another server was quicker.
var errMoved = fmt.Errorf("the action was changed meanwhile; look at it again: %w", casefile.ErrConflict)

// keepAction writes an action: a new one, or over the one that is there, which
// must still be in the state that it was in.
func (b *Book) keepAction(tx session, a *casefile.Action, was casefile.ActionState) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	open := 0
	if a.State.Open() {
		open = 1
	}
	if was != "" {
		n, err := tx.change(`UPDATE action SET service = ?, target = ?, state = ?, open = ?, asked_at = ?, changed_at = ?, until = ?, body = ? WHERE id = ? AND state = ?`,
			a.Service, a.Target, a.State, open, nanos(a.AskedAt), nanos(a.ChangedAt), nanos(a.Until), body, a.ID, was)
		if err == nil && n == 0 {
			err = errMoved
		}
		return err
	}
	return tx.exec(`INSERT INTO action (id, incident, tenant, service, target, state, open, asked_at, changed_at, until, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.Incident, b.tenant, a.Service, a.Target, a.State, open, nanos(a.AskedAt), nanos(a.ChangedAt), nanos(a.Until), body)
}

func (b *Book) auditAction(tx session, a *casefile.Action) error {
	detail := fmt.Sprintf("%s %s %s to %s: %s", a.ID, a.Kind, a.Service, a.Revision, a.State)
	if a.Reason != "" {
		detail += ", " + a.Reason
	}
	return b.audit(tx, a.By, "action", a.Incident, detail)
}

// MoveAction carries one step out.
func (b *Book) MoveAction(ctx context.Context, id string, s ActionStep, m Message) (a casefile.Action, err error) {
	err = b.db.do(ctx, func(tx session) error {
		if _, err := b.expire(tx, b.now().UTC()); err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		return a, fmt.Errorf("action %s: %w", id, err)
	}
	err = b.db.do(ctx, func(tx session) error {
		a, err = b.step(tx, id, s, m)
		return err
	})
	return a, err
}

func (b *Book) step(tx session, id string, s ActionStep, m Message) (casefile.Action, error) {
	a, err := b.actionOf(tx, id)
	if err != nil {
		return a, err
	}
	now := b.now().UTC()
	if s.Answer != "" {
		news, err := firstAnswer(tx, id, s.Answer, now)
		if err != nil || !news {
			return a, err
		}
	}
	to, err := a.State.Move(s.Move)
	if err != nil || to == a.State {
		return a, err
	}
	if to == casefile.ActionQueued {
		if sw, err := b.stopped(tx); err != nil || sw.Stopped {
			return a, errors.Join(err, fmt.Errorf("%s%s: %w", casefile.StoppedBy, sw.By, casefile.ErrConflict))
		}
		why, err := b.targetBusy(tx, &a)
		if err != nil {
			return a, err
		}
		if why != "" {
			return a, fmt.Errorf("%s; approve this one when that has ended: %w", why, casefile.ErrConflict)
		}
		if err := tell(tx, a.Incident, b.tenant, now.UnixNano(), []Message{m}); err != nil {
			return a, err
		}
		a.Until = now.Add(a.Until.Sub(a.ChangedAt)) // the target has as long as the person had
	}
	was := a.State
	a.State, a.Reason, a.By, a.ChangedAt = to, s.Why, s.By, now
	if err := b.keepAction(tx, &a, was); err != nil {
		return a, err
	}
	return a, b.auditAction(tx, &a)
}

// answersKept is how long it is remembered that an answer came: longer than its
// signature counts.
const answersKept = 24 * time.Hour

// firstAnswer notes a target's answer; false when it came before.
func firstAnswer(tx session, action, id string, now time.Time) (bool, error) {
	if err := tx.exec(`DELETE FROM action_answer WHERE at < ?`, now.Add(-answersKept).UnixNano()); err != nil {
		return false, err
	}
	n, err := tx.change(`INSERT INTO action_answer (action, id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, action, id, now.UnixNano())
	return n == 1, err
}

// ExpireActions ends what nobody of the tenant's answered in time, and says how many.
func (b *Book) ExpireActions(ctx context.Context) (n int, err error) {
	err = b.db.do(ctx, func(tx session) error {
		n, err = b.expire(tx, b.now().UTC())
		return err
	})
	return n, err
}

func (b *Book) expire(tx session, now time.Time) (int, error) {
	late, err := list(tx, b.scanAction, `SELECT body FROM action WHERE tenant = ? AND open = 1 AND until < ? ORDER BY id LIMIT 100`, b.tenant, now.UnixNano())
	for i := range late {
		if err != nil {
			break
		}
		if err = b.end(tx, &late[i], casefile.ActionExpired, "wherefore", "nobody answered until "+late[i].Until.Format(time.RFC3339), now); errors.Is(err, errMoved) {
			err = nil // it was answered at the last moment
		}
	}
	return len(late), err
}

// end ends an open action, and takes its message back.
func (b *Book) end(tx session, a *casefile.Action, to casefile.ActionState, by, why string, now time.Time) error {
	was := a.State
	a.State, a.Reason, a.By, a.ChangedAt = to, why, by, now
	if err := b.keepAction(tx, a, was); err != nil {
		return err
	}
	if err := tx.exec(`DELETE FROM outbox WHERE id = ? AND incident = ?`, a.ID, a.Incident); err != nil {
		return err
	}
	return b.auditAction(tx, a)
}

// StopActions stops all of every tenant: what waits to be approved or sent is ended,
// and nothing further is asked for until ResumeActions.
func (b *Book) StopActions(ctx context.Context, by, why string) error {
	return b.db.do(ctx, func(tx session) error {
		now := b.now().UTC()
		n, err := tx.change(`INSERT INTO action_switch (id, at, actor, why) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING`, now.UnixNano(), by, why)
		if err != nil || n == 0 {
			return err // stopped already
		}
		tenants, err := list(tx, scanName, `SELECT DISTINCT tenant FROM action WHERE state IN (?, ?) ORDER BY tenant`, casefile.ActionWaiting, casefile.ActionQueued)
		for _, t := range tenants {
			err = errors.Join(err, b.of(evidence.Tenant(t)).stopDue(tx, by, now))
		}
		if err != nil {
			return err
		}
		return b.audit(tx, by, "stop actions", "", why)
	})
}

// allStopped is the reason of what StopActions ended.
const allStopped = "all actions were stopped"

// stopDue ends what of the tenant's waits to be approved or sent.
func (b *Book) stopDue(tx session, by string, now time.Time) error {
	if b.tenant != "" {
		by = casefile.OfTheServer // in the tenant's audit too
	}
	due, err := list(tx, b.scanAction, `SELECT body FROM action WHERE tenant = ? AND state IN (?, ?) ORDER BY id`, b.tenant, casefile.ActionWaiting, casefile.ActionQueued)
	for i := range due {
		if err != nil {
			break
		}
		// What another server has sent meanwhile is not stopped, and the rest is.
		if err = b.end(tx, &due[i], casefile.ActionStopped, by, allStopped, now); errors.Is(err, casefile.ErrConflict) {
			err = nil
		}
	}
	return err
}

// ResumeActions takes StopActions back.
func (b *Book) ResumeActions(ctx context.Context, by string) error {
	return b.db.do(ctx, func(tx session) error {
		n, err := tx.change(`DELETE FROM action_switch`)
		if err != nil || n == 0 {
			return err
		}
		return b.audit(tx, by, "resume actions", "", "")
	})
}

// ActionsStopped says whether all actions are stopped.
func (b *Book) ActionsStopped(ctx context.Context) (casefile.ActionSwitch, error) {
	return b.stopped(b.db.reading(ctx))
}

// stopped is whether all are, as the tenant is told.
func (b *Book) stopped(on session) (s casefile.ActionSwitch, err error) {
	var at int64
	err = on.row(`SELECT at, actor, why FROM action_switch WHERE id = 1`).Scan(&at, &s.By, &s.Why)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil
	}
	s.Stopped, s.At = err == nil, instant(at)
	if b.tenant != "" {
		s = s.ForTenants()
	}
	return s, err
}

// Action returns one action.
func (b *Book) Action(ctx context.Context, id string) (casefile.Action, error) {
	return b.actionOf(b.db.reading(ctx), id)
}

func (b *Book) actionOf(on session, id string) (casefile.Action, error) {
	a, err := b.scanAction(on.row(`SELECT body FROM action WHERE id = ? AND tenant = ?`, id, b.tenant))
	if errors.Is(err, sql.ErrNoRows) {
		return a, fmt.Errorf("there is no action %s: %w", id, evidence.ErrNotFound)
	}
	return a, err
}

// Actions returns an incident's actions in the order in which they were asked for.
func (b *Book) Actions(ctx context.Context, incident string) ([]casefile.Action, error) {
	return list(b.db.reading(ctx), b.scanAction, `SELECT body FROM action WHERE incident = ? AND tenant = ? ORDER BY asked_at, id`, incident, b.tenant)
}

// NewestActions returns the newest actions of all the tenant's incidents, at most limit.
func (b *Book) NewestActions(ctx context.Context, limit int) ([]casefile.Action, error) {
	return list(b.db.reading(ctx), b.scanAction, `SELECT body FROM action WHERE tenant = ? ORDER BY asked_at DESC, id LIMIT ?`, b.tenant, limit)
}

// scanAction reads an action as the tenant is told of it: earlier versions stored for
// every tenant who had stopped all.
func (b *Book) scanAction(r row) (a casefile.Action, err error) {
	var body []byte
	if err := r.Scan(&body); err != nil {
		return a, err
	}
	err = json.Unmarshal(body, &a)
	if b.tenant != "" {
		a = a.ForTenants()
	}
	return a, err
}

func scanName(r row) (name string, err error) {
	err = r.Scan(&name)
	return name, err
}
