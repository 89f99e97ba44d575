package casebook

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// sqlite is one file with one writer and many readers.
type sqlite struct {
	read    *sql.DB
	write   *writer
	reads   *prepared
	writing *sql.DB
	tidying *sql.DB // puts the log into the file
	stop    chan struct{}
	done    sync.WaitGroup
	opened  time.Time
	trying  atomic.Bool // a write is being tried after one was refused
}

// openSQLite opens or creates a file and brings its schema up to date. Its log has so
// many bytes of room.
func openSQLite(ctx context.Context, file string, room int64) (_ *sqlite, err error) {
	// The pragmas stand in the DSN because they hold per connection, and
	// database/sql opens connections when it likes. A write waits for a lock of
	// another program no longer than a sender of alerts waits for its answer.
	dsn := "file:" + (&url.URL{Path: file}).EscapedPath() + "?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_busy_timeout=2000"
	x := &sqlite{opened: time.Now(), stop: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, x.close())
		}
	}()
	if x.writing, err = sql.Open("sqlite3", dsn+"&_txlock=immediate"); err != nil {
		return nil, err
	}
	x.writing.SetMaxOpenConns(1)
	if err := migrate(ctx, x.writing); err != nil {
		return nil, err
	}
	if x.write, err = newWriter(ctx, x.writing, roomIn(ctx, file, room)); err != nil {
		return nil, err
	}
	if x.read, err = sql.Open("sqlite3", dsn+"&mode=ro"); err != nil {
		return nil, err
	}
	if x.tidying, err = sql.Open("sqlite3", dsn); err != nil {
		return nil, err
	}
	x.tidying.SetMaxOpenConns(1)
	x.done.Go(func() { x.tidy(file + "-wal") })
	// More readers than cores only wait for each other, and opening a connection
	// costs more than most questions.
	readers := max(4, 2*runtime.GOMAXPROCS(0))
	x.read.SetMaxOpenConns(readers)
	x.read.SetMaxIdleConns(readers)
	x.reads = newPrepared(x.read)
	return x, nil
}

func (x *sqlite) do(ctx context.Context, fn func(session) error) error {
	return x.write.do(ctx, op{run: fn})
}

// doOne needs no savepoint: a statement that fails leaves nothing behind.
func (x *sqlite) doOne(ctx context.Context, fn func(session) error) error {
	return x.write.do(ctx, op{run: fn, one: true})
}

func (x *sqlite) reading(ctx context.Context) session { return session{ctx: ctx, on: x.reads} }

const (
	// tidyEvery and tidyAbove say when the write-ahead log is put into the file
	// beside all else: a commit that does it waits for it, and whoever sent the
	// alert with it. mostLog is the log's length in pages of 4 KiB at which a commit
	// does it after all.
	tidyEvery = time.Second
	tidyAbove = 4 << 20
	mostLog   = 25_000
)

// tidy puts the log into the file whenever it has grown, and holds nobody up.
func (x *sqlite) tidy(log string) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		select {
		case <-x.stop:
			return
		case <-tick.C:
		}
		if info, err := os.Stat(log); err == nil && info.Size() > tidyAbove {
			_, _ = x.tidying.Exec(`PRAGMA wal_checkpoint(PASSIVE)`) // what it could not do it does next time
		}
	}
}

// clock is how long the file has been open: one program has it, and frees all
// claims when it opens it.
func (x *sqlite) clock() int64 { return int64(time.Since(x.opened)) + 1 }

func (x *sqlite) alone() bool { return true }

func (x *sqlite) notify(string, string, string) {} // there is no other

// ping answers at once with why the last write was refused, while another one is
// tried: whether it was mended shows only in that, and a lock is waited for.
func (x *sqlite) ping(ctx context.Context) error {
	var one int
	if err := x.reading(ctx).row(`SELECT 1 FROM goose_db_version LIMIT 1`).Scan(&one); err != nil {
		return err
	}
	why := x.write.refused.Load()
	if why == nil {
		return nil
	}
	if x.trying.CompareAndSwap(false, true) {
		go func() {
			defer x.trying.Store(false)
			x.try()
		}()
	}
	return why
}

// try writes as much as an alert may have: the last few bytes of a disk take
// what is small.
func (x *sqlite) try() {
	for _, half := range []string{`CREATE TABLE IF NOT EXISTS trial (x BLOB)`, `INSERT INTO trial VALUES (zeroblob(65536))`, `DROP TABLE trial`} {
		if x.do(context.Background(), execute(half)) != nil {
			return // the writer has noted why
		}
	}
}

// close closes the writer last: only it can put the write-ahead log back into
// the file.
func (x *sqlite) close() error {
	var errs []error
	close(x.stop)
	x.done.Wait()
	if x.tidying != nil {
		errs = append(errs, x.tidying.Close())
	}
	if x.reads != nil {
		errs = append(errs, x.reads.close(), x.read.Close())
	}
	if x.write != nil {
		errs = append(errs, x.write.close())
	}
	if x.writing != nil {
		errs = append(errs, x.writing.Close())
	}
	return errors.Join(errs...)
}

// preparer is what *sql.DB and *sql.Conn have in common beside runner.
type preparer interface {
	runner
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// mostPrepared bounds the statements that are kept: filters can be combined in
// many ways.
const mostPrepared = 256

// prepared is a runner that compiles each statement once.
type prepared struct {
	on preparer

	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

func newPrepared(on preparer) *prepared { return &prepared{on: on, stmts: map[string]*sql.Stmt{}} }

// of is the statement for a query, nil when it is not worth keeping or is
// refused; then the query itself says why.
func (p *prepared) of(ctx context.Context, query string) *sql.Stmt {
	p.mu.Lock()
	known, full := p.stmts[query], len(p.stmts) >= mostPrepared
	p.mu.Unlock() // not held while the database is asked, which may have no connection to spare
	if known != nil || full {
		return known
	}
	st, err := p.on.PrepareContext(context.WithoutCancel(ctx), query)
	if err != nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if first := p.stmts[query]; first != nil { // somebody was faster
		_ = st.Close()
		return first
	}
	p.stmts[query] = st
	return st
}

func (p *prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if st := p.of(ctx, query); st != nil {
		return st.ExecContext(ctx, args...)
	}
	return p.on.ExecContext(ctx, query, args...)
}

func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if st := p.of(ctx, query); st != nil {
		return st.QueryContext(ctx, args...)
	}
	return p.on.QueryContext(ctx, query, args...)
}

func (p *prepared) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if st := p.of(ctx, query); st != nil {
		return st.QueryRowContext(ctx, args...)
	}
	return p.on.QueryRowContext(ctx, query, args...)
}

func (p *prepared) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, st := range p.stmts {
		errs = append(errs, st.Close())
	}
	return errors.Join(errs...)
}
