package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Message is one notification, ready to be sent.
type Message struct {
	Target string // name of the configured target
	ID     string // the same for every attempt, so that receivers can tell
	Body   []byte
	MadeAt time.Time // when its report was stored; set by the casebook
}

// tell stores messages beside the report that they are about. A message that is
// there already stays as it is.
func tell(tx session, incident string, now int64, messages []Message) error {
	for _, m := range messages {
		if err := tx.exec(`INSERT INTO outbox (target, id, incident, body, made_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, m.Target, m.ID, incident, m.Body, now); err != nil {
			return err
		}
	}
	return nil
}

// Due returns a target's oldest message; ok is false when there is none.
func (b *Book) Due(ctx context.Context, target string) (m Message, ok bool, err error) {
	var at int64
	err = b.db.reading(ctx).row(`SELECT target, id, body, made_at FROM outbox WHERE target = ? ORDER BY made_at, id LIMIT 1`, target).Scan(&m.Target, &m.ID, &m.Body, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return m, false, nil
	}
	if err != nil {
		return m, false, fmt.Errorf("notifications due to %s: %w", target, err)
	}
	m.MadeAt = instant(at)
	return m, true, nil
}

// Settled drops a message that its target has taken, or that is given up.
func (b *Book) Settled(ctx context.Context, m Message) error {
	return b.db.do(ctx, func(tx session) error {
		err := tx.exec(`DELETE FROM outbox WHERE target = ? AND id = ?`, m.Target, m.ID)
		return err
	})
}

// Pending counts the messages that are due, by target.
func (b *Book) Pending(ctx context.Context) (map[string]int, error) {
	return b.counts(ctx, "notifications due", `SELECT target, count(*) FROM outbox GROUP BY target`)
}

// Forget drops all messages to a target that is no longer configured.
func (b *Book) Forget(ctx context.Context, target string) error {
	return b.db.do(ctx, func(tx session) error {
		err := tx.exec(`DELETE FROM outbox WHERE target = ?`, target)
		return err
	})
}
