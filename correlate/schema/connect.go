package schema

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/mattn/go-sqlite3"
)

// patience is for how long a file is tried that another program holds, as long as a
// statement waits for a lock.
const patience = 10 * time.Second

// Connect makes the first connection to a SQLite file in WAL mode. Of several programs
// that open a new file at once only one can turn it to WAL: the others are told that it
// is busy at once, whatever their busy_timeout is (https://sqlite.org/wal.html, section
// 9), and have to come again.
func Connect(ctx context.Context, db *sql.DB) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 5*time.Millisecond, 200*time.Millisecond
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := db.PingContext(ctx)
		if err != nil && !Busy(err) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(patience))
	return err
}

// Busy reports whether a SQLite file could not be used since another program holds it.
func Busy(err error) bool {
	s, ok := errors.AsType[sqlite3.Error](err)
	return ok && (s.Code == sqlite3.ErrBusy || s.Code == sqlite3.ErrLocked)
}
