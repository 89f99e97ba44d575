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

// known refuses to write about an incident that does not exist.
func (b *Book) known(tx session, id string) error {
	if err := b.settleIncident(tx, id); err != nil {
		return err
	}
	var there bool
	if err := tx.row(`SELECT `+theIncident+` IS NOT NULL`, id, b.tenant).Scan(&there); err != nil {
		return err
	}
	if !there {
		return fmt.Errorf("there is no incident %s: %w", id, evidence.ErrNotFound)
	}
	return nil
}

// audit writes down what was done, in the audit of whose incident it was done to.
func (b *Book) audit(tx session, actor, action, incident, detail string) error {
	return tx.exec(`INSERT INTO audit (at, actor, action, incident, detail, tenant) VALUES (?1, ?2, ?3, ?4, ?5, coalesce((SELECT tenant FROM incident WHERE id = ?4), ?6))`,
		nanos(b.time(tx)), actor, action, incident, detail, b.tenant)
}

// AddNote stores a note and returns it with its ID and time.
func (b *Book) AddNote(ctx context.Context, id string, n casefile.Note) (casefile.Note, error) {
	err := b.db.do(ctx, func(tx session) error {
		if err := b.known(tx, id); err != nil {
			return err
		}
		n.Time = b.now().UTC()
		if err := tx.row(`INSERT INTO note (incident, author, text, made_at) VALUES (?, ?, ?, ?) RETURNING id`, id, n.Author, n.Text, nanos(n.Time)).Scan(&n.ID); err != nil {
			return err
		}
		return b.audit(tx, n.Author, "note", id, "")
	})
	return n, err
}

// Notes returns an incident's notes in order of time.
func (b *Book) Notes(ctx context.Context, id string) ([]casefile.Note, error) {
	all, err := list(b.db.reading(ctx), func(r row) (n casefile.Note, err error) {
		var at int64
		err = r.Scan(&n.ID, &n.Author, &n.Text, &at)
		n.Time = instant(at)
		return n, err
	}, `SELECT id, author, text, made_at FROM note WHERE incident = `+theIncident+` ORDER BY made_at, id`, id, b.tenant)
	if err != nil {
		return nil, fmt.Errorf("notes of %s: %w", id, err)
	}
	return all, nil
}

// AddFeedback stores what a person said of a cause. It never changes a report.
func (b *Book) AddFeedback(ctx context.Context, id string, f casefile.Feedback) (casefile.Feedback, error) {
	switch f.Judgment {
	case "confirm", "reject", "correct":
	default:
		return f, fmt.Errorf("judgment %q is not one of confirm, reject, correct: %w", f.Judgment, evidence.ErrInvalid)
	}
	err := b.db.do(ctx, func(tx session) error {
		if err := b.known(tx, id); err != nil {
			return err
		}
		f.Time = b.now().UTC()
		body, err := json.Marshal(f)
		if err != nil {
			return err
		}
		verdict, err := b.verdictOf(tx, id, f.Revision)
		if err != nil {
			return err
		}
		if err := tx.row(`INSERT INTO feedback (incident, revision, judgment, body, made_at, verdict) VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
			id, f.Revision, f.Judgment, body, nanos(f.Time), verdict).Scan(&f.ID); err != nil {
			return err
		}
		return b.audit(tx, f.Author, "feedback", id, f.Judgment)
	})
	return f, err
}

// Feedback returns what people said of an incident's causes, in order of time.
func (b *Book) Feedback(ctx context.Context, id string) ([]casefile.Feedback, error) {
	all, err := list(b.db.reading(ctx), func(r row) (f casefile.Feedback, err error) {
		var rowID int64
		var body []byte
		if err = r.Scan(&rowID, &body); err == nil {
			err = json.Unmarshal(body, &f)
		}
		f.ID = rowID
		return f, err
	}, `SELECT id, body FROM feedback WHERE incident = `+theIncident+` ORDER BY made_at, id`, id, b.tenant)
	if err != nil {
		return nil, fmt.Errorf("feedback on %s: %w", id, err)
	}
	return all, nil
}

// alone refuses to open an incident again beside a later one of its group, which
// further alerts belong to.
func alone(tx session, id string) error {
	var other string
	err := tx.row(`SELECT o.id FROM incident i JOIN incident o ON o.receiver = i.receiver AND o.group_key = i.group_key
		WHERE i.id = ? AND o.id <> i.id AND i.solo = 0 AND o.solo = 0 AND o.resolved_at = 0 AND o.group_key <> '' LIMIT 1`, id).Scan(&other)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("the same alert group has incident %s open; resolve that first: %w", other, casefile.ErrConflict)
	}
	return err
}

// SetState acknowledges ("acknowledge"), resolves ("resolve") or reopens
// ("reopen") an incident on a person's word. Acknowledging twice keeps the
// first name.
func (b *Book) SetState(ctx context.Context, id string, action casefile.StateAction, actor string) (casefile.Incident, error) {
	err := b.db.do(ctx, func(tx session) error {
		if err := b.known(tx, id); err != nil {
			return err
		}
		var err error
		switch action {
		case casefile.Acknowledge:
			err = tx.exec(`UPDATE incident SET acknowledged_by = ? WHERE id = ? AND acknowledged_by = ''`, actor, id)
		case casefile.Resolve:
			err = tx.exec(`UPDATE incident SET state = 'resolved', resolved_at = ? WHERE id = ? AND resolved_at = 0`, nanos(b.now()), id)
		case casefile.Unacknowledge:
			err = tx.exec(`UPDATE incident SET acknowledged_by = '' WHERE id = ?`, id)
		case casefile.Reopen:
			if err = alone(tx, id); err != nil {
				return err
			}
			err = tx.exec(`UPDATE incident SET resolved_at = 0, state = CASE revision WHEN 0 THEN 'investigating' ELSE 'reported' END WHERE id = ?`, id)
		default:
			return fmt.Errorf("state action %q is not one of acknowledge, unacknowledge, resolve, reopen: %w", action, evidence.ErrInvalid)
		}
		if err != nil {
			return err
		}
		return b.audit(tx, actor, string(action), id, "")
	})
	if err != nil {
		return casefile.Incident{}, err
	}
	return b.Incident(ctx, id)
}
