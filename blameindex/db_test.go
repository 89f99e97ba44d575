package blameindex

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func execSQL(t *testing.T, file, query string) {
	t.Helper()
	c, err := sql.Open("sqlite3", file)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Exec(query); err != nil {
		t.Fatal(err)
	}
}

func TestNewerDatabaseIsRefusedAndLeftAlone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "w.db")
	db, err := Open(file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	execSQL(t, file, "PRAGMA user_version = 99")
	for _, readOnly := range []bool{false, true} {
		if _, err := Open(file, Options{ReadOnly: readOnly}); !errors.Is(err, evidence.ErrInvalid) || !strings.Contains(err.Error(), "newer wherefore") {
			t.Errorf("read-only %v: got %v, want refused", readOnly, err)
		}
	}
}

func TestOlderDatabaseIsMigrated(t *testing.T) {
	r, _ := shop(t)
	file := filepath.Join(t.TempDir(), "w.db")
	first, err := migrations.ReadFile("migration/0001_index.sql")
	if err != nil {
		t.Fatal(err)
	}
	execSQL(t, file, string(first)+"; INSERT INTO migration VALUES ('0001_index.sql'); PRAGMA user_version = 1")
	if _, err := Open(file, Options{ReadOnly: true}); err == nil || !strings.Contains(err.Error(), "older wherefore") {
		t.Errorf("got %v, want a word about the older version", err)
	}
	s, err := NewSource(context.Background(), []Place{{Repository: r.Dir, Database: file}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Decision(context.Background(), "ADR-047", "", ""); err != nil {
		t.Error(err)
	}
}

func TestNotADatabaseIsOneClearSentence(t *testing.T) {
	file := filepath.Join(t.TempDir(), "w.db")
	if err := os.WriteFile(file, []byte(strings.Repeat("not a database ", 100)), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file, Options{}); !errors.Is(err, evidence.ErrInvalid) {
		t.Errorf("got %v, want invalid", err)
	}
}

// TestDamagedPagesSayWhatToDo overwrites all but the first page of an index.
func TestDamagedPagesSayWhatToDo(t *testing.T) {
	r := gittest.New(t)
	r.Write("a.go", "package a\n")
	r.Commit("one")
	repo, db := openIndex(t, r.Dir, Options{})
	mustIndex(t, db, repo, IndexOptions{Revs: []string{"HEAD"}})
	path := db.path
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(whole); i++ {
		whole[i] = byte(i * 7)
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(path, Options{ReadOnly: true}); err == nil { // the page that says the schema may be whole
		defer db.Close()
		_, err = db.Why(t.Context(), "a.go", 1, "")
	}
	if want := path + " is damaged (database disk image is malformed); delete it and index again"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestEveryConnectionHasForeignKeysAndWAL(t *testing.T) {
	db, err := Open(filepath.Join(t.TempDir(), "w.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var conns []*sql.Conn
	for range 4 {
		c, err := db.read.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
		var keys, mode string
		if err := c.QueryRowContext(context.Background(), "PRAGMA foreign_keys").Scan(&keys); err != nil || keys != "1" {
			t.Errorf("foreign_keys: got %s, %v", keys, err)
		}
		if err := c.QueryRowContext(context.Background(), "PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
			t.Errorf("journal_mode: got %s, %v", mode, err)
		}
	}
	for _, c := range conns {
		c.Close()
	}
}

func keyFile(t *testing.T, ids ...*age.X25519Identity) string {
	t.Helper()
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(id.String() + "\n")
	}
	name := filepath.Join(t.TempDir(), "key.txt")
	if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestDecisionsAreEncryptedAtRest(t *testing.T) {
	r, _ := shop(t)
	old, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "w.db")
	use := func(key string) error {
		s, err := NewSource(context.Background(), []Place{{Repository: r.Dir, Database: file}}, Options{KeyFile: key})
		if err != nil {
			return err
		}
		defer s.Close()
		d, err := s.Decision(context.Background(), "ADR-047", "", "")
		if err == nil && d.Title != "Bound the pool" {
			t.Errorf("got title %q", d.Title)
		}
		return err
	}
	if err := use(keyFile(t, old)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, file + "-wal"} {
		if data, err := os.ReadFile(name); err == nil && strings.Contains(string(data), "idle connections") {
			t.Errorf("%s holds the text of the decision", filepath.Base(name))
		}
	}
	if err := use(keyFile(t, fresh)); err == nil || !strings.Contains(err.Error(), "none of the keys") {
		t.Errorf("wrong key: got %v", err)
	}
	if err := use(""); err == nil || !strings.Contains(err.Error(), "no key file is configured") {
		t.Errorf("no key: got %v", err)
	}
	if err := use(keyFile(t, fresh, old)); err != nil {
		t.Errorf("rotated: %v", err)
	}
	// A new commit indexed under the rotated key is readable without the old one.
	r.Write("main.go", "package main\n")
	r.Commit("Change")
	repo, db := openIndex(t, r.Dir, Options{})
	db.Close()
	db, err = Open(file, Options{KeyFile: keyFile(t, fresh, old)})
	if err != nil {
		t.Fatal(err)
	}
	mustIndex(t, db, repo, IndexOptions{Revs: []string{"HEAD"}})
	db.Close()
	if err := use(keyFile(t, fresh)); err != nil {
		t.Errorf("after rotation: %v", err)
	}
}

// TestAKeyThatComesLaterEncryptsWhatIsThere, and leaves nothing of it readable;
// so does a new key, with nothing new to index.
func TestAKeyThatComesLaterEncryptsWhatIsThere(t *testing.T) {
	r, _ := shop(t)
	repo, db := openIndex(t, r.Dir, Options{})
	mustIndex(t, db, repo, IndexOptions{})
	file := db.Path()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var ids []*age.X25519Identity
	for range 2 {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		ids = append([]*age.X25519Identity{id}, ids...)
		db, err := Open(file, Options{KeyFile: keyFile(t, ids...)})
		if err != nil {
			t.Fatal(err)
		}
		mustIndex(t, db, repo, IndexOptions{})
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{file, file + "-wal"} {
			if data, err := os.ReadFile(name); err == nil && strings.Contains(string(data), "idle connections") {
				t.Errorf("%s still holds the text of the decision", filepath.Base(name))
			}
		}
		db, err = Open(file, Options{KeyFile: keyFile(t, id)})
		if err != nil {
			t.Fatal(err)
		}
		if rs, err := db.Records(t.Context(), "HEAD"); err != nil || len(rs) != 1 {
			t.Errorf("with the newest key alone: got %d records, %v", len(rs), err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	plain, err := Open(file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	if _, err := plain.Index(t.Context(), repo, IndexOptions{}); !errors.Is(err, evidence.ErrInvalid) || !strings.Contains(err.Error(), "no key file is configured") {
		t.Errorf("got %v, want a refusal to index without the key", err)
	}
}
