package casebook

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

const (
	// crowd is how many alerts are being taken at once when they go through the
	// inbox; fewer are filed while their senders wait.
	crowd = 4
	// mostInbox and mostInboxBytes bound what waits in the inbox. Beyond, senders
	// wait until their alert is filed.
	mostInbox      = 100_000
	mostInboxBytes = 256 << 20
)

// inbox knows what waits in the table of that name: alerts that are durable, whose
// senders know their incident, and that are not filed yet. Filing one changes many
// rows and indexes, for which a burst of senders would wait. It is only for a
// database that nobody else writes to, and is nil for others.
//
// All but begin, busy, has, needs and tell is called inside of transactions, of which there is
// one at a time.
type inbox struct {
	underway atomic.Int32  // alerts that are being taken
	taken    atomic.Int64  // alerts that were put in so far
	some     chan struct{} // holds one when something was put in
	filing   bool          // somebody files what is put in

	mu     sync.Mutex
	known  bool // what follows is what the table holds
	last   int64
	rows   int
	bytes  int64
	groups map[string]*pending
	of     map[string]string // the group that an incident's alerts are of
	going  map[string]int    // incidents whose last alert is filed once the transaction is durable
	fresh  map[string]int    // by receiver, the groups without an incident yet
	order  lanes             // what is to be filed
	held   []slot            // what found no room in the queue, before all of that
}

// pending is what waits of one alert group.
type pending struct {
	receiver string
	incident string // that its senders were told
	open     bool   // it is open once all is filed, and so the next belongs to it too
	fresh    bool   // its incident is not there yet
	held     bool   // what came first could not be filed
	rows     []waiting
}

// waiting is a row of the table; slot is its place among all.
type (
	waiting struct{ seq, bytes int64 }
	slot    struct {
		seq   int64
		group string
	}
)

func newInbox() *inbox { return &inbox{some: make(chan struct{}, 1)} }

// groupOf names an alert group.
func groupOf(receiver, key string) string { return receiver + "\x00" + key }

// begin counts an alert that is being taken until the function is called.
func (x *inbox) begin() (end func()) {
	if x == nil {
		return func() {}
	}
	x.underway.Add(1)
	return func() { x.underway.Add(-1) }
}

// busy reports whether so many alerts come that filing is left for later.
func (x *inbox) busy() bool {
	if x == nil || !x.filing {
		return false
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.rows > 0 || x.underway.Load() >= crowd
}

// has reports whether an alert of an incident may wait.
func (x *inbox) has(incident string) bool {
	if x == nil {
		return false
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return !x.known || x.of[incident] != "" || x.going[incident] > 0
}

// idle reports whether surely nothing waits.
func (x *inbox) idle() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.known && x.rows == 0
}

// size is how many alerts wait.
func (x *inbox) size() int {
	if x == nil {
		return 0
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.rows
}

// forget has the table read again: a transaction did not come to be.
func (x *inbox) forget() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.known = false
}

// load reads what waits, unless it is known.
func (x *inbox) load(tx session) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.known {
		return nil
	}
	x.last, x.rows, x.bytes, x.order, x.held = 0, 0, 0, lanes{}, nil
	x.groups, x.of, x.going, x.fresh = map[string]*pending{}, map[string]string{}, map[string]int{}, map[string]int{}
	err := tx.each(`SELECT seq, receiver, group_key, incident, fresh = 1, status, length(alert) + coalesce(length(raw), 0) FROM inbox ORDER BY seq`, nil, func(r row) error {
		var w waiting
		var receiver, key, incident, status string
		var fresh bool
		if err := r.Scan(&w.seq, &receiver, &key, &incident, &fresh, &status, &w.bytes); err != nil {
			return err
		}
		x.put(w, receiver, key, incident, fresh, status)
		return nil
	})
	x.known = err == nil
	return err
}

// put notes a row of the table.
func (x *inbox) put(w waiting, receiver, key, incident string, fresh bool, status string) {
	g := groupOf(receiver, key)
	p := x.groups[g]
	if p == nil {
		p = &pending{receiver: receiver, incident: incident, fresh: fresh}
		x.groups[g], x.of[incident] = p, g
		if fresh {
			x.fresh[receiver]++
		}
	}
	p.open = status != evidence.StatusResolved
	p.rows = append(p.rows, w)
	owner, _ := ownerOf(receiver)
	x.order.add(owner, false, slot{w.seq, g})
	x.last = max(x.last, w.seq)
	x.rows++
	x.bytes += w.bytes
}

