package blameindex

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2" // a bounded cache that many may use at once
	"github.com/hmarr/codeowners"
	"github.com/mattn/go-sqlite3" // SQLite itself, the most used driver

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Options say how a database is opened.
type Options struct {
	// ReadOnly opens an existing database for reading; nothing is created or
	// migrated.
	ReadOnly bool
	// KeyFile holds age identities, newest first; with it the text of decisions
	// is stored encrypted. Empty stores it as it is.
	KeyFile string
	// Vocabulary decides which records are complete; the zero value means
	// decision.DefaultVocabulary.
	Vocabulary decision.Vocabulary
	// DecisionGlobs say where records are looked for; empty means
	// decision.DefaultGlobs.
	DecisionGlobs []string
}

func (o Options) withDefaults() Options {
	if len(o.Vocabulary.Verbs) == 0 {
		given := o.Vocabulary
		o.Vocabulary = decision.DefaultVocabulary()
		o.Vocabulary.Metrics, o.Vocabulary.Forms = given.Metrics, given.Forms
	}
	if len(o.DecisionGlobs) == 0 {
		o.DecisionGlobs = decision.DefaultGlobs()
	}
	return o
}

// DB is an open index. It is safe for concurrent use: one writes, many read.
type DB struct {
	path    string
	write   *sql.DB // one connection, nil when read-only
	read    *sql.DB
	options Options
	seal    *sealer // nil without a key

	records *lru.Cache[int64, recordSet]          // by record set, decoded
	owners  *lru.Cache[int64, codeowners.Ruleset] // by codeowners row

	mu    sync.Mutex
	stmts map[string]*sql.Stmt // of read, by query: as many as the program has
}

// Open opens the database at path, creates it when it is not there, and brings
// an older one up to date. A database from a newer version is refused with
// evidence.ErrInvalid.
func Open(path string, o Options) (*DB, error) {
	o = o.withDefaults()
	db := &DB{path: path, options: o, stmts: map[string]*sql.Stmt{}}
	var err error
	if db.records, err = lru.New[int64, recordSet](keptRecordSets); err != nil {
		return nil, err
	}
	if db.owners, err = lru.New[int64, codeowners.Ruleset](keptOwnerFiles); err != nil {
		return nil, err
	}
	if o.KeyFile != "" {
		if db.seal, err = newSealer(o.KeyFile); err != nil {
			return nil, err
		}
	}
	if err := db.open(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *DB) open() error {
	if db.options.ReadOnly {
		if _, err := os.Stat(db.path); err != nil {
			return fmt.Errorf("no index at %s; make one with 'wherefore index': %w", db.path, evidence.ErrNotFound)
		}
	} else if err := os.MkdirAll(filepath.Dir(db.path), 0o755); err != nil {
		return fmt.Errorf("open index %s: %w", db.path, err)
	}
	var err error
	if db.read, err = sql.Open("sqlite3", db.dsn("_query_only=1")); err != nil {
		return fmt.Errorf("open index %s: %w", db.path, err)
	}
	if db.options.ReadOnly {
		_, _, err := db.checkVersion(context.Background(), db.read, false)
		return err
	}
	if db.write, err = sql.Open("sqlite3", db.dsn("_txlock=immediate")); err != nil {
		return fmt.Errorf("open index %s: %w", db.path, err)
	}
	db.write.SetMaxOpenConns(1)
	return db.migrate(context.Background())
}

// dsn puts the pragmas where every connection of the pool gets them. With WAL
// readers never wait for the writer; synchronous=NORMAL cannot corrupt under
// WAL, it may lose the last transaction on a power cut.
func (db *DB) dsn(extra string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: db.path}).EscapedPath(),
		RawQuery: "_journal_mode=WAL&_foreign_keys=1&_synchronous=NORMAL&_busy_timeout=10000&" + extra}
	return u.String()
}

// Close closes the database.
func (db *DB) Close() error {
	var errs []error
	for _, st := range db.stmts {
		errs = append(errs, st.Close())
	}
	for _, c := range []*sql.DB{db.write, db.read} {
		if c != nil {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}

// prepared keeps a reading statement from being compiled again and again.
func (db *DB) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	db.mu.Lock()
	known := db.stmts[query]
	db.mu.Unlock() // not held while the database is asked
	if known != nil {
		return known, nil
	}
	st, err := db.read.PrepareContext(context.WithoutCancel(ctx), query)
	if err != nil {
		return nil, err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if first := db.stmts[query]; first != nil { // somebody was faster
		return first, st.Close()
	}
	db.stmts[query] = st
	return st, nil
}

// scanner is a row, or the reason why there is none.
type scanner struct {
	row *sql.Row
	err error
}

// Scan is sql.Row's.
func (s scanner) Scan(dest ...any) error {
	if s.err != nil {
		return s.err
	}
	return s.row.Scan(dest...)
}

// row asks for one row.
func (db *DB) row(ctx context.Context, query string, args ...any) scanner {
	st, err := db.prepared(ctx, query)
	if err != nil {
		return scanner{err: fmt.Errorf("index %s: %w", db.path, err)}
	}
	return scanner{row: st.QueryRowContext(ctx, args...)}
}

// Path is the database's file.
func (db *DB) Path() string { return db.path }

func (db *DB) inTx(ctx context.Context, do func(*sql.Tx) error) error {
	if db.write == nil {
		return fmt.Errorf("index %s is open for reading only: %w", db.path, evidence.ErrInvalid)
	}
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("index %s: %w", db.path, err)
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// damage says what to do about a database whose pages cannot be read; another
// error stays as it is.
func (db *DB) damage(err error) error {
	if s, ok := errors.AsType[sqlite3.Error](err); ok && (s.Code == sqlite3.ErrCorrupt || s.Code == sqlite3.ErrNotADB) {
		return fmt.Errorf("index %s is damaged (%v); delete it and index again: %w", db.path, s, evidence.ErrInvalid)
	}
	return err
}

// Check runs SQLite's own integrity checks; nil when all is well.
func (db *DB) Check(ctx context.Context) error {
	for _, pragma := range []string{"PRAGMA integrity_check", "PRAGMA foreign_key_check"} {
		if err := db.check(ctx, pragma); err != nil {
			return err
		}
	}
	return nil
}

func (db *DB) check(ctx context.Context, pragma string) (err error) {
	rows, err := db.read.QueryContext(ctx, pragma)
	if err != nil {
		return fmt.Errorf("index %s: %w", db.path, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var first sql.NullString
		cols, err := rows.Columns()
		if err != nil {
			return err
		}
		dest := make([]any, len(cols))
		for i := range dest {
			dest[i] = new(sql.NullString)
		}
		dest[0] = &first
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		if first.String != "ok" {
			return fmt.Errorf("index %s is damaged (%s); delete it and index again: %w", db.path, first.String, evidence.ErrInvalid)
		}
	}
	return rows.Err()
}
