package casebook

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Accept makes a notification durable and returns the incident it belongs to.
// A notification about a group that has an open incident joins it; about one
// that has none it opens one. New evidence makes an investigation due.
//
// The same notification sent again changes nothing as long as the group stands
// where it stood: after a resolution the same firing alert is the group firing
// again, and opens the incident again. Only a resolution that overtook its alert
// is told apart: the group had not fired before.
//
// It answers ErrOverloaded, with nothing stored, when too many investigations
// wait already.
func (b *Book) Accept(ctx context.Context, a evidence.Alert, raw []byte) (string, error) {
	return b.accept(ctx, a, raw, true)
}

// AcceptRecorded is Accept for an alert out of a recording: it is an incident
// of its own even while another one of the same group is open, since recordings
// of one group are of different times.
func (b *Book) AcceptRecorded(ctx context.Context, a evidence.Alert) (string, error) {
	return b.accept(ctx, a, nil, false)
}

// arrival is a notification on its way into the casebook.
type arrival struct {
	alert     evidence.Alert // without secrets, as are its bytes
	key       string
	body, raw []byte
	// join lets it belong to the open incident of its group.
	join bool
}

func (b *Book) accept(ctx context.Context, a evidence.Alert, raw []byte, join bool) (string, error) {
	a.Tenant = b.tenant // whatever the alert says
	a, raw = masked(a, raw)
	body, err := json.Marshal(a)
	if err != nil {
		return "", fmt.Errorf("accept: %w", err)
	}
	x := arrival{alert: a, key: notificationKey(a), body: body, raw: raw, join: join}
	defer b.inbox.begin()()
	id, left, err := b.leave(ctx, x)
	if err == nil && !left {
		id, err = b.fileNow(ctx, x)
	}
	if err != nil {
		b.backlog.forget()
		return "", fmt.Errorf("accept alert %q: %w", a.Name(), err)
	}
	return id, nil
}

// fileNow files a notification behind what waits of its group.
func (b *Book) fileNow(ctx context.Context, x arrival) (string, error) {
	var in joined
	due := false
	err := b.db.do(ctx, func(tx session) (err error) {
		in = joined{} // the closure may not assume it runs once
		if due, err = b.settle(tx, groupOf(receiverOf(x.alert), keyOf(x.alert.GroupKey))); err != nil {
			return err
		}
		in, err = b.place(tx, x)
		return err
	})
	if err == nil && (in.due || due) {
		_, severity, _ := labelsOf(x.alert)
		b.wake(due || levelOf(severity) == levels["critical"])
	}
	return in.id, err
}

// place files a notification: under its incident, with the investigation that it
// makes due.
func (b *Book) place(tx session, x arrival) (in joined, err error) {
	var said, turn int
	err = tx.row(`SELECT n.incident, n.turn, i.turn FROM notification n JOIN incident i ON i.id = n.incident WHERE n.key = ?`, x.key).Scan(&in.id, &said, &turn)
	if err == nil && said == turn {
		return in, nil
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return in, err
	}
	if in, err = b.join(tx, x.alert, x.join); err != nil {
		return in, err
	}
	if err := tx.exec(`INSERT INTO notification (key, incident, received_at, alert, raw, status, turn, seq)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT coalesce(max(seq), 0) + 1 FROM notification WHERE incident = ?2))
		ON CONFLICT (key) DO UPDATE SET incident = excluded.incident, received_at = excluded.received_at, turn = excluded.turn, seq = excluded.seq`,
		x.key, in.id, nanos(b.time(tx)), x.body, x.raw, x.alert.Status, in.turn); err != nil || !in.due {
		return in, err
	}
	return in, b.due(tx, in, x.alert)
}

// joined is the incident that a notification belongs to.
type joined struct {
	id   string
	turn int // how often its group was resolved or fired again
	// due says that it makes an investigation due, which a resolution does not.
	due bool
	// opened says that the incident is new.
	opened bool
}

// join finds the open incident of a notification's group, when it is to look
// for one, or opens one.
func (b *Book) join(tx session, a evidence.Alert, open bool) (in joined, err error) {
	if a.GroupKey == "" || !open {
		return b.open(tx, a, !open)
	}
	err = tx.row(`SELECT id, turn FROM incident WHERE receiver = ? AND group_key = ? AND resolved_at = 0 AND solo = 0`, receiverOf(a), keyOf(a.GroupKey)).Scan(&in.id, &in.turn)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return b.open(tx, a, false)
	case err != nil:
		return in, err
	case a.Status == evidence.StatusResolved:
		in.turn++
		return in, tx.exec(`UPDATE incident SET resolved_at = ?, state = ?, turn = ? WHERE id = ?`, nanos(b.time(tx)), casefile.StateResolved, in.turn, in.id)
	}
	in.due = true
	return in, worsen(tx, in.id, a)
}

