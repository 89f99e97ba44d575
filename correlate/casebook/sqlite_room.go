package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

const (
	roomStep   = 1 << 20 // bytes that are written at a time
	roomCache  = 10      // pages: more is written to the log at once
	usualCache = -2000   // KiB, SQLite's own
)

// makeRoom has the write-ahead log take its room on the disk before it is needed: a
// commit that makes the file longer waits for the file system's own journal too. What
// is written for it is rolled back; nobody sees it, and the log's next pages are
// written over it.
func makeRoom(ctx context.Context, conn *sql.Conn, bytes int64) (err error) {
	if bytes == 0 {
		return nil
	}
	if _, err := conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	defer func() {
		ctx := context.WithoutCancel(ctx)
		_, undone := conn.ExecContext(ctx, `ROLLBACK`)
		_, sized := conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA cache_size = %d`, usualCache))
		err = errors.Join(err, undone, sized)
	}()
	for _, s := range []string{fmt.Sprintf(`PRAGMA cache_size = %d`, roomCache), `CREATE TABLE room (x BLOB)`} {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	for at := int64(0); at < bytes; at += roomStep {
		if _, err := conn.ExecContext(ctx, `INSERT INTO room VALUES (zeroblob(?))`, roomStep); err != nil {
			return err
		}
	}
	return nil
}
