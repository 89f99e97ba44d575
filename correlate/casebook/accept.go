package casebook

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Accept makes a notification durable and returns the incident it belongs to.
// The same notification sent again changes nothing. A notification about a
// group that has an open incident joins it; about one that has none it opens
// one. New evidence makes an investigation due.
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

func (b *Book) accept(ctx context.Context, a evidence.Alert, raw []byte, join bool) (string, error) {
	body, err := json.Marshal(a)
	if err != nil {
		return "", fmt.Errorf("accept: %w", err)
	}
	var id string
	due := false
	err = b.db.do(ctx, func(tx session) error {
		id, due = "", false // the closure may not assume it runs once
		key := notificationKey(a)
		err := tx.row(`SELECT incident FROM notification WHERE key = ?`, key).Scan(&id)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if id, due, err = b.join(tx, a, join); err != nil {
			return err
		}
		err = tx.exec(`INSERT INTO notification (key, incident, received_at, alert, raw) VALUES (?, ?, ?, ?, ?)`,
			key, id, nanos(b.now()), body, raw)
		if err != nil || !due {
			return err
		}
		return b.enqueue(tx, Job{Incident: id, Alert: a, Why: "alert"})
	})
	if err != nil {
		return "", fmt.Errorf("accept alert %q: %w", a.Name(), err)
	}
	if due {
		b.wake()
	}
	return id, nil
}

// join finds the open incident of a notification's group, when it is to look
// for one, or opens one, and says whether that makes an investigation due: a
// resolution does not.
func (b *Book) join(tx session, a evidence.Alert, open bool) (id string, due bool, err error) {
	now := nanos(b.now())
	var state string
	err = tx.row(`SELECT id, state FROM incident WHERE receiver = ? AND group_key = ? AND resolved_at = 0
		ORDER BY started_at DESC, id LIMIT 1`, a.Receiver, a.GroupKey).Scan(&id, &state)
	switch {
	case errors.Is(err, sql.ErrNoRows) || a.GroupKey == "" || !open:
		id = a.IncidentID()
	case err != nil:
		return "", false, err
	case a.Status == evidence.StatusResolved:
		err = tx.exec(`UPDATE incident SET resolved_at = ?, state = ? WHERE id = ?`, now, correlate.StateResolved, id)
		return id, false, err
	default:
		return id, true, nil
	}
	service, severity, name := labelsOf(a)
	var resolved int64
	first := correlate.StateInvestigating
	if a.Status == evidence.StatusResolved {
		// The resolution overtook the alert, or the alert was never delivered.
		resolved, first = now, correlate.StateResolved
	}
	err = tx.exec(`INSERT INTO incident (id, receiver, group_key, state, title, service, severity, alert_name, started_at, received_at, resolved_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		id, a.Receiver, a.GroupKey, first, titleOf(a), service, severity, name, nanos(a.FiredAt()), now, resolved)
	return id, true, err
}

// Job is one investigation that is due.
type Job struct {
	Incident string         `json:"incident"`
	Alert    evidence.Alert `json:"alert"`
	// Revision is the number that its report will have.
	Revision int `json:"revision"`
	// Window is set when a person chose it.
	Window evidence.Window `json:"window,omitzero"`
	// ReceivedAt is when the newest alert of the job was made durable, in Unix
	// nanoseconds.
	ReceivedAt int64 `json:"receivedAt"`
	Attempts   int   `json:"attempts"`
	// Why it is due: "alert", "later evidence" or "run again by hand".
	Why string `json:"why"`
}

// enqueue makes a job due, or notes on the one being worked at that it is to
// run again.
func (b *Book) enqueue(tx session, j Job) error {
	var waiting int
	if err := tx.row(`SELECT count(*) FROM job`).Scan(&waiting); err != nil {
		return err
	}
	j.ReceivedAt = nanos(b.now())
	body, err := json.Marshal(j)
	if err != nil {
		return err
	}
	var present bool
	if err := tx.row(`SELECT EXISTS (SELECT 1 FROM job WHERE incident = ?)`, j.Incident).Scan(&present); err != nil {
		return err
	}
	if !present && waiting >= b.limit {
		return fmt.Errorf("%w (%d); try again later", ErrOverloaded, waiting)
	}
	err = tx.exec(`INSERT INTO job (incident, request, queued_at) VALUES (?, ?, ?)
		ON CONFLICT (incident) DO UPDATE SET request = excluded.request, again = claimed`,
		j.Incident, body, j.ReceivedAt)
	return err
}

// Itself is the actor of what the program does unasked.
const Itself = "wherefore"

// Rerun makes an investigation of a known incident due again, over a window
// that a person chose when it is not zero.
func (b *Book) Rerun(ctx context.Context, id, actor string, w evidence.Window) error {
	err := b.db.do(ctx, func(tx session) error {
		var body []byte
		err := tx.row(`SELECT alert FROM notification WHERE incident = ? ORDER BY received_at DESC, key LIMIT 1`, id).Scan(&body)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("there is no incident %s: %w", id, evidence.ErrNotFound)
		}
		if err != nil {
			return err
		}
		j := Job{Incident: id, Window: w, Why: "run again by hand"}
		if actor == Itself {
			j.Why = "later evidence"
		}
		if err := json.Unmarshal(body, &j.Alert); err != nil {
			return err
		}
		if err := b.audit(tx, actor, "rerun", id, ""); err != nil {
			return err
		}
		return b.enqueue(tx, j)
	})
	if err == nil {
		b.wake()
	}
	return err
}

// wake tells a waiting worker that a job may be due.
func (b *Book) wake() {
	select {
	case b.waiting <- struct{}{}:
	default:
	}
}
