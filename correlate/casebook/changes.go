package casebook

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// mostEarly is how far a change may lie in the future: clocks differ a little.
const mostEarly = 5 * time.Minute

// AddChanges stores a batch of announced changes, whole or not at all. Every
// version is kept; the same ID of the same sender again corrects the change,
// and nobody corrects another sender's.
func (b *Book) AddChanges(ctx context.Context, sender string, batch []evidence.Change) error {
	bodies := make([][]byte, len(batch))
	latest := b.now().Add(mostEarly)
	for i, c := range batch {
		if c.ID == "" || c.Time.IsZero() {
			return fmt.Errorf("a change needs an ID and a time: %w", evidence.ErrInvalid)
		}
		if len(c.ID) > mostIndexed {
			return fmt.Errorf("the ID of a change may have %d bytes, %.80q… has %d: %w", mostIndexed, c.ID, len(c.ID), evidence.ErrInvalid)
		}
		if c.Time.After(latest) {
			return fmt.Errorf("change %.80q is of %s, which is yet to come; announce it when it happens: %w", c.ID, c.Time.UTC().Format(time.RFC3339), evidence.ErrInvalid)
		}
		var err error
		if bodies[i], err = json.Marshal(maskedChange(c)); err != nil {
			return err
		}
	}
	return b.db.do(ctx, func(tx session) error {
		for i, c := range batch {
			if err := b.addChange(tx, sender, c, bodies[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *Book) addChange(tx session, sender string, c evidence.Change, body []byte) error {
	var before []byte
	var version int
	err := tx.row(`SELECT body, version FROM change WHERE tenant = ? AND sender = ? AND id = ? ORDER BY version DESC LIMIT 1`, b.tenant, sender, c.ID).Scan(&before, &version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) || err == nil && bytes.Equal(before, body) {
		return err
	}
	return tx.exec(`INSERT INTO change (tenant, sender, id, version, time, announced_at, body) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		b.tenant, sender, c.ID, version+1, nanos(c.Time), nanos(b.now()), body)
}

// mostChanges bounds what one window gives.
const mostChanges = 10_000

// Changes returns the announced changes in the window in order of time, then
// ID, each as it was corrected last. Where several senders used one ID, all but
// the first to announce it have their name added to it. With it a casebook is a
// correlate.ChangeSource.
func (b *Book) Changes(ctx context.Context, w evidence.Window) ([]evidence.Change, error) {
	all, err := list(b.db.reading(ctx), func(r row) (c evidence.Change, err error) {
		var body []byte
		var sender string
		var first bool
		if err = r.Scan(&body, &sender, &first); err != nil {
			return c, err
		}
		if err = json.Unmarshal(body, &c); err == nil && !first {
			c.ID += "@" + sender
		}
		return c, err
	}, `SELECT body, sender, NOT EXISTS (SELECT 1 FROM change o WHERE o.tenant = c.tenant AND o.id = c.id AND o.sender <> c.sender AND o.version = 1
			AND (o.announced_at < (SELECT announced_at FROM change f WHERE f.tenant = c.tenant AND f.sender = c.sender AND f.id = c.id AND f.version = 1)
				OR o.announced_at = (SELECT announced_at FROM change f WHERE f.tenant = c.tenant AND f.sender = c.sender AND f.id = c.id AND f.version = 1) AND o.sender < c.sender))
		FROM change c WHERE tenant = ? AND time >= ? AND time < ? AND NOT EXISTS (SELECT 1 FROM change n WHERE n.tenant = c.tenant AND n.sender = c.sender AND n.id = c.id AND n.version > c.version)
		ORDER BY time, id, sender LIMIT ?`, b.tenant, nanos(w.Start), nanos(w.End), mostChanges)
	if err != nil {
		return nil, fmt.Errorf("changes: %w: %w", evidence.ErrUnavailable, err)
	}
	return all, nil
}
