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
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrOverloaded says that the queue of due investigations is full. Whoever
// sent the alert should try again later.
var ErrOverloaded = errors.New("too many investigations are waiting")

// Options are what may be set about a casebook.
type Options struct {
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// QueueLimit is the most investigations that may wait; 1000 when 0.
	QueueLimit int
	Evidence   Evidence
}

// Evidence says whether the evidence behind reports is to be recorded.
type Evidence struct {
	// Keep makes every report's evidence due.
	Keep bool
	// Settle is how long after a first report its evidence is due: a second look
	// usually replaces it before.
	Settle time.Duration
}

// Book is an open casebook in a database. It may be used concurrently.
type Book struct {
	db      database
	now     func() time.Time
	limit   int
	waiting chan struct{} // signals workers that a job may be due

	evidence Evidence
}

func (o Options) book(db database) *Book {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.QueueLimit == 0 {
		o.QueueLimit = 1000
	}
	return &Book{db: db, now: o.Now, limit: o.QueueLimit, waiting: make(chan struct{}, 1), evidence: o.Evidence}
}

// Attach opens or creates the casebook in an SQLite file that a server may have
// open too. A casebook of an older version is migrated; one of a newer version is
// refused.
func Attach(ctx context.Context, file string, o Options) (*Book, error) {
	db, err := openSQLite(ctx, file)
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
	// Whatever was claimed when the process ended is due again.
	if err := b.db.do(ctx, execute(`UPDATE job SET claimed = 0`)); err != nil {
		_ = b.Close()
		return nil, unusable(file, err)
	}
	return b, nil
}

// errNewer says that a file is fine, and not for this version.
var errNewer = errors.New("it was written by a newer version")

// unusable says what to do about a file that cannot be opened.
func unusable(file string, err error) error {
	advice := "this user must be able to read and write it; move it away to begin a new one, or put a copy back"
	if errors.Is(err, errNewer) {
		advice = "use that version or another data_dir"
	}
	return fmt.Errorf("casebook %s: %w; %s", file, err, advice)
}

// Close waits for writes under way and closes the database.
func (b *Book) Close() error { return b.db.close() }

// Ping reports whether the casebook can take alerts.
func (b *Book) Ping(ctx context.Context) error { return b.db.ping(ctx) }

// execute is a write of one plain statement.
func execute(statement string, values ...any) func(session) error {
	return func(s session) error { return s.exec(statement, values...) }
}
