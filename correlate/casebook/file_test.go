package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TestEveryConnectionIsDurableAndChecked holds connections open at once, so that
// the pool must open new ones: pragmas are a connection's own.
func TestEveryConnectionIsDurableAndChecked(t *testing.T) {
	b, err := Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	db := b.db.(*sqlite)
	conns := map[string]*sql.Conn{"write": db.write.conn}
	for _, name := range []string{"read", "read again"} {
		c, err := db.read.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns[name] = c
	}
	for name, c := range conns {
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "2000"} {
			var got string
			if err := c.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %s is %q (%v), want %q", name, pragma, got, err, want)
			}
		}
	}
}

// TestAFileThatRefusesWritesIsNoPlaceForAlerts makes the file read-only for a
// while.
func TestAFileThatRefusesWritesIsNoPlaceForAlerts(t *testing.T) {
	b, err := Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	a := evidence.Alert{GroupKey: "g", Instances: []evidence.AlertInstance{{StartsAt: time.Unix(1, 0)}}}
	for _, refuses := range []bool{false, true, false} {
		if _, err := b.db.(*sqlite).write.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA query_only = %v", refuses)); err != nil {
			t.Fatal(err)
		}
		a.GroupKey += "g"
		_, err := b.Accept(t.Context(), a, nil)
		if errors.Is(err, evidence.ErrUnavailable) != refuses || (err != nil) != refuses {
			t.Errorf("read-only %v: got %v", refuses, err)
		}
		for range 12000 { // it is noticed in the background that writes are taken again
			if err = b.Ping(t.Context()); (err != nil) == refuses {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if (err != nil) != refuses {
			t.Errorf("read-only %v: ping says %v", refuses, err)
		}
	}
}

// TestWhatRefusesWritesIsNamedAndMended has another program hold the lock, and
// then the disk full.
func TestWhatRefusesWritesIsNamedAndMended(t *testing.T) {
	file := filepath.Join(t.TempDir(), "book.db")
	b, err := Open(t.Context(), file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	other, err := sql.Open("sqlite3", file)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	run := func(db interface {
		ExecContext(context.Context, string, ...any) (sql.Result, error)
	}, statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	writer := b.db.(*sqlite).write.conn
	for n, c := range []struct {
		reason     string
		begin, end func()
	}{
		{"locked", func() { run(other, `BEGIN IMMEDIATE`) }, func() { run(other, `COMMIT`) }},
		{"full", func() { run(writer, `PRAGMA max_page_count = 1`) }, func() { run(writer, `PRAGMA max_page_count = 1000000`) }},
	} {
		a := evidence.Alert{GroupKey: fmt.Sprint(n), Annotations: map[string]string{"summary": strings.Repeat("x", 1<<17)}, Instances: []evidence.AlertInstance{{StartsAt: time.Unix(int64(n), 0)}}}
		c.begin()
		_, err := b.Accept(t.Context(), a, nil)
		refused, ok := errors.AsType[*RefusedError](err)
		if !ok || refused.Reason() != c.reason || !errors.Is(err, evidence.ErrUnavailable) {
			t.Errorf("%s: got %v", c.reason, err)
		}
		if ping := b.Ping(t.Context()); !errors.As(ping, &refused) || refused.Reason() != c.reason {
			t.Errorf("%s: ping says %v", c.reason, ping)
		}
		c.end()
		for range 12000 {
			if err = b.Ping(t.Context()); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if _, acceptErr := b.Accept(t.Context(), a, nil); err != nil || acceptErr != nil {
			t.Errorf("%s: after it was mended ping says %v and an alert %v", c.reason, err, acceptErr)
		}
	}
}
