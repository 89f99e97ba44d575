package casebook

import (
	"sync"
	"time"
)

// The clock of a machine may be set, by hours, while a server runs or while none
// does. Leases do not follow it (see database.clock). What is due does: set forward,
// things are due sooner, which costs nothing; set back, they would be due later by as
// much, and be begun behind all that comes meanwhile. That is noticed here.

// clockSlack is by how much clocks differ without anybody having set one: servers
// that share a database have one each.
const clockSlack = time.Minute

// watch notices that the clock was set back.
type watch struct {
	mu   sync.Mutex
	last time.Time // the latest that was seen; zero before the first look
}

// setBack reports whether the clock may have been set back since the last look; at the
// first look nobody knows.
func (w *watch) setBack(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	back := w.last.IsZero() || now.Before(w.last.Add(-clockSlack))
	if back || now.After(w.last) {
		w.last = now
	}
	return back
}

// catchUp has what was queued by a clock that was ahead wait no longer than if it
// had been queued now.
func catchUp(tx session, now time.Time) error {
	return tx.exec(`UPDATE job SET due_at = due_at - (queued_at - ?1), begin_by = begin_by - (queued_at - ?1), queued_at = ?1 WHERE queued_at > ?2`,
		nanos(now), nanos(now.Add(clockSlack)))
}
