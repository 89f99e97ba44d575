package casebook

import (
	"context"
	"database/sql"
	"reflect"
	"time"
)

// database is what differs between the databases that can hold a casebook.
type database interface {
	statements
	servers
	copies
	// ping reports whether alerts can be taken.
	ping(ctx context.Context) error
	close() error
}

// statements are the same for all databases: they number their parameters as ?1,
// ?2 or leave them as ?, and use only what every database here knows.
type statements interface {
	// do runs fn in a transaction and returns once that is durable. fn may run
	// more than once; when it fails, nothing of it stays.
	do(ctx context.Context, fn func(session) error) error
	// doOne is do for what writes by one statement, or by none.
	doOne(ctx context.Context, fn func(session) error) error
	// reading is a session outside of any transaction that changes nothing.
	reading(ctx context.Context) session
}

// servers is what those that share a database have between them.
type servers interface {
	// clock is what leases are measured by, in nanoseconds from some instant, and
	// goes to statements as ?1 of the session's clock. No jump of a wall clock
	// moves it.
	clock() int64
	// alone says that nobody else writes to the database while it is open.
	alone() bool
	// notify tells the other servers, and never waits. Of notices of one channel about
	// the same the newest may be told alone.
	notify(channel, about, payload string)
}

// copies are made of the whole casebook.
type copies interface {
	// snapshot writes all of it, as it is at one moment, into a new SQLite file.
	snapshot(ctx context.Context, file string) error
	// copied is called in the transaction that copied rows in.
	copied(tx session) error
}

// runner is what *sql.DB, *sql.Tx and *sql.Conn have in common.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// session runs statements, in a transaction or beside all.
type session struct {
	ctx context.Context //nolint:containedctx // a session lives as long as its call
	on  runner
	// statement words a statement for the database; text is what becomes of a
	// string on its way there. nil leaves both as they are.
	statement func(string) string
	text      func(string) string
	// clock is the database's expression for clock().
	clock string
	// skipLocked ends a SELECT of one row that is to be this caller's own.
	skipLocked string
	// held ends a SELECT of one row that nobody else is to change, or to refer to
	// anew, before this caller has ended; it waits for whoever does.
	held string
	// at is when what is written came, where that was before; zero for now.
	at time.Time
	// accepted says that what is written was said to be taken, so that no limit
	// refuses it any more.
	accepted bool
	// ends collects what is to be called once the transaction has ended, before
	// anything else is written.
	ends *ends
}

// ends are for what is remembered of a database that has one writer; where there
// are more nothing is, and nothing is called.
type ends struct{ undone, done []func() }

// onUndo has a function called when nothing becomes of the transaction.
func (s session) onUndo(f func()) {
	if s.ends != nil {
		s.ends.undone = append(s.ends.undone, f)
	}
}

// onDone has a function called once the transaction is durable.
func (s session) onDone(f func()) {
	if s.ends != nil {
		s.ends.done = append(s.ends.done, f)
	}
}

func callAll(list []func()) {
	for _, f := range list {
		f()
	}
}

func (s session) exec(query string, args ...any) error {
	_, err := s.change(query, args...)
	return err
}

// change is exec that says how many rows it changed.
func (s session) change(query string, args ...any) (int64, error) {
	done, err := s.on.ExecContext(s.ctx, s.word(query), s.values(args)...)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

func (s session) row(query string, args ...any) row {
	return s.on.QueryRowContext(s.ctx, s.word(query), s.values(args)...)
}

// each calls one for every row; one scans it.
func (s session) each(query string, args []any, one func(row) error) (err error) {
	rows, err := s.on.QueryContext(s.ctx, s.word(query), s.values(args)...)
	if err != nil {
		return err
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = e
		}
	}()
	for rows.Next() {
		if err := one(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// list is every row of an answer, each read by scan.
func list[T any](s session, scan func(row) (T, error), query string, args ...any) (all []T, err error) {
	err = s.each(query, args, func(r row) error {
		x, err := scan(r)
		if err == nil {
			all = append(all, x)
		}
		return err
	})
	return all, err
}

func (s session) word(query string) string {
	if s.statement == nil {
		return query
	}
	return s.statement(query)
}

// values turns named kinds into the plain ones that every driver takes, and
// what outsiders wrote into text that the database takes.
func (s session) values(args []any) []any {
	for i, a := range args {
		if v := reflect.ValueOf(a); v.Kind() == reflect.String {
			text := v.String()
			if s.text != nil {
				text = s.text(text)
			}
			args[i] = text
		}
	}
	return args
}

// row is one row of an answer.
type row interface{ Scan(...any) error }

// extended scans more columns behind those that a scanner knows.
type extended struct {
	row  row
	more []any
}

func (e extended) Scan(to ...any) error { return e.row.Scan(append(to, e.more...)...) }

// time is when what a session writes came.
func (b *Book) time(tx session) time.Time {
	if tx.at.IsZero() {
		return b.now()
	}
	return tx.at
}

// nanos is how instants are stored: Unix nanoseconds, 0 for none.
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
