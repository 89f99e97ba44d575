package blameindex

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/schema"
)

//go:embed migration/*.sql
var migrations embed.FS

// known are the index's migrations.
func known() (schema.Migrations, error) {
	files, err := fs.Sub(migrations, "migration")
	return schema.Migrations{Dialect: goose.DialectSQLite3, Files: files}, err
}

// version is the schema that a database has: as it is noted, else as programs
// that kept it in SQLite's user_version left it. It writes nothing.
func (db *DB) version(ctx context.Context, c *sql.DB) (int64, error) {
	var noted int64
	err := schema.Connect(ctx, c)
	if err == nil {
		noted, _, err = schema.Version(ctx, c)
	}
	var version int64
	if err == nil {
		err = c.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	}
	if s, ok := errors.AsType[sqlite3.Error](err); ok && s.Code == sqlite3.ErrCorrupt {
		return 0, db.damage(err)
	}
	if schema.Busy(err) {
		return 0, fmt.Errorf("another program holds the index %s; try again when it has ended (%v): %w", db.path, err, evidence.ErrUnavailable)
	}
	if err != nil {
		return 0, fmt.Errorf("%s is not a readable index (%v); name another file, or delete it and index again: %w", db.path, err, evidence.ErrInvalid)
	}
	return max(noted, version), nil
}

// checkVersion refuses a database of another schema than this program's, and
// returns its number. With older, one of an earlier schema is taken too.
func (db *DB) checkVersion(ctx context.Context, c *sql.DB, older bool) (has, knows int64, err error) {
	m, err := known()
	if err != nil {
		return 0, 0, err
	}
	if knows, err = m.Newest(); err != nil {
		return 0, 0, err
	}
	if has, err = db.version(ctx, c); err != nil {
		return 0, 0, err
	}
	switch {
	case has > knows:
		err = fmt.Errorf("%s: %w (schema %d, this one knows %d); update wherefore or index into another file: %w", db.path, schema.ErrNewer, has, knows, evidence.ErrInvalid)
	case has < knows && !older:
		err = fmt.Errorf("%s was written by an older wherefore (schema %d of %d); run 'wherefore index' to bring it up to date: %w", db.path, has, knows, evidence.ErrInvalid)
	}
	return has, knows, err
}

// migrate brings the schema up to date. The number stays in user_version as
// well, which programs from before read to refuse what is newer than they are.
func (db *DB) migrate(ctx context.Context) error {
	has, knows, err := db.checkVersion(ctx, db.write, true)
	if err != nil {
		return err
	}
	m, err := known()
	if err != nil {
		return err
	}
	if err = schema.Adopt(ctx, db.write, has); err == nil {
		err = m.Apply(ctx, db.write)
	}
	if err == nil && has < knows {
		_, err = db.write.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", knows))
	}
	if err != nil {
		return fmt.Errorf("bring index %s up to date: %w", db.path, err)
	}
	return nil
}
