package casebook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// How long one transaction files while alerts are taken beside it, and while none
// come; between the former it rests restShare times as long, since the two share
// one writer. Whatever fails is tried again after fileAgain.
const (
	fileBeside = 2 * time.Millisecond
	fileAlone  = 20 * time.Millisecond
	restShare  = 15
	fileAgain  = time.Second
)

// Unfiled is how many alerts wait in the inbox.
func (b *Book) Unfiled() int { return b.inbox.size() }

// Settle files everything that was accepted and waits to be, but what the queue
// has no room for.
func (b *Book) Settle(ctx context.Context) error {
	for more := b.inbox != nil; more; {
		var err error
		if more, err = b.file(ctx, fileAlone); err != nil {
			return fmt.Errorf("filing alerts: %w", err)
		}
	}
	return nil
}

// beginFiling lets alerts go through the inbox, until the casebook is closed.
func (b *Book) beginFiling(ctx context.Context) {
	ctx, b.rest = context.WithCancel(context.WithoutCancel(ctx))
	b.inbox.filing = true
	b.inbox.tell()
	b.filing.Go(func() { b.fileAlways(ctx) })
}

// tell says that something may be there to be filed.
func (x *inbox) tell() {
	select {
	case x.some <- struct{}{}:
	default:
	}
}

// fileAlways files what is put into the inbox, until ctx ends.
func (b *Book) fileAlways(ctx context.Context) {
	for {
		select {
		case <-b.inbox.some:
		case <-time.After(fileAgain): // what found no room
			if b.inbox.idle() {
				continue
			}
		case <-ctx.Done():
			return
		}
		for ctx.Err() == nil {
			before, budget := b.inbox.taken.Load(), fileAlone
			if b.inbox.underway.Load() > 0 {
				budget = fileBeside
			}
			begun := time.Now()
			if more, err := b.file(ctx, budget); err != nil || !more {
				break // a refused write is said by Ping
			}
			if b.inbox.taken.Load() != before && b.inbox.size() < mostInbox*3/4 {
				rest(ctx, restShare*time.Since(begun))
			}
		}
	}
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// file files what came first, for so long, in one transaction; more says that
// something is left to be filed.
func (b *Book) file(ctx context.Context, budget time.Duration) (more bool, err error) {
	due := false
	err = b.db.do(ctx, func(tx session) error {
		more, due = false, false
		if err := b.inbox.load(tx); err != nil {
			return err
		}
		tx.onUndo(b.inbox.forget)
		if err := b.looseHeld(tx); err != nil {
			return err
		}
		for begun := time.Now(); time.Since(begun) < budget; {
			s, ok := b.inbox.next()
			if !ok {
				return nil
			}
			in, err := b.fileOne(tx, s)
			if err != nil {
				return err
			}
			due = due || in.due
		}
		more = true
		return nil
	})
	if err == nil && due {
		b.wake(true)
	}
	return more, err
}

// looseHeld has what found no room looked at again once there is some.
func (b *Book) looseHeld(tx session) error {
	if !b.inbox.holds() {
		return nil
	}
	for _, t := range b.inbox.heldBy() {
		err := b.room(tx, t)
		if err == nil {
			b.inbox.release(t)
		}
		if err != nil && !errors.Is(err, ErrOverloaded) {
			return err
		}
	}
	return nil
}

// kept is a row of the inbox.
type kept struct {
	slot
	at time.Time
	arrival
}

func readKept(tx session, seq int64) (k kept, err error) {
	var receiver, key string
	var at int64
	err = tx.row(`SELECT seq, receiver, group_key, received_at, key, alert, raw FROM inbox WHERE seq = ?`, seq).Scan(&k.seq, &receiver, &key, &at, &k.key, &k.body, &k.raw)
	if err != nil {
		return k, err
	}
	k.group, k.at, k.join = groupOf(receiver, key), instant(at), true
	return k, json.Unmarshal(k.body, &k.alert)
}

// fileOne files one row. What finds no room waits for it, and what cannot be filed
// for a reason of its own waits for somebody who reads the audit; both hold up
// their own group alone.
func (b *Book) fileOne(tx session, s slot) (in joined, err error) {
	if err := tx.exec(`SAVEPOINT filed`); err != nil {
		return in, err
	}
	in, err = b.move(tx, s.seq)
	if err == nil {
		return in, tx.exec(`RELEASE filed`)
	}
	if refusal(err) != nil {
		return in, err
	}
	if err := tx.exec(`ROLLBACK TO filed`); err != nil {
		return in, err
	}
	if err := tx.exec(`RELEASE filed`); err != nil {
		return in, err
	}
	b.backlog.forget()
	full := errors.Is(err, ErrOverloaded)
	b.inbox.hold(s, full)
	if full {
		return joined{}, nil
	}
	return joined{}, b.audit(tx, Itself, "filing-failed", "", fmt.Sprintf("alert %d of the inbox: %v", s.seq, err))
}

// move makes a row of the inbox what it would have become when it came.
func (b *Book) move(tx session, seq int64) (in joined, err error) {
	k, err := readKept(tx, seq)
	if err != nil {
		return in, err
	}
	tx.at = k.at
	if in, err = b.of(k.alert.Tenant).place(tx, k.arrival); err != nil {
		return in, err
	}
	if err := tx.exec(`DELETE FROM inbox WHERE seq = ?`, seq); err != nil {
		return in, err
	}
	b.inbox.filed(tx, k.group)
	return in, nil
}

// settle files what waits of a group before something else happens to it. It has
// room, since it was said to be taken.
func (b *Book) settle(tx session, group string) (due bool, err error) {
	if b.inbox == nil {
		return false, nil
	}
	if err := b.inbox.load(tx); err != nil {
		return false, err
	}
	p := b.inbox.waits(group)
	if p == nil {
		return false, nil
	}
	tx.accepted = true
	tx.onUndo(b.inbox.forget)
	for _, w := range slices.Clone(p.rows) {
		in, err := b.move(tx, w.seq)
		if err != nil {
			return due, err
		}
		due = due || in.due
	}
	return due, nil
}

// settleIncident is settle for the group whose senders were told an incident.
func (b *Book) settleIncident(tx session, id string) error {
	if !b.inbox.has(id) {
		return nil
	}
	if err := b.inbox.load(tx); err != nil {
		return err
	}
	_, err := b.settle(tx, b.inbox.groupWith(id))
	return err
}
