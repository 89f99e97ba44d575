package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Message is one notification, ready to be sent.
type Message struct {
	Target string // name of the configured target
	ID     string // the same for every attempt, so that receivers can tell
	Body   []byte
	MadeAt time.Time // when its report was stored; set by the casebook
}

// tell stores messages beside the report that they are about, to the targets of its
// tenant. A message that is there already stays as it is.
func tell(tx session, incident string, t evidence.Tenant, now int64, messages []Message) error {
	for _, m := range messages {
		if err := tx.exec(`INSERT INTO outbox (target, id, incident, body, made_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, named(t, m.Target), m.ID, incident, m.Body, now); err != nil {
			return err
		}
	}
	return nil
}

// Tell makes messages about an incident due to their targets.
func (b *Book) Tell(ctx context.Context, incident string, messages ...Message) error {
	return b.db.do(ctx, func(tx session) error {
		if err := b.known(tx, incident); err != nil {
			return err
		}
		return tell(tx, incident, b.tenant, nanos(b.now()), messages)
	})
}

// messageLease is how long a message is one server's to send. One that dies has
// it sent later by another, with the same ID.
const messageLease = 3 * time.Minute

// Due returns a target's oldest message, and makes it this server's to send; ok
// is false when there is none, or when another server has it. A target gets its
// messages in order.
func (b *Book) Due(ctx context.Context, target string) (m Message, ok bool, err error) {
	err = b.db.do(ctx, func(tx session) error {
		m, ok = Message{}, false
		var at int64
		var free bool
		m.Target = target
		err := tx.row(`SELECT id, body, made_at, owner = ?3 OR lease_until < `+tx.clock+` FROM outbox WHERE target = ?2 ORDER BY made_at, id LIMIT 1`,
			b.db.clock(), named(b.tenant, target), b.name).Scan(&m.ID, &m.Body, &at, &free)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !free {
			return nil
		}
		if err != nil {
			return err
		}
		m.MadeAt = instant(at)
		n, err := tx.change(`UPDATE outbox SET owner = ?4, lease_until = `+tx.clock+` + ?5 WHERE target = ?2 AND id = ?3 AND (owner = ?4 OR lease_until < `+tx.clock+`)`,
			b.db.clock(), named(b.tenant, target), m.ID, b.name, int64(messageLease))
		ok = n == 1
		return err
	})
	if err != nil {
		return Message{}, false, fmt.Errorf("notifications due to %s: %w", target, err)
	}
	return m, ok, nil
}

// Settled drops a message that its target has taken, or that is given up.
func (b *Book) Settled(ctx context.Context, m Message) error {
	return b.db.do(ctx, func(tx session) error {
		err := tx.exec(`DELETE FROM outbox WHERE target = ? AND id = ?`, named(b.tenant, m.Target), m.ID)
		return err
	})
}

// Pending counts the messages that are due, by target.
func (b *Book) Pending(ctx context.Context) (map[string]int, error) {
	all, err := b.counts(ctx, "notifications due", `SELECT target, count(*) FROM outbox GROUP BY target`)
	mine := map[string]int{}
	for target, n := range all {
		if t, name := ownerOf(target); t == b.tenant {
			mine[name] = n
		}
	}
	return mine, err
}

// Forget drops all messages to a target that is no longer configured.
func (b *Book) Forget(ctx context.Context, target string) error {
	return b.db.do(ctx, func(tx session) error {
		err := tx.exec(`DELETE FROM outbox WHERE target = ?`, named(b.tenant, target))
		return err
	})
}