// filed notes that the first row of a group is not in the table any more.
func (x *inbox) filed(tx session, g string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	p := x.groups[g]
	x.rows--
	x.bytes -= p.rows[0].bytes
	if p.rows = p.rows[1:]; len(p.rows) > 0 {
		return
	}
	delete(x.groups, g)
	delete(x.of, p.incident)
	x.going[p.incident]++
	tx.onDone(func() { x.gone(p.incident) })
	if p.fresh {
		if x.fresh[p.receiver]--; x.fresh[p.receiver] <= 0 {
			delete(x.fresh, p.receiver)
		}
	}
}

// gone notes that an incident is as all its alerts say.
func (x *inbox) gone(incident string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.going[incident]--; x.going[incident] <= 0 {
		delete(x.going, incident)
	}
}

// waits is what waits of a group; nil for nothing.
func (x *inbox) waits(g string) *pending {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.groups[g]
}

// groupWith is the group whose senders were told an incident, empty for none.
func (x *inbox) groupWith(incident string) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.of[incident]
}

// needs is for about how many investigations of a tenant there has to be room once
// all is filed: in a storm many groups of one receiver are one.
func (x *inbox) needs(t evidence.Tenant, folding bool) int {
	if x == nil {
		return 0
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	all, receivers := 0, 0
	for receiver, n := range x.fresh {
		if owner, _ := ownerOf(receiver); owner == t {
			all, receivers = all+n, receivers+1
		}
	}
	if !folding {
		return all
	}
	return min(all, stormAt+receivers+all/mostByOnset)
}

// full reports whether no more is put in.
func (x *inbox) full() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.rows >= mostInbox || x.bytes >= mostInboxBytes
}

// leave puts an alert into the inbox when many come at once and it is sure which
// incident it will belong to. What is critical is filed at once.
func (b *Book) leave(ctx context.Context, x arrival) (incident string, left bool, err error) {
	if !x.join || x.alert.GroupKey == "" || levelOf(x.alert.Label("severity")) <= levels["critical"] || !b.inbox.busy() {
		return "", false, nil
	}
	err = b.db.doOne(ctx, func(tx session) (err error) {
		incident, left, err = b.keep(tx, x)
		return err
	})
	if err == nil && left {
		b.inbox.tell()
	}
	return incident, left, err
}

// keep is leave in a transaction. It writes one row, or nothing.
func (b *Book) keep(tx session, x arrival) (incident string, kept bool, err error) {
	if err := b.inbox.load(tx); err != nil {
		return "", false, err
	}
	incident, fresh, sure, err := b.standing(tx, x)
	if err != nil || !sure || b.inbox.full() {
		return "", false, err
	}
	if fresh {
		n, err := b.backlog.count(tx, b.tenant)
		if err != nil || n+b.inbox.needs(b.tenant, b.window > 0) >= b.limit {
			return "", false, err
		}
	}
	return incident, true, b.inbox.insert(tx, x, incident, fresh, b.time(tx))
}

// insert puts an alert in.
func (x *inbox) insert(tx session, a arrival, incident string, fresh bool, at time.Time) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	tx.onUndo(x.forget)
	w := waiting{x.last + 1, int64(len(a.body) + len(a.raw))}
	receiver, key := receiverOf(a.alert), keyOf(a.alert.GroupKey)
	if err := tx.exec(`INSERT INTO inbox (seq, receiver, group_key, incident, fresh, status, received_at, key, alert, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		w.seq, receiver, key, incident, flag(fresh), a.alert.Status, nanos(at), a.key, a.body, a.raw); err != nil {
		return err
	}
	x.put(w, receiver, key, incident, fresh, a.alert.Status)
	x.taken.Add(1)
	return nil
}

// standing is the incident that an alert will belong to, where that is sure:
// the one of its group that is open, or one that there never was. One that came
// before may belong to an earlier one.
func (b *Book) standing(tx session, x arrival) (incident string, fresh, sure bool, err error) {
	receiver, key := receiverOf(x.alert), keyOf(x.alert.GroupKey)
	incident = x.alert.IncidentID()
	var open string
	var there, again bool
	err = tx.row(`SELECT coalesce((SELECT id FROM incident WHERE receiver = ?1 AND group_key = ?2 AND resolved_at = 0 AND solo = 0), ''),
		EXISTS (SELECT 1 FROM incident WHERE id = ?3), EXISTS (SELECT 1 FROM notification WHERE key = ?4)`, receiver, key, incident, x.key).Scan(&open, &there, &again)
	if err != nil || again {
		return "", false, false, err
	}
	if p := b.inbox.waits(groupOf(receiver, key)); p != nil {
		return p.incident, p.fresh, p.open, nil
	}
	if open != "" {
		return open, false, true, nil
	}
	return incident, true, !there && x.alert.Status != evidence.StatusResolved, nil
}
