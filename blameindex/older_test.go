package blameindex

import (
	"compress/gzip"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// older unpacks an index that a program wrote which kept its schema in SQLite's
// user_version: of one commit with one decision record, tagged in a file.
func older(t *testing.T) string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "schema-4.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "index.db")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func why(t *testing.T, db *DB) string {
	t.Helper()
	w, err := db.Why(t.Context(), "internal/pool/pool.go", 4, "")
	if err != nil || len(w.Decisions) == 0 {
		t.Fatalf("got %+v, %v; want the decision behind the line", w, err)
	}
	return w.Decisions[0].DecisionID
}

func TestAnOlderIndexOpensWithAllItHolds(t *testing.T) {
	file := older(t)
	for _, o := range []Options{{ReadOnly: true}, {}, {}, {ReadOnly: true}} { // before, while and after it is adopted
		db, err := Open(file, o)
		if err != nil {
			t.Fatalf("read-only %v: %v", o.ReadOnly, err)
		}
		if got := why(t, db); got != "ADR-047" {
			t.Errorf("read-only %v: got %s, want ADR-047", o.ReadOnly, got)
		}
		if err := errors.Join(db.Check(t.Context()), db.Close()); err != nil {
			t.Error(err)
		}
	}
}

// TestAnEarlierProgramReadsOrRefusesTheIndex reads what programs from before
// goose read: their own number of the schema.
func TestAnEarlierProgramReadsOrRefusesTheIndex(t *testing.T) {
	m, err := known()
	if err != nil {
		t.Fatal(err)
	}
	newest, err := m.Newest()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{older(t), filepath.Join(t.TempDir(), "new.db")} {
		db, err := Open(file, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		c, err := sql.Open("sqlite3", file)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var version int64
		if err := c.QueryRow("PRAGMA user_version").Scan(&version); err != nil || version != newest {
			t.Errorf("an earlier program takes it for schema %d (%v), want %d", version, err, newest)
		}
	}
}

// TestManyMayBringOneIndexUpToDate opens one file many times at once: an older one, and
// new ones, of which every tenth or so has two programs turn it to WAL at once.
func TestManyMayBringOneIndexUpToDate(t *testing.T) {
	files := []string{older(t)}
	for i := range 40 {
		files = append(files, filepath.Join(t.TempDir(), fmt.Sprint(i, ".db")))
	}
	for _, file := range files {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				db, err := Open(file, Options{})
				if err != nil {
					t.Error(err)
					return
				}
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		c, err := sql.Open("sqlite3", file)
		if err != nil {
			t.Fatal(err)
		}
		var notes, versions int
		if err := c.QueryRow("SELECT count(*), count(DISTINCT version_id) FROM goose_db_version").Scan(&notes, &versions); err != nil || notes != versions {
			t.Errorf("got %d notes of %d migrations (%v), want each once", notes, versions, err)
		}
		_ = c.Close()
	}
}

func TestAnIndexThatGooseSaysIsNewerIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "w.db")
	db, err := Open(file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	execSQL(t, file, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)")
	for _, readOnly := range []bool{false, true} {
		if _, err := Open(file, Options{ReadOnly: readOnly}); !errors.Is(err, evidence.ErrInvalid) || !strings.Contains(err.Error(), "newer wherefore") {
			t.Errorf("read-only %v: got %v, want refused", readOnly, err)
		}
	}
}
