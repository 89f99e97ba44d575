// Package casebook keeps incidents: the alerts that opened them, the
// investigations that are due, every report revision, and what people said of
// them. Store is what it can do; Book does it in SQL.
//
// What Accept has answered for survives a crash at any moment. In SQLite the
// write-ahead log is synchronised at every commit (PRAGMA synchronous=FULL), and
// so that this does not cost one disk flush per alert, concurrent writes share a
// commit.
package casebook

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/schema"
)

// ErrOverloaded says that the queue of due investigations is full.
var ErrOverloaded = casefile.ErrOverloaded

// Options are what may be set about a casebook.
type Options struct {
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// QueueLimit is the most investigations that may wait; 1000 when 0.
	QueueLimit int
	// Lease is how long a claimed investigation stays claimed without a sign of
	// life; 30 s when 0.
	Lease time.Duration
	// FollowUp is how long after a first report an incident is looked at once
	// more, since telemetry arrives late; 0 means never.
	FollowUp time.Duration
	// Fold is how near to each other alert groups of one receiver begin that are
	// investigated together when they are of one rule or service, or, in a storm, of
	// that onset; 0 means never.
	Fold     time.Duration
	Evidence Evidence
	// LogRoom is how many bytes of disk an SQLite file's write-ahead log takes when it
	// is opened, so that commits need not make it longer; 0 takes none ahead.
	LogRoom int64
}

// Evidence says whether the evidence behind reports is to be recorded.
type Evidence struct {
	// Keep makes every report's evidence due.
	Keep bool
	// Settle is how long after a first report its evidence is due: a second look
	// usually replaces it before.
	Settle time.Duration
}

// Book is an open casebook in a database, as one tenant has it. It may be used
// concurrently.
type Book struct {
	*shared
	tenant evidence.Tenant
}

// shared is what the casebooks of all tenants in one database have in common.
type shared struct {
	db       database
	now      func() time.Time
	limit    int
	lease    time.Duration
	followUp time.Duration
	window   time.Duration // see Options.Fold
	evidence Evidence

	name    string // of this opening, unlike any other's
	claims  atomic.Int64
	turns   turns
	watch   watch
	backlog backlog
	inbox   *inbox // nil where others write to the database too
	filing  sync.WaitGroup
	rest    context.CancelFunc // ends the filing; nil where nobody files

	bells  bells
	mu     sync.Mutex
	listen func(event []byte) // is told of other servers' events; nil for none
}

func (o Options) book(db database) *Book {
	if o.Now == nil {
		o.Now = time.Now
	}
	b := &shared{db: db, now: o.Now, limit: cmp.Or(o.QueueLimit, 1000), lease: cmp.Or(o.Lease, 30*time.Second), followUp: o.FollowUp, window: o.Fold, evidence: o.Evidence,
		name: rand.Text(), bells: newBells()}
	if b.backlog.alone = db.alone(); b.backlog.alone {
		b.inbox = newInbox()
	}
	b.turns.know("")
	return &Book{b, ""}
}

// wake tells one waiting worker that a job may be due: one of this server, or, when
// all of those are at work, one of each of the others. Whoever finds a job wakes the
// next one. Only a job that may be urgent wakes those that wait for nothing else.
func (b *Book) wake(urgent bool) {
	if !b.bells.ring(urgent) {
		b.db.notify(jobChannel, "", b.name)
	}
}

// heard takes what a server told.
func (b *Book) heard(channel, payload string) {
	if channel == jobChannel {
		if payload != b.name {
			b.bells.ring(true)
		}
		return
	}
	from, event, _ := strings.Cut(payload, " ")
	b.mu.Lock()
	listen := b.listen
	b.mu.Unlock()
	if listen != nil && from != b.name {
		listen([]byte(event))
	}
}

// Broadcast tells the other servers of an event, if there can be others. It never
// waits, and an event may get lost: a later one about the same replaces one that was
// not told yet.
func (b *Book) Broadcast(about string, event []byte) {
	b.db.notify(eventChannel, about, b.name+" "+string(event))
}

// Listen has the events of other servers told to a function, which must not
// block.
func (b *Book) Listen(to func(event []byte)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listen = to
}

// Attach opens or creates the casebook in an SQLite file that a server may have
// open too. A casebook of an older version is migrated; one of a newer version is
// refused.
func Attach(ctx context.Context, file string, o Options) (*Book, error) {
	db, err := openSQLite(ctx, file, o.LogRoom)
	if err != nil {
		return nil, unusable(file, err)
	}
	return o.book(db), nil
}

// Open is Attach for the server.
func Open(ctx context.Context, file string, o Options) (*Book, error) {
	b, err := Attach(ctx, file, o)
	if err != nil {
		return nil, err
	}
	// One server has the file: whatever was claimed when it ended is due again.
	err = b.db.do(ctx, func(tx session) error {
		for _, table := range []string{"job", "outbox"} {
			if err := tx.exec(`UPDATE ` + table + ` SET owner = '', lease_until = 0 WHERE owner <> ''`); err != nil {
				return err
			}
		}
		if err := tx.exec(`UPDATE bundle SET lease_until = 0 WHERE lease_until <> 0`); err != nil {
			return err
		}
		return b.inbox.load(tx)
	})
	if err != nil {
		_ = b.Close()
		return nil, unusable(file, err)
	}
	b.beginFiling(ctx)
	return b, nil
}

// unusable says what to do about a file that cannot be opened.
func unusable(file string, err error) error {
	advice := "this user must be able to read and write it; move it away to begin a new one, or put a copy back"
	if errors.Is(err, schema.ErrNewer) {
		advice = "use that version or another data_dir"
	}
	return fmt.Errorf("casebook %s: %w; %s", file, err, advice)
}

// Close waits for writes under way and closes the database. What waits in the
// inbox is filed when it is opened again.
func (b *Book) Close() error {
	if b.rest != nil {
		b.rest()
		b.filing.Wait()
	}
	return b.db.close()
}

// Ping reports whether the casebook can take alerts.
func (b *Book) Ping(ctx context.Context) error { return b.db.ping(ctx) }

// execute is a write of one plain statement.
func execute(statement string, values ...any) func(session) error {
	return func(s session) error { return s.exec(statement, values...) }
}
