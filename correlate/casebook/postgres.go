package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5" // the well-kept PostgreSQL driver; its own LISTEN is used too
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/wherefore-dev/wherefore/correlate/schema"
)

// postgres is a database that several servers share.
type postgres struct {
	db     *sql.DB
	config *pgx.ConnConfig
	stop   context.CancelFunc
	done   sync.WaitGroup
	out    notices

	mu     sync.Mutex
	worded map[string]string // statements as PostgreSQL numbers their parameters
}

const (
	// jobChannel says that an investigation may be due, eventChannel how far one is.
	jobChannel   = "wherefore_job"
	eventChannel = "wherefore_event"
	// mostConnections bounds what one server takes of the database's.
	mostConnections = 24
	// lockWait is how long a write waits for another, see openSQLite.
	lockWait = "2000"
)

// OpenPostgres opens the casebook in a PostgreSQL database, as
// postgres://user:password@host/database. Several servers may have it open. Its
// schema is brought up to date under a lock; that of a newer version is refused.
// Errors do not name the password.
func OpenPostgres(ctx context.Context, dsn string, o Options) (*Book, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("casebook: the database address is none that PostgreSQL takes; it is postgres://user:password@host:port/database")
	}
	config.RuntimeParams["lock_timeout"] = lockWait
	config.RuntimeParams["application_name"] = "wherefore"
	x := &postgres{db: stdlib.OpenDB(*config), config: config, out: newNotices(), worded: map[string]string{}}
	x.db.SetMaxOpenConns(mostConnections)
	x.db.SetMaxIdleConns(mostConnections)
	if err := x.migrate(ctx); err != nil {
		_ = x.db.Close()
		advice := "it must be reachable, and this user must own it"
		if errors.Is(err, schema.ErrNewer) {
			advice = "use that version, or restore a backup that was taken before into another database"
		}
		return nil, fmt.Errorf("casebook in database %s at %s: %w; %s", config.Database, net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port))), err, advice)
	}
	b := o.book(x)
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	x.stop = cancel
	x.done.Go(func() { x.listen(background, b.heard) })
	x.done.Go(func() { x.tell(background) })
	return b, nil
}

// migrate lets one server at a time bring the schema up to date.
func (x *postgres) migrate(ctx context.Context) error {
	m, err := migrations(goose.DialectPostgres, "postgres")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	m.Lock = goose.WithSessionLocker(locker)
	return m.Apply(ctx, x.db)
}

// mostRetries bounds how often a transaction that met another is begun again.
const mostRetries = 20

func (x *postgres) do(ctx context.Context, fn func(session) error) error {
	for try := 0; ; try++ {
		err := x.once(ctx, fn)
		if err == nil || try >= mostRetries || !collided(err) {
			return refusedBy(err)
		}
		select {
		case <-time.After(time.Duration(rand.Int64N(int64(5*time.Millisecond) << min(try, 5)))):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (x *postgres) doOne(ctx context.Context, fn func(session) error) error { return x.do(ctx, fn) }

func (x *postgres) once(ctx context.Context, fn func(session) error) error {
	tx, err := x.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	s := x.session(ctx, tx)
	s.skipLocked, s.held = " FOR UPDATE SKIP LOCKED", " FOR UPDATE"
	if err := fn(s); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

func (x *postgres) session(ctx context.Context, on runner) session {
	return session{ctx: ctx, on: on, statement: x.word, text: storable, clock: `(CAST(?1 AS BIGINT) + CAST(extract(epoch FROM clock_timestamp()) * 1000000000 AS BIGINT))`}
}

func (x *postgres) reading(ctx context.Context) session { return x.session(ctx, x.db) }

// clock adds nothing: leases are measured by the database's own clock, which all
// servers share.
func (x *postgres) clock() int64 { return 0 }

func (x *postgres) alone() bool { return false }

func (x *postgres) ping(ctx context.Context) error {
	var one int
	return refusedBy(x.reading(ctx).row(`SELECT 1`).Scan(&one))
}

func (x *postgres) close() error {
	x.stop()
	x.done.Wait()
	return x.db.Close()
}

// collided reports that a transaction met another one and may succeed when it is
// begun again: both inserted the same row, or waited for each other.
func collided(err error) bool {
	p, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (p.Code == "23505" || p.Code == "40001" || p.Code == "40P01")
}

// refusedBy names what would refuse any write, or any question, now.
func refusedBy(err error) error {
	if err == nil || errors.Is(err, sql.ErrNoRows) || errors.Is(err, context.Canceled) {
		return err
	}
	if p, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch {
		case p.Code == "53100":
			return &RefusedError{"full", err}
		case p.Code == "25006":
			return &RefusedError{"readonly", err}
		case p.Code == "55P03":
			return &RefusedError{"locked", err}
		case strings.HasPrefix(p.Code, "08") || strings.HasPrefix(p.Code, "53") || strings.HasPrefix(p.Code, "57P") || p.Code == "58030":
			return &RefusedError{"unavailable", err}
		}
		return err
	}
	_, network := errors.AsType[net.Error](err)
	_, connect := errors.AsType[*pgconn.ConnectError](err)
	if network || connect || pgconn.SafeToRetry(err) || errors.Is(err, sql.ErrConnDone) {
		return &RefusedError{"unavailable", err}
	}
	return err
}

// storable is text as PostgreSQL takes it: UTF-8 without NUL, which outsiders may
// send.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// word numbers parameters as PostgreSQL does.
func (x *postgres) word(statement string) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if w, known := x.worded[statement]; known {
		return w
	}
	if len(x.worded) >= mostPrepared {
		clear(x.worded)
	}
	w := numbered(statement)
	x.worded[statement] = w
	return w
}

// numbered turns ?2 into $2 and the n-th plain ? into $n. No statement has a ?
// of another meaning.
func numbered(statement string) string {
	var w strings.Builder
	plain := 0
	for i := 0; i < len(statement); i++ {
		if statement[i] != '?' {
			w.WriteByte(statement[i])
			continue
		}
		w.WriteByte('$')
		if i+1 == len(statement) || statement[i+1] < '0' || statement[i+1] > '9' {
			plain++
			w.WriteString(strconv.Itoa(plain))
		}
	}
	return w.String()
}
