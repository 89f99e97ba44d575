package blameindex

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/wherefore-dev/wherefore/blameindex/git"
)

// TestAnInterruptedReadIsNotRemembered has the database fail at the last row of
// each read that is kept in memory, as a deadline in the middle of it does: the
// next reader gets all of it.
func TestAnInterruptedReadIsNotRemembered(t *testing.T) {
	ctx := context.Background()
	r, shas := shop(t)
	for i := range 20 {
		r.Write(fmt.Sprintf("docs/decisions/more-%d.yaml", i), fmt.Sprintf("decision_id: DEC-%d\n", i)+record[len("decision_id: ADR-047\n"):])
	}
	shas = append(shas, r.Commit("Record more"))
	repo, err := git.Open(ctx, r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	db, err := Open(filepath.Join(t.TempDir(), "w.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Index(ctx, repo, IndexOptions{}); err != nil {
		t.Fatal(err)
	}
	rev, err := db.revisionBySHA(ctx, shas[len(shas)-1])
	if err != nil {
		t.Fatal(err)
	}
	exec := func(q string) {
		t.Helper()
		if _, err := db.write.ExecContext(ctx, q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	// abs of the least integer is an error of SQLite's, when the row is reached.
	spoil := func(table, columns string) {
		exec("PRAGMA foreign_keys = 0")
		exec("PRAGMA legacy_alter_table = 1")
		exec("ALTER TABLE " + table + " RENAME TO whole_" + table)
		exec("CREATE VIEW " + table + " AS SELECT " + columns + " FROM whole_" + table)
	}
	mend := func(table string) {
		exec("DROP VIEW " + table)
		exec("ALTER TABLE whole_" + table + " RENAME TO " + table)
	}
	const overflow = "CASE WHEN id = (SELECT max(id) FROM whole_%s) THEN abs(-9223372036854775807 - 1) ELSE %s END AS %s"
	for name, c := range map[string]struct {
		table, columns string
		read           func() (int, error)
		want           int
	}{
		"records": {"record", "id, blob, path, deleted, " + fmt.Sprintf(overflow, "record", "document", "document"), func() (int, error) {
			rs, err := db.recordSet(ctx, rev.records)
			return len(rs), err
		}, 21},
		"owners": {"codeowners", "id, blob, " + fmt.Sprintf(overflow, "codeowners", "text", "text"), func() (int, error) {
			names, err := db.ownersOf(ctx, rev.owners, "internal/pool/pool.go")
			return len(names), err
		}, 1},
	} {
		spoil(c.table, c.columns)
		if n, err := c.read(); err == nil {
			t.Errorf("%s: got %d and no error from a read that was cut off", name, n)
		}
		mend(c.table)
		for range 2 {
			if n, err := c.read(); n != c.want || err != nil {
				t.Errorf("%s: got %d (%v) after a read that was cut off, want %d", name, n, err, c.want)
			}
		}
	}
}

// TestWhatIsKeptInMemoryIsBounded asks about more record sets than are kept.
func TestWhatIsKeptInMemoryIsBounded(t *testing.T) {
	db, err := Open(filepath.Join(t.TempDir(), "w.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for set := range int64(10 * keptRecordSets) {
		if _, err := db.recordSet(t.Context(), set+1); err != nil {
			t.Fatal(err)
		}
		db.owners.Add(set, parseOwners("* @a\n"))
	}
	if n, m := db.records.Len(), db.owners.Len(); n != keptRecordSets || m != keptOwnerFiles {
		t.Errorf("%d record sets and %d owner files are kept, want %d and %d", n, m, keptRecordSets, keptOwnerFiles)
	}
}
