package casebook

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// TestEveryConnectionIsDurableAndChecked holds connections open at once, so that
// the pool must open new ones: pragmas are a connection's own.
func TestEveryConnectionIsDurableAndChecked(t *testing.T) {
	b, err := Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for name, pool := range map[string]*sql.DB{"write": b.write.db, "read": b.read, "read again": b.read} {
		c, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"} {
			var got string
			if err := c.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %s is %q (%v), want %q", name, pragma, got, err, want)
			}
		}
	}
}
