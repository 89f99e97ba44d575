package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/mattn/go-sqlite3" // the SQLite driver
)

// batchLimit bounds how many writes share one commit.
const batchLimit = 256

// writer gives many callers one connection and lets their writes share
// commits: whoever arrives while a commit is being flushed goes into the next.
type writer struct {
	conn *sql.Conn
	own  *prepared
	ops  chan op
	stop chan struct{}
	once sync.Once
	done chan struct{}
	// refused is why the last commit was, nil when it was not.
	refused atomic.Pointer[RefusedError]
}

type op struct {
	run    func(session) error
	one    bool // it writes by one statement at most
	answer chan error
}

func newWriter(ctx context.Context, db *sql.DB, room int64) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA wal_autocheckpoint = %d`, mostLog)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	_ = makeRoom(ctx, conn, room) // without it commits take longer, and nothing else
	w := &writer{conn: conn, own: newPrepared(conn), ops: make(chan op), stop: make(chan struct{}), done: make(chan struct{})}
	go w.loop()
	return w, nil
}

// do runs o inside a transaction and returns once that is durable. When it
// fails, only its own writes are undone.
//
// Its session has no end of its own: SQLite answers an interrupted write by
// rolling the whole transaction back, the other callers' writes included.
func (w *writer) do(ctx context.Context, o op) error {
	o.answer = make(chan error, 1)
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
	return errors.Join(w.own.close(), w.conn.Close())
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
	var after ends
	tx := session{ctx: context.Background(), on: w.own, clock: `?1`, ends: &after}
	err := tx.exec(`BEGIN IMMEDIATE`)
	begun := err == nil
	for i, o := range batch {
		if err != nil {
			break
		}
		if len(batch) == 1 {
			results[i] = o.run(tx)
			err = results[i]
			break
		}
		results[i], err = savedOp(tx, o)
	}
	if begun {
		if err == nil {
			err = tx.exec(`COMMIT`)
		}
		if err != nil {
			_ = tx.exec(`ROLLBACK`) // what refused the commit may have ended it
			callAll(after.undone)
		} else {
			callAll(after.done)
		}
	}
	var why *RefusedError
	for i := range batch {
		if err != nil {
			results[i] = err
		}
		if r := refusal(results[i]); r != nil {
			why, results[i] = r, r
		}
	}
	w.refused.Store(why)
	for i, o := range batch {
		o.answer <- results[i]
	}
}

// savedOp runs one of several writes in a savepoint, so that one caller's failure
// is only its own; err is what ends the whole transaction.
func savedOp(tx session, o op) (result, err error) {
	if o.one {
		if result = o.run(tx); refusal(result) != nil {
			return result, result
		}
		return result, nil
	}
	if err := tx.exec(`SAVEPOINT op`); err != nil {
		return nil, err
	}
	var after ends
	own := tx
	own.ends = &after
	result = o.run(own)
	tx.ends.undone = append(tx.ends.undone, after.undone...)
	if refusal(result) != nil {
		return result, result // it may have ended the whole transaction
	}
	if result == nil {
		tx.ends.done = append(tx.ends.done, after.done...)
		return nil, tx.exec(`RELEASE op`)
	}
	if err := tx.exec(`ROLLBACK TO op`); err != nil {
		return result, err
	}
	callAll(after.undone)
	return result, tx.exec(`RELEASE op`)
}

// reasons are the errors by which the disk, the file or another program refuses
// any write, so that another one would fail as well.
var reasons = map[sqlite3.ErrNo]string{
	sqlite3.ErrBusy: "locked", sqlite3.ErrLocked: "locked", sqlite3.ErrFull: "full", sqlite3.ErrReadonly: "readonly",
	sqlite3.ErrIoErr: "unavailable", sqlite3.ErrCorrupt: "unavailable", sqlite3.ErrCantOpen: "unavailable", sqlite3.ErrNotADB: "unavailable",
}

// refusal says why a write failed when it would fail again now, nil otherwise.
func refusal(err error) *RefusedError {
	s, ok := errors.AsType[sqlite3.Error](err)
	if !ok || reasons[s.Code] == "" {
		return nil
	}
	r := &RefusedError{reasons[s.Code], err}
	// A disk that is full mostly shows as a failed write of the log beside the file.
	if s.Code == sqlite3.ErrIoErr && errors.Is(s.SystemErrno, syscall.ENOSPC) {
		r.reason = "full"
	}
	return r
}
