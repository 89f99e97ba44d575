package casebook

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TestTheLogHasItsRoomBeforeItIsNeeded opens a casebook with room for its log, writes
// less than that, and looks at what is left when it was closed and when it was not.
func TestTheLogHasItsRoomBeforeItIsNeeded(t *testing.T) {
	const room = 4 << 20
	file := filepath.Join(t.TempDir(), "book.db")
	size := func() int64 {
		info, err := os.Stat(file + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	b, err := Open(t.Context(), file, Options{LogRoom: room})
	if err != nil {
		t.Fatal(err)
	}
	before := size()
	if before < room {
		t.Fatalf("the log has %d bytes of %d", before, room)
	}
	for _, key := range []string{"a", "b", "c"} {
		if _, err := b.Accept(t.Context(), fired(key, noon, evidence.StatusFiring, "f1"), []byte(`{}`)); err != nil {
			t.Fatal(err)
		}
	}
	if after := size(); after != before {
		t.Errorf("the log went from %d to %d bytes for three alerts", before, after)
	}
	// As a program that was killed leaves them.
	crashed := filepath.Join(t.TempDir(), "book.db")
	for _, end := range []string{"", "-wal"} {
		raw, err := os.ReadFile(file + end)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(crashed+end, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{file, crashed} {
		if faults, err := CheckFile(t.Context(), f); err != nil || len(faults) > 0 {
			t.Errorf("got %v (%v)", faults, err)
		}
		b, err := Open(t.Context(), f, Options{LogRoom: room, Lease: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := b.Waiting(t.Context()); n != 3 || err != nil {
			t.Errorf("%d wait (%v), want three", n, err)
		}
		var tables int
		if err := b.db.reading(t.Context()).row(`SELECT count(*) FROM sqlite_schema WHERE name = 'room'`).Scan(&tables); err != nil || tables > 0 {
			t.Errorf("the room is a table (%v)", err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestTheLogTakesItsRoomWhereThereIsMuch(t *testing.T) {
	const wanted = 32 << 20
	for free, want := range map[uint64]int64{1 << 63: wanted, 1 << 40: wanted, 320 << 20: wanted, 100 << 20: 10 << 20, 10<<20 - 1: 0, 0: 0} {
		if got := affordable(wanted, free); got != want {
			t.Errorf("with %d bytes free: got %d, want %d", free, got, want)
		}
	}
	if got := roomIn(t.Context(), filepath.Join(t.TempDir(), "not there", "book.db"), wanted); got != wanted {
		t.Errorf("got %d where nobody knows what is free", got)
	}
}

// TestRoomThatThereIsNotIsGivenBack has the disk be full in the middle.
func TestRoomThatThereIsNotIsGivenBack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "book.db")
	db, err := sql.Open("sqlite3", "file:"+file+"?_journal_mode=WAL&_synchronous=FULL")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, s := range []string{`CREATE TABLE kept (x BLOB)`, `PRAGMA max_page_count = 1000`} {
		if _, err := conn.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if err := makeRoom(t.Context(), conn, 32<<20); err == nil {
		t.Fatal("there was room for eight times what the disk holds")
	}
	if info, err := os.Stat(file + "-wal"); err != nil || info.Size() > 0 {
		t.Errorf("the log keeps %d bytes (%v)", info.Size(), err)
	}
	if _, err := conn.ExecContext(t.Context(), `INSERT INTO kept VALUES (zeroblob(100000))`); err != nil {
		t.Errorf("nothing can be written any more: %v", err)
	}
}
