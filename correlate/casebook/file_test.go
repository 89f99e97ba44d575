package casebook

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
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
		if _, err := b.Accept(t.Context(), a, nil); errors.Is(err, evidence.ErrUnavailable) != refuses || (err != nil) != refuses {
			t.Errorf("read-only %v: got %v", refuses, err)
		}
		if err := b.Ping(t.Context()); (err != nil) != refuses {
			t.Errorf("read-only %v: ping says %v", refuses, err)
		}
	}
}
