// Package schema brings databases up to date: the casebook's and the index's,
// SQLite and PostgreSQL, by numbered files of SQL that are run once each. It is
// the one place that knows how applied migrations are noted.
package schema

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3" // one well-kept runner of migrations for all databases
	"github.com/pressly/goose/v3/database"
)

// ErrNewer says that a database is fine, and not for this version of the program.
var ErrNewer = errors.New("it was written by a newer wherefore")

// versionTable is where goose notes which migrations a database has.
const versionTable = "goose_db_version"

// Migrations are those of one kind of database.
type Migrations struct {
	Dialect goose.Dialect
	Files   fs.FS // NNNN_name.sql in its root
	// Lock, when set, keeps several programs from migrating one database at once.
	// Without it one of two that begin together may find the other's work done.
	Lock goose.ProviderOption
}

// Apply runs the migrations that a database does not note yet, each in a
// transaction of its own. It refuses a database of a newer program with ErrNewer.
func (m Migrations) Apply(ctx context.Context, db *sql.DB) error {
	options := []goose.ProviderOption{goose.WithTableName(versionTable)}
	if m.Lock != nil {
		options = append(options, m.Lock)
	}
	p, err := goose.NewProvider(m.Dialect, db, m.Files, options...)
	if err != nil {
		return err
	}
	all := p.ListSources()
	newest := all[len(all)-1].Version
	for before := int64(-1); ; {
		has, err := p.GetDBVersion(ctx)
		if err != nil {
			return err
		}
		if has > newest {
			return newer(has, newest)
		}
		_, err = p.Up(ctx)
		if err == nil || has == before {
			return err
		}
		before = has // if somebody else was faster, it is higher the next time
	}
}

func newer(has, knows int64) error {
	return fmt.Errorf("%w (schema %d, this one knows %d)", ErrNewer, has, knows)
}

// Newest is the number of the last migration.
func (m Migrations) Newest() (int64, error) {
	names, err := fs.Glob(m.Files, "*.sql") // in order of names
	if err != nil || len(names) == 0 {
		return 0, errors.Join(errors.New("no migrations"), err)
	}
	return goose.NumericComponent(names[len(names)-1])
}

// Version is the number of the newest migration that a SQLite database notes. It
// writes nothing; ok is false where none were ever noted here.
func Version(ctx context.Context, db *sql.DB) (version int64, ok bool, err error) {
	if ok, err = has(ctx, db, versionTable); err != nil || !ok {
		return 0, false, err
	}
	store, err := database.NewStore(database.DialectSQLite3, versionTable)
	if err != nil {
		return 0, false, err
	}
	version, err = store.GetLatestVersion(ctx, db)
	return version, err == nil, err
}

// Adopt begins to note the migrations of a SQLite database, of which it has
// those up to a version: those of a program from before. One whose migrations
// are noted already is left as it is. A migration cannot be noted twice, so that
// of two programs that apply it at once one is undone.
func Adopt(ctx context.Context, db *sql.DB, version int64) error {
	store, err := database.NewStore(database.DialectSQLite3, versionTable)
	if err != nil {
		return err
	}
	if noted, err := has(ctx, db, versionTable); err != nil || noted {
		return err // without a lock, for which it would wait
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if noted, err := has(ctx, tx, versionTable); err != nil || noted {
		return err
	}
	if err := store.CreateVersionTable(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "CREATE UNIQUE INDEX goose_version_once ON "+versionTable+" (version_id)"); err != nil {
		return err
	}
	for v := range version + 1 {
		if err := store.Insert(ctx, tx, database.InsertRequest{Version: v}); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// HasTable reports whether a SQLite database has a table.
func HasTable(ctx context.Context, db *sql.DB, name string) (bool, error) { return has(ctx, db, name) }

func has(ctx context.Context, db database.DBTxConn, table string) (there bool, err error) {
	err = db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = ?)`, table).Scan(&there)
	return there, err
}
