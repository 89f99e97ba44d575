package casebook

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"github.com/wherefore-dev/wherefore/correlate/schema"
)

//go:embed migration
var files embed.FS

// migrations are those of one kind of database.
func migrations(dialect goose.Dialect, folder string) (schema.Migrations, error) {
	sub, err := fs.Sub(files, "migration/"+folder)
	return schema.Migrations{Dialect: dialect, Files: sub}, err
}

func sqliteMigrations() (schema.Migrations, error) {
	return migrations(goose.DialectSQLite3, "sqlite")
}

// migrate brings a SQLite file up to date. One whose migrations were kept by
// name, as they were up to the fifth, is adopted.
func migrate(ctx context.Context, db *sql.DB) error {
	m, err := sqliteMigrations()
	if err != nil {
		return err
	}
	if err := schema.Connect(ctx, db); err != nil {
		return err
	}
	named, err := schema.HasTable(ctx, db, "schema_migration")
	if err != nil {
		return err
	}
	var version int64
	if named {
		if version, err = namedVersion(ctx, db); err != nil {
			return err
		}
	}
	if err := schema.Adopt(ctx, db, version); err != nil {
		return err
	}
	return m.Apply(ctx, db)
}

// namedVersion is the number of the newest migration that a file keeps by name;
// the sixth's name was left there to keep programs from before out.
func namedVersion(ctx context.Context, db *sql.DB) (version int64, err error) {
	var newest string
	if err := db.QueryRowContext(ctx, `SELECT coalesce(max(name), '') FROM schema_migration`).Scan(&newest); err != nil {
		return 0, err
	}
	if newest > "migration/0006" {
		if _, noted, err := schema.Version(ctx, db); err != nil || noted {
			return 0, err
		}
		return 0, fmt.Errorf("%w (schema %s)", schema.ErrNewer, newest)
	}
	for version < 5 && fmt.Sprintf("migration/%04d", version+1) < newest {
		version++
	}
	return version, nil
}