// worsen gives an incident the severity of a further alert where that is higher,
// and its service and name where no alert about the former fires any more.
func worsen(tx session, id string, a evidence.Alert) error {
	var was, severity string
	if err := tx.row(`SELECT service, severity FROM incident WHERE id = ?`, id).Scan(&was, &severity); err != nil {
		return err
	}
	service, now, name := labelsOf(a)
	if levelOf(now) < levelOf(severity) {
		if err := tx.exec(`UPDATE incident SET severity = ? WHERE id = ?`, now, id); err != nil {
			return err
		}
	}
	if service == "" || stillNames(a, was) {
		return nil
	}
	return tx.exec(`UPDATE incident SET service = ?, alert_name = ? WHERE id = ?`, service, name, id)
}

// open opens the incident of a notification, or opens it again.
func (b *Book) open(tx session, a evidence.Alert, solo bool) (in joined, err error) {
	in = joined{id: a.IncidentID(), due: true}
	firing := a.Status != evidence.StatusResolved
	var resolved int64
	var fired bool
	err = tx.row(`SELECT turn, resolved_at, fired = 1 FROM incident WHERE id = ? AND tenant = ?`, in.id, b.tenant).Scan(&in.turn, &resolved, &fired)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return b.create(tx, a, solo)
	case err != nil:
		return in, err
	case !firing: // and so it was already
		in.due = false
		return in, nil
	case !fired: // its resolution overtook it
		return in, tx.exec(`UPDATE incident SET fired = 1 WHERE id = ?`, in.id)
	case resolved == 0:
		return in, nil
	}
	in.turn++
	if err := tx.exec(`UPDATE incident SET resolved_at = 0, turn = ?, acknowledged_by = '', state = CASE revision WHEN 0 THEN 'investigating' ELSE 'reported' END WHERE id = ?`, in.turn, in.id); err != nil {
		return in, err
	}
	return in, b.audit(tx, Itself, "reopened", in.id, "the alert group fired again after it was resolved")
}

// create makes the row of an incident.
func (b *Book) create(tx session, a evidence.Alert, solo bool) (joined, error) {
	in := joined{id: a.IncidentID(), due: true, opened: !solo}
	now := nanos(b.time(tx))
	service, severity, name := labelsOf(a)
	var resolved int64
	state := casefile.StateInvestigating
	if a.Status == evidence.StatusResolved {
		// The resolution overtook the alert, or the alert was never delivered.
		resolved, state, in.turn = now, casefile.StateResolved, 1
	}
	n, err := tx.change(`INSERT INTO incident (id, tenant, receiver, group_key, state, title, service, severity, alert_name, started_at, received_at, resolved_at, turn, fired, solo)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		in.id, b.tenant, receiverOf(a), keyOf(a.GroupKey), state, titleOf(a), service, severity, name, nanos(a.FiredAt()), now, resolved, in.turn, flag(resolved == 0), flag(solo))
	if err == nil && n == 0 { // another server opened it just now, or somebody looked for an alert with an ID that another tenant has
		if err = b.known(tx, in.id); errors.Is(err, evidence.ErrNotFound) {
			err = fmt.Errorf("the ID of the alert's incident, %s, is taken: %w", in.id, casefile.ErrConflict)
		}
	}
	return in, err
}

// Itself is the actor of what the program does unasked.
const Itself = "wherefore"

// Rerun makes an investigation of a known incident due again, over a window
// that a person chose when it is not zero.
func (b *Book) Rerun(ctx context.Context, id, actor string, w evidence.Window) error {
	err := b.db.do(ctx, func(tx session) error {
		if err := b.known(tx, id); err != nil {
			return err
		}
		leader, _, err := leaderOf(tx, id)
		if err == nil && leader != "" { // somebody wants an answer about this one
			err = b.unfold(tx, id, leader)
		}
		if err != nil {
			return err
		}
		j := Job{Incident: id, Window: w, Why: casefile.WhyAgain}
		if actor == Itself {
			j.Why = casefile.WhyLater
		}
		if err := b.audit(tx, actor, "rerun", id, ""); err != nil {
			return err
		}
		return b.enqueue(tx, j)
	})
	if err != nil {
		b.backlog.forget()
		return err
	}
	b.wake(true)
	return nil
}
