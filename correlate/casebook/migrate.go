package casebook

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3" // one well-kept runner of migrations for all databases
	schema "github.com/pressly/goose/v3/database"
)

//go:embed migration
var migrations embed.FS

// versionTable is where goose notes which migrations a database has.
const versionTable = "goose_db_version"

// ours are the migrations of this program for one kind of database.
func ours(folder string) (fs.FS, error) { return fs.Sub(migrations, "migration/"+folder) }

// migrate applies the embedded migrations that the database does not record
// yet, each in a transaction of its own, and refuses a database of a newer
// program.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, folder string, o ...goose.ProviderOption) error {
	files, err := ours(folder)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, db, files, append(o, goose.WithTableName(versionTable))...)
	if err != nil {
		return err
	}
	has, err := p.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	all := p.ListSources()
	if newest := all[len(all)-1].Version; has > newest {
		return fmt.Errorf("%w (schema %d, this one knows %d)", errNewer, has, newest)
	}
	_, err = p.Up(ctx)
	return err
}

// adopt hands a file whose migrations were kept by name, as they were up to the
// fifth, over to goose.
func adopt(ctx context.Context, db *sql.DB) error {
	var named, numbered bool
	const there = `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = ?)`
	if err := db.QueryRowContext(ctx, there, "schema_migration").Scan(&named); err != nil || !named {
		return err
	}
	if err := db.QueryRowContext(ctx, there, versionTable).Scan(&numbered); err != nil || numbered {
		return err
	}
	var newest string
	if err := db.QueryRowContext(ctx, `SELECT coalesce(max(name), '') FROM schema_migration`).Scan(&newest); err != nil {
		return err
	}
	if newest > "migration/0006" {
		return fmt.Errorf("%w (schema %s)", errNewer, newest)
	}
	store, err := schema.NewStore(schema.DialectSQLite3, versionTable)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := store.CreateVersionTable(ctx, tx); err != nil {
		return err
	}
	for version := int64(0); version == 0 || version <= 5 && fmt.Sprintf("migration/%04d", version) < newest; version++ {
		if err := store.Insert(ctx, tx, schema.InsertRequest{Version: version}); err != nil {
			return err
		}
	}
	return tx.Commit()
}
