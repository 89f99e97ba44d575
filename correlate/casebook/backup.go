package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/schema"
)

// tables are all that a casebook holds, in an order in which no row refers to
// one that is not there yet.
var tables = []string{"incident", "notification", "job", "report", "note", "feedback", "change", "audit", "suspect_line", "outbox", "bundle", "token", "session", "random_key", "check_result", "action", "action_switch", "action_answer"}

// Backup writes the whole casebook into a new SQLite file, as it is at one
// moment, while servers go on writing.
func (b *Book) Backup(ctx context.Context, file string) error {
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s is there already; name a file that is not", file)
	}
	if err := b.db.snapshot(ctx, file); err != nil {
		return fmt.Errorf("backup of the casebook: %w", err)
	}
	return nil
}

func (x *sqlite) snapshot(ctx context.Context, file string) error {
	_, err := x.read.ExecContext(ctx, `VACUUM INTO ?`, file)
	return err
}

// snapshot copies every table out of one transaction that sees one moment.
func (x *postgres) snapshot(ctx context.Context, file string) (err error) {
	to, err := openSQLite(ctx, file, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.close()) }()
	from, err := x.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = from.Rollback() }()
	return to.do(ctx, func(tx session) error {
		_, err := copyAll(x.session(ctx, from), tx)
		return err
	})
}

// Copied says how many rows of a table were copied.
type Copied struct {
	Table string
	Rows  int
}

// CopyTo copies the whole casebook into another one, which must be empty, whole
// or not at all. Nobody may write to it meanwhile.
func (b *Book) CopyTo(ctx context.Context, to *Book) (done []Copied, err error) {
	if err := b.Settle(ctx); err != nil { // the inbox is not copied
		return nil, err
	}
	if n := b.inbox.size(); n > 0 {
		return nil, fmt.Errorf("%d alerts wait to be filed until the queue has room; let a server work it off first", n)
	}
	err = to.db.do(ctx, func(tx session) error {
		for _, table := range tables {
			if table == "random_key" {
				continue // made when a server begins
			}
			var n int
			if err := tx.row(`SELECT count(*) FROM (SELECT 1 FROM ` + table + ` LIMIT 1) AS one_row`).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				return errors.New("the casebook to copy into is not empty; name an empty database")
			}
		}
		if err := tx.exec(`DELETE FROM random_key`); err != nil {
			return err
		}
		done, err = copyAll(b.db.reading(ctx), tx)
		if err != nil {
			return err
		}
		return to.db.copied(tx)
	})
	if err != nil {
		return nil, fmt.Errorf("copying the casebook: %w", err)
	}
	return done, nil
}

func copyAll(from, to session) (done []Copied, err error) {
	for _, table := range tables {
		n, err := copyTable(from, to, table)
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", table, err)
		}
		done = append(done, Copied{table, n})
	}
	return done, nil
}

func copyTable(from, to session, table string) (n int, err error) {
	names, err := columns(to, table)
	if err != nil {
		return 0, err
	}
	insert := `INSERT INTO ` + table + ` (` + strings.Join(names, ", ") + `) VALUES (?` + strings.Repeat(", ?", len(names)-1) + `)`
	err = from.each(`SELECT `+strings.Join(names, ", ")+` FROM `+table, nil, func(r row) error {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := r.Scan(into...); err != nil {
			return err
		}
		n++
		return to.exec(insert, values...)
	})
	return n, err
}

// columns are the names of a table's columns.
func columns(s session, table string) ([]string, error) {
	rows, err := s.on.QueryContext(s.ctx, `SELECT * FROM `+table+` LIMIT 0`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	return names, errors.Join(err, rows.Err())
}

func (x *sqlite) copied(session) error { return nil }

// copied lets numbers that the database gives begin behind those that were
// copied.
func (x *postgres) copied(tx session) error {
	for _, table := range []string{"note", "feedback", "audit", "check_result"} {
		var last int64
		if err := tx.row(`SELECT setval(pg_get_serial_sequence('` + table + `', 'id'), coalesce(max(id), 0) + 1, false) FROM ` + table).Scan(&last); err != nil {
			return err
		}
	}
	return nil
}

// CheckFile reads a whole SQLite casebook and returns a sentence for everything
// that is wrong with it. It changes nothing, and a server may have the file open.
func CheckFile(ctx context.Context, file string) (faults []string, err error) {
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("there is no casebook: %w", err)
	}
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: file}).EscapedPath()+"?mode=ro&_busy_timeout=2000")
	if err != nil {
		return nil, unusable(file, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	s := session{ctx: ctx, on: db}
	version, noted, err := schema.Version(ctx, db)
	if err == nil && !noted {
		err = errors.New("it is no casebook, or one from before the first release")
	}
	if err != nil {
		return nil, unusable(file, err)
	}
	m, err := sqliteMigrations()
	if err != nil {
		return nil, err
	}
	newest, err := m.Newest()
	if err == nil && version > newest {
		err = schema.ErrNewer
	}
	if err != nil {
		return nil, unusable(file, err)
	}
	asked := checks
	if version < newest { // as a program that was killed, or an earlier one, left it
		asked = checks[:ofAnySchema]
	}
	for _, c := range asked {
		err := s.each(c.query, nil, func(r row) error {
			var what string
			if err := r.Scan(&what); err != nil || what == "ok" {
				return err
			}
			faults = append(faults, c.said+what)
			return nil
		})
		if err != nil {
			return faults, unusable(file, err)
		}
	}
	return faults, nil
}

// ofAnySchema is how many of the checks do not depend on the schema.
const ofAnySchema = 2

// checks are queries that give one row for each fault, or ok.
var checks = []struct{ said, query string }{
	{"the file is damaged: ", `PRAGMA integrity_check(20)`},
	{"a row refers to one that is not there: table ", `SELECT "table" || ' to ' || parent FROM pragma_foreign_key_check LIMIT 20`},
	{"an incident has no report of its newest revision: ", `SELECT id FROM incident i WHERE leader = '' AND revision > 0 AND NOT EXISTS (SELECT 1 FROM report r WHERE r.incident = i.id AND r.revision = i.revision) LIMIT 20`},
	{"an incident is folded into one that is not there: ", `SELECT id FROM incident i WHERE leader <> '' AND NOT EXISTS (SELECT 1 FROM incident l WHERE l.id = i.leader) LIMIT 20`},
	{"an incident waits for an investigation that is in no queue: ", `SELECT id FROM incident i WHERE state = 'investigating' AND NOT EXISTS (SELECT 1 FROM job j WHERE j.incident IN (i.id, i.leader))
		AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.incident = i.id AND a.action = 'investigation-failed') LIMIT 20`},
	{"a report is no JSON: ", `SELECT incident || ' revision ' || revision FROM report WHERE NOT json_valid(CAST(body AS TEXT)) LIMIT 20`},
}
