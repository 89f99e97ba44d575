package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"path/filepath"

	"github.com/shirou/gopsutil/v4/disk" // what is free on a disk, on each system
)

const (
	roomStep  = 1 << 20 // bytes that are written at a time
	roomCache = 10      // pages: more is written to the log at once
	// roomShare is the part of what is free on the disk that is taken at most: nine
	// tenths are left to the casebook itself, to evidence and to others.
	roomShare  = 10
	usualCache = -2000 // KiB, SQLite's own
)

// makeRoom has the write-ahead log take its room on the disk before it is needed: a
// commit that makes the file longer waits for the file system's own journal too. What
// is written for it is rolled back; nobody sees it, and the log's next pages are
// written over it.
//
// Where there was less on the disk than that, what was taken is given back.
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
		if err != nil { // SQLite itself has rolled back when the disk is full
			_, undone = conn.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
		}
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

// affordable is how much of the room wanted is taken where so many bytes are free, in
// whole steps.
func affordable(wanted int64, free uint64) int64 {
	return min(wanted, int64(min(free, math.MaxInt64))/roomShare/roomStep*roomStep)
}

// roomIn is how much of the room wanted the log of a file takes; all of it where
// nobody can tell what is free.
func roomIn(ctx context.Context, file string, wanted int64) int64 {
	on, err := disk.UsageWithContext(ctx, filepath.Dir(file))
	if err != nil {
		return wanted
	}
	return affordable(wanted, on.Free)
}
