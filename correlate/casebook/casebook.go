// Package casebook keeps incidents: the alerts that opened them, the
// investigations that are due, every report revision, and what people said of
// them. It is one SQLite file with one writer and many readers.
//
// What Accept has answered for survives a crash at any moment: the write-ahead
// log is synchronised at every commit (PRAGMA synchronous=FULL), and so that
// this does not cost one disk flush per alert, concurrent writes share a
// commit.
package casebook

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"sort"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

//go:embed migration/*.sql
var migrations embed.FS

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

// Book is an open casebook. It may be used concurrently.
type Book struct {
	read    *sql.DB
	write   *writer
	now     func() time.Time
	limit   int
	waiting chan struct{} // signals workers that a job may be due

	evidence Evidence
}

// Open opens or creates the casebook in file. A casebook of an older version
// is migrated; one of a newer version is refused.
func Open(ctx context.Context, file string, o Options) (*Book, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.QueueLimit == 0 {
		o.QueueLimit = 1000
	}
	// The pragmas stand in the DSN because they hold per connection, and
	// database/sql opens connections when it likes.
	dsn := "file:" + (&url.URL{Path: file}).EscapedPath() + "?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_busy_timeout=5000"
	w, err := sql.Open("sqlite3", dsn+"&_txlock=immediate")
	if err != nil {
		return nil, unusable(file, err)
	}
	w.SetMaxOpenConns(1)
	if err := migrate(ctx, w); err != nil {
		_ = w.Close()
		return nil, unusable(file, err)
	}
	r, err := sql.Open("sqlite3", dsn+"&mode=ro")
	if err != nil {
		_ = w.Close()
		return nil, unusable(file, err)
	}
	b := &Book{read: r, write: newWriter(w), now: o.Now, limit: o.QueueLimit, waiting: make(chan struct{}, 1), evidence: o.Evidence}
	// Whatever was claimed when the process ended is due again.
	if err := b.write.do(ctx, execute(`UPDATE job SET claimed = 0`)); err != nil {
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

// Close waits for writes under way and closes the file. The writer is closed
// last: only it can put the write-ahead log back into the file.
func (b *Book) Close() error {
	return errors.Join(b.read.Close(), b.write.close())
}

// Ping reports whether the casebook can take alerts.
func (b *Book) Ping(ctx context.Context) error {
	var one int
	err := b.read.QueryRowContext(ctx, `SELECT 1 FROM schema_migration LIMIT 1`).Scan(&one)
	if err != nil || !b.write.broken.Load() {
		return err
	}
	// Whether what refused the last write was mended shows only in another one, of
	// an alert's size: the last few bytes of a disk take what is small.
	for _, half := range []string{`CREATE TABLE IF NOT EXISTS trial (x BLOB); INSERT INTO trial VALUES (zeroblob(65536))`, `DROP TABLE trial`} {
		if err := b.write.do(ctx, execute(half)); err != nil {
			return err
		}
	}
	return nil
}

// execute is a write of plain statements.
func execute(statements string, values ...any) func(*sql.Tx) error {
	return func(tx *sql.Tx) error {
		_, err := tx.Exec(statements, values...)
		return err
	}
}

// migrate applies the embedded migrations that the file does not record yet,
// each in a transaction of its own.
func migrate(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_migration (
		name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT`); err != nil {
		return err
	}
	files, err := fs.Glob(migrations, "migration/*.sql")
	if err != nil {
		return err
	}
	sort.Strings(files)
	var newest string
	if err := db.QueryRowContext(ctx, `SELECT coalesce(max(name), '') FROM schema_migration`).Scan(&newest); err != nil {
		return err
	}
	if newest > files[len(files)-1] {
		return fmt.Errorf("%w (schema %s)", errNewer, newest)
	}
	for _, f := range files {
		if f <= newest {
			continue
		}
		if err := apply(ctx, db, f); err != nil {
			return fmt.Errorf("migration %s: %w", f, err)
		}
	}
	return nil
}

func apply(ctx context.Context, db *sql.DB, file string) error {
	text, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, string(text)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO schema_migration VALUES (?, unixepoch())`, file); err != nil {
		return err
	}
	return tx.Commit()
}

// notificationKey is the same for the same notification sent again, by the
// same Alertmanager or another of its cluster.
func notificationKey(a evidence.Alert) string {
	rows := make([]string, 0, len(a.Instances))
	for _, i := range a.Instances {
		rows = append(rows, strings.Join([]string{i.Fingerprint, i.Status, i.StartsAt.UTC().Format(time.RFC3339Nano), i.EndsAt.UTC().Format(time.RFC3339Nano)}, "\x1f"))
	}
	sort.Strings(rows)
	h := sha256.New()
	for _, s := range append([]string{a.Receiver, a.GroupKey, a.Status, a.TraceID}, rows...) {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func instant(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// labelsOf are the columns that an alert gives an incident.
func labelsOf(a evidence.Alert) (service, severity, name string) {
	for _, l := range []string{"service", "service_name", "job", "app"} {
		if service = a.Label(l); service != "" {
			break
		}
	}
	return service, a.Label("severity"), a.Name()
}

// titleOf stands in the list until the first report.
func titleOf(a evidence.Alert) string {
	for _, s := range []string{a.Annotation("summary"), a.Annotation("description"), a.Name()} {
		if s != "" {
			return s
		}
	}
	if a.TraceID != "" {
		return "trace " + a.TraceID
	}
	return "alert without a name"
}

// stateAfter is where an incident stands once it has a report.
func stateAfter(resolvedAt int64) correlate.IncidentState {
	if resolvedAt != 0 {
		return correlate.StateResolved
	}
	return correlate.StateReported
}
