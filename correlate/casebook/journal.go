package casebook

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// known refuses to write about an incident that does not exist.
func known(tx *sql.Tx, id string) error {
	var there bool
	if err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM incident WHERE id = ?)`, id).Scan(&there); err != nil {
		return err
	}
	if !there {
		return fmt.Errorf("there is no incident %s: %w", id, evidence.ErrNotFound)
	}
	return nil
}

func (b *Book) audit(tx *sql.Tx, actor, action, incident, detail string) error {
	_, err := tx.Exec(`INSERT INTO audit (at, actor, action, incident, detail) VALUES (?, ?, ?, ?, ?)`,
		nanos(b.now()), actor, action, incident, detail)
	return err
}

// AddNote stores a note and returns it with its ID and time.
func (b *Book) AddNote(ctx context.Context, id string, n correlate.Note) (correlate.Note, error) {
	err := b.write.do(ctx, func(tx *sql.Tx) error {
		if err := known(tx, id); err != nil {
			return err
		}
		n.Time = b.now().UTC()
		res, err := tx.Exec(`INSERT INTO note (incident, author, text, made_at) VALUES (?, ?, ?, ?)`, id, n.Author, n.Text, nanos(n.Time))
		if err != nil {
			return err
		}
		if n.ID, err = res.LastInsertId(); err != nil {
			return err
		}
		return b.audit(tx, n.Author, "note", id, "")
	})
	return n, err
}

// Notes returns an incident's notes in order of time.
func (b *Book) Notes(ctx context.Context, id string) ([]correlate.Note, error) {
	rows, err := b.read.QueryContext(ctx, `SELECT id, author, text, made_at FROM note WHERE incident = ? ORDER BY made_at, id`, id)
	if err != nil {
		return nil, fmt.Errorf("notes of %s: %w", id, err)
	}
	defer func() { _ = rows.Close() }()
	var notes []correlate.Note
	for rows.Next() {
		var n correlate.Note
		var at int64
		if err := rows.Scan(&n.ID, &n.Author, &n.Text, &at); err != nil {
			return nil, err
		}
		n.Time = instant(at)
		notes = append(notes, n)
	}
	return notes, rows.Err()
}

// AddFeedback stores what a person said of a cause. It never changes a report.
func (b *Book) AddFeedback(ctx context.Context, id string, f correlate.Feedback) (correlate.Feedback, error) {
	switch f.Judgment {
	case "confirm", "reject", "correct":
	default:
		return f, fmt.Errorf("judgment %q is not one of confirm, reject, correct: %w", f.Judgment, evidence.ErrInvalid)
	}
	err := b.write.do(ctx, func(tx *sql.Tx) error {
		if err := known(tx, id); err != nil {
			return err
		}
		f.Time = b.now().UTC()
		body, err := json.Marshal(f)
		if err != nil {
			return err
		}
		verdict, err := verdictOf(tx, id, f.Revision)
		if err != nil {
			return err
		}
		res, err := tx.Exec(`INSERT INTO feedback (incident, revision, judgment, body, made_at, verdict) VALUES (?, ?, ?, ?, ?, ?)`,
			id, f.Revision, f.Judgment, body, nanos(f.Time), verdict)
		if err != nil {
			return err
		}
		if f.ID, err = res.LastInsertId(); err != nil {
			return err
		}
		return b.audit(tx, f.Author, "feedback", id, f.Judgment)
	})
	return f, err
}

// Feedback returns what people said of an incident's causes, in order of time.
func (b *Book) Feedback(ctx context.Context, id string) ([]correlate.Feedback, error) {
	rows, err := b.read.QueryContext(ctx, `SELECT id, body FROM feedback WHERE incident = ? ORDER BY made_at, id`, id)
	if err != nil {
		return nil, fmt.Errorf("feedback on %s: %w", id, err)
	}
	defer func() { _ = rows.Close() }()
	var list []correlate.Feedback
	for rows.Next() {
		var f correlate.Feedback
		var rowID int64
		var body []byte
		if err := rows.Scan(&rowID, &body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(body, &f); err != nil {
			return nil, fmt.Errorf("feedback %d on %s: %w", rowID, id, err)
		}
		f.ID = rowID
		list = append(list, f)
	}
	return list, rows.Err()
}

// SetState acknowledges ("acknowledge"), resolves ("resolve") or reopens
// ("reopen") an incident on a person's word. Acknowledging twice keeps the
// first name.
func (b *Book) SetState(ctx context.Context, id, action, actor string) (correlate.Incident, error) {
	err := b.write.do(ctx, func(tx *sql.Tx) error {
		if err := known(tx, id); err != nil {
			return err
		}
		var err error
		switch action {
		case "acknowledge":
			_, err = tx.Exec(`UPDATE incident SET acknowledged_by = ? WHERE id = ? AND acknowledged_by = ''`, actor, id)
		case "resolve":
			_, err = tx.Exec(`UPDATE incident SET state = 'resolved', resolved_at = ? WHERE id = ? AND resolved_at = 0`, nanos(b.now()), id)
		case "reopen":
			_, err = tx.Exec(`UPDATE incident SET resolved_at = 0, state = CASE revision WHEN 0 THEN 'investigating' ELSE 'reported' END WHERE id = ?`, id)
		default:
			return fmt.Errorf("state action %q is not one of acknowledge, resolve, reopen: %w", action, evidence.ErrInvalid)
		}
		if err != nil {
			return err
		}
		return b.audit(tx, actor, action, id, "")
	})
	if err != nil {
		return correlate.Incident{}, err
	}
	return b.Incident(ctx, id)
}

// AddChange stores an announced change. The same ID again replaces it, since
// senders correct themselves.
func (b *Book) AddChange(ctx context.Context, c evidence.Change) error {
	if c.ID == "" || c.Time.IsZero() {
		return fmt.Errorf("a change needs an ID and a time: %w", evidence.ErrInvalid)
	}
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return b.write.do(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO change (id, time, body) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET time = excluded.time, body = excluded.body`,
			c.ID, nanos(c.Time), body)
		return err
	})
}

// Changes returns the announced changes in the window in order of time, then
// ID. With it a casebook is a correlate.ChangeSource.
func (b *Book) Changes(ctx context.Context, w evidence.Window) ([]evidence.Change, error) {
	rows, err := b.read.QueryContext(ctx, `SELECT body FROM change WHERE time >= ? AND time < ? ORDER BY time, id LIMIT 10000`, nanos(w.Start), nanos(w.End))
	if err != nil {
		return nil, fmt.Errorf("changes: %w: %w", evidence.ErrUnavailable, err)
	}
	defer func() { _ = rows.Close() }()
	var list []evidence.Change
	for rows.Next() {
		var c evidence.Change
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(body, &c); err != nil {
			return nil, fmt.Errorf("changes: %w", err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}
