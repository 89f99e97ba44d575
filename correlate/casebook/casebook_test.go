package casebook_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casebook/casebooktest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

var start = time.Date(2026, 3, 1, 2, 51, 7, 0, time.UTC)

func TestSQLiteKeepsTheContract(t *testing.T) {
	var files sync.Map
	casebooktest.Run(t, func(t *testing.T, o casebook.Options) casebook.Store {
		file := filepath.Join(t.TempDir(), "book.db")
		b, err := casebook.Open(t.Context(), file, o)
		if err != nil {
			t.Fatal(err)
		}
		files.Store(b, file)
		t.Cleanup(func() {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		})
		return b
	}, func(t *testing.T, s casebook.Store) {
		file, _ := files.Load(s)
		execute(t, file.(string), `UPDATE job SET lease_until = 0`)
	})
}

// execute changes a casebook's file behind its back.
func execute(t *testing.T, file, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite3", file+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func alert(group string, at time.Time) evidence.Alert {
	return evidence.Alert{
		Receiver: "wh", GroupKey: group, Status: evidence.StatusFiring,
		Labels: map[string]string{"alertname": "Burn", "service": "shop", "severity": "critical"},
		Instances: []evidence.AlertInstance{{
			Status: evidence.StatusFiring, Labels: map[string]string{"service": "shop"}, StartsAt: at, Fingerprint: "f1",
		}},
	}
}

// query reads one value out of a closed casebook's file.
func query(t *testing.T, file, statement string) (value string) {
	t.Helper()
	db, err := sql.Open("sqlite3", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(statement).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestANewerOrForeignFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	newer, named := filepath.Join(dir, "newer.db"), filepath.Join(dir, "named.db")
	for file, statement := range map[string]string{
		newer: `CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')));
			INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (9999, 1)`,
		named: `CREATE TABLE schema_migration (name TEXT PRIMARY KEY, applied_at INTEGER); INSERT INTO schema_migration VALUES ('migration/9999_future.sql', 0)`,
	} {
		execute(t, file, statement)
	}
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{newer: "newer wherefore", named: "newer wherefore", garbage: "file is not a database", filepath.Join(dir, "no", "such"): "unable to open"} {
		_, err := casebook.Open(t.Context(), file, casebook.Options{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: got %v, want %q and the file's name", filepath.Base(file), err, want)
		}
	}
}

func BenchmarkAccept(b *testing.B) {
	book, err := casebook.Open(b.Context(), filepath.Join(b.TempDir(), "book.db"), casebook.Options{QueueLimit: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	defer book.Close()
	n := 0
	var mu sync.Mutex
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			mu.Lock()
			n++
			a := alert(fmt.Sprint(n), start)
			mu.Unlock()
			if _, err := book.Accept(b.Context(), a, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}
