package blameindex

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
)

// TestARecordThatIsThereIsNeverUnknown: a line that names a record is told what
// became of it, whether it is complete, in another form, or refused.
func TestARecordThatIsThereIsNeverUnknown(t *testing.T) {
	r := gittest.New(t)
	r.Write("docs/decisions/047.yaml", record)
	r.Write("docs/decisions/0005-use-timeout.md", "---\nstatus: accepted\ndate: 2026-05-04\n---\n# Use a timeout\n\n## Context and Problem Statement\n\nSlow.\n\n## Decision Outcome\n\nChosen option: \"timeout\"\n")
	r.Write("docs/decisions/broken.yaml", strings.Replace(strings.Replace(record, "ADR-047", "DEC-9", 1), "logged_at: 2024-06-15T14:22:17Z", "logged_at: soon", 1))
	r.Write("a.go", "package a\n\n// decision:ADR-047\nvar a = 1\n")
	r.Write("b.go", "package b\n\n// decision:ADR-0005\nvar b = 1\n")
	r.Write("c.go", "package c\n\n// decision:DEC-9\nvar c = 1\n")
	r.Write("d.go", "package d\n\n// decision:DEC-404\nvar d = 1\n")
	r.Commit("Start")
	repo, err := git.Open(t.Context(), r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	db, err := Open(filepath.Join(t.TempDir(), "w.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	stats, err := db.Index(t.Context(), repo, IndexOptions{})
	if err != nil || stats.Records != 2 || stats.Refused != 1 {
		t.Fatalf("got %d records and %d refused (%v), want 2 and 1", stats.Records, stats.Refused, err)
	}
	for file, want := range map[string]struct{ title, refused string }{
		"a.go": {"Bound the pool", ""}, "b.go": {"Use a timeout", ""},
		"c.go": {"", "docs/decisions/broken.yaml:"}, "d.go": {"", ""},
	} {
		a, err := db.Why(t.Context(), file, 4, "HEAD")
		if err != nil || len(a.Decisions) != 1 {
			t.Errorf("%s: got %+v (%v), want one decision", file, a.Decisions, err)
			continue
		}
		d := a.Decisions[0]
		if want.title != "" && (d.Record == nil || d.Record.Title != want.title) {
			t.Errorf("%s: got %+v, want the record %q", file, d.Record, want.title)
		}
		if want.title == "" && d.Record != nil || !strings.HasPrefix(d.Refused, want.refused) || (want.refused == "") != (d.Refused == "") {
			t.Errorf("%s: got record %v and refusal %q, want %q", file, d.Record, d.Refused, want.refused)
		}
	}
	records, err := db.Records(t.Context(), "")
	if err != nil || len(records) != 2 {
		t.Errorf("got %d records (%v), want the refused one left out", len(records), err)
	}
}
