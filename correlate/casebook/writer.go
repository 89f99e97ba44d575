package casebook

import (
	"context"
	"database/sql"
	"errors"
	"sync"
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
	for i, o := range batch {
		if err != nil {
			results[i] = err
		}
		o.answer <- results[i]
	}
}
