package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/mattn/go-sqlite3" // the SQLite driver

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// batchLimit bounds how many writes share one commit.
const batchLimit = 256

// writer gives many callers one connection and lets their writes share
// commits: whoever arrives while a commit is being flushed goes into the next.
type writer struct {
	db   *sql.DB
	ops  chan op
	stop chan struct{}
	once sync.Once
	done chan struct{}
	// broken is true after a commit that the disk or the file refused.
	broken atomic.Bool
}

type op struct {
	run    func(*sql.Tx) error
	answer chan error
}

func newWriter(db *sql.DB) *writer {
	w := &writer{db: db, ops: make(chan op), stop: make(chan struct{}), done: make(chan struct{})}
	go w.loop()
	return w
}

// do runs fn inside a transaction and returns once that is durable. When fn
// fails, only its own writes are undone.
//
// fn must use the transaction without a context: SQLite answers an interrupted
// write by rolling the whole transaction back, the other callers' writes
// included.
func (w *writer) do(ctx context.Context, fn func(*sql.Tx) error) error {
	o := op{run: fn, answer: make(chan error, 1)}
	select {
	case w.ops <- o:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.stop:
		return errors.New("the casebook is closed")
	}
	// Once handed over, the outcome is waited for: a caller that gave up early
	// could not tell whether its write happened.
	return <-o.answer
}

func (w *writer) close() error {
	w.once.Do(func() { close(w.stop) })
	<-w.done
	return w.db.Close()
}

func (w *writer) loop() {
	defer close(w.done)
	for {
		select {
		case first := <-w.ops:
			w.commit(w.gather(first))
		case <-w.stop:
			return
		}
	}
}

// gather takes what is waiting, without waiting itself.
func (w *writer) gather(first op) []op {
	batch := []op{first}
	for len(batch) < batchLimit {
		select {
		case o := <-w.ops:
			batch = append(batch, o)
		default:
			return batch
		}
	}
	return batch
}

func (w *writer) commit(batch []op) {
	results := make([]error, len(batch))
	tx, err := w.db.Begin()
	for i, o := range batch {
		if err != nil {
			break
		}
		// A savepoint each, so that one caller's failure is only its own.
		if _, err = tx.Exec(`SAVEPOINT op`); err != nil {
			break
		}
		if results[i] = o.run(tx); results[i] != nil {
			_, err = tx.Exec(`ROLLBACK TO op`)
		}
		if err == nil {
			_, err = tx.Exec(`RELEASE op`)
		}
	}
	if tx != nil {
		if err == nil {
			err = tx.Commit()
		} else {
			_ = tx.Rollback()
		}
	}
	broken := false
	for i := range batch {
		if err != nil {
			results[i] = err
		}
		if refused(results[i]) {
			broken = true
			results[i] = fmt.Errorf("the casebook cannot be written (%w): %w", results[i], evidence.ErrUnavailable)
		}
	}
	w.broken.Store(broken)
	for i, o := range batch {
		o.answer <- results[i]
	}
}

// refused reports whether it is the disk or the file that a write failed by, so
// that another one would fail as well.
func refused(err error) bool {
	s, ok := errors.AsType[sqlite3.Error](err)
	return ok && slices.Contains([]sqlite3.ErrNo{sqlite3.ErrFull, sqlite3.ErrIoErr, sqlite3.ErrReadonly, sqlite3.ErrCorrupt, sqlite3.ErrCantOpen, sqlite3.ErrNotADB}, s.Code)
}
