package casebook_test

import (
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// older unpacks a casebook that an earlier schema wrote: a report, a note, a
// judgment, a notification that waits, a change, a resolved incident, and an
// investigation that is due.
func older(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "book.db")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, z); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestAnOlderCasebookOpensWithAllItHolds(t *testing.T) {
	b, err := casebook.Open(t.Context(), older(t, "schema-5.db.gz"), casebook.Options{Now: func() time.Time { return start.Add(time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	ctx := t.Context()
	id := alert("reported", start).IncidentID()
	const body = `{"version":1,"engine":"0.1.0","title":"pool exhausted","verdict":{"word":"Likely"},"gone":["kept"]}`
	if got, err := b.Report(ctx, id, 1); err != nil || string(got) != body {
		t.Errorf("the report is %s (%v), want it byte for byte", got, err)
	}
	list, _, err := b.Incidents(ctx, casefile.IncidentFilter{})
	if err != nil || len(list) != 3 || list[2].State != casefile.StateResolved {
		t.Errorf("got %d incidents (%v), want 3 with the resolved one last", len(list), err)
	}
	notes, err := b.Notes(ctx, id)
	if err != nil || len(notes) != 1 || notes[0].Text != "rolled back" {
		t.Errorf("got notes %v (%v)", notes, err)
	}
	if judged, err := b.Judged(ctx); err != nil || len(judged) != 1 || judged[0].Right != 1 {
		t.Errorf("got judgments %v (%v)", judged, err)
	}
	if m, ok, err := b.Due(ctx, "chat"); !ok || err != nil || string(m.Body) != "hello" {
		t.Errorf("got message %+v (%v)", m, err)
	}
	if hot, err := b.Hot(ctx, 5); err != nil || len(hot) != 1 || hot[0].Decisions[0] != "DEC-1" {
		t.Errorf("got suspect lines %v (%v)", hot, err)
	}
	changes, err := b.Changes(ctx, evidence.Window{Start: start, End: start.Add(time.Second)})
	if diff := cmp.Diff([]evidence.Change{{ID: "c1", Time: start, Service: "shop", Kind: evidence.ChangeDeploy}}, changes); diff != "" || err != nil {
		t.Error(diff, err)
	}
	due := map[string]bool{}
	for range 2 {
		j, err := b.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		due[j.Incident] = true
	}
	waiting := alert("waiting", start)
	if !due[waiting.IncidentID()] || !due[list[2].ID] {
		t.Errorf("got the investigations of %v, want the two that wait", due)
	}
	// The same notification is still known as one seen before.
	if again, err := b.Accept(ctx, waiting, nil); err != nil || again != waiting.IncidentID() {
		t.Errorf("got %s (%v), want the incident that it opened", again, err)
	}
}

// TestACasebookFromBeforeTenantsIsTheUnnamedOnes opens what the last schema without
// tenants wrote.
func TestACasebookFromBeforeTenantsIsTheUnnamedOnes(t *testing.T) {
	b, err := casebook.Open(t.Context(), older(t, "schema-16.db.gz"), casebook.Options{Now: func() time.Time { return start.Add(time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	reported, waiting := alert("reported", start), alert("waiting", start)
	for name, c := range map[string]struct {
		of   casebook.TenantStore
		want int
	}{"the unnamed tenant": {b, 1}, "a named one": {b.For("acme"), 0}} {
		id := reported.IncidentID()
		list, _, err1 := c.of.Incidents(t.Context(), casefile.IncidentFilter{})
		notes, err2 := c.of.Notes(t.Context(), id)
		judged, err3 := c.of.Judged(t.Context())
		changes, err4 := c.of.Changes(t.Context(), evidence.Window{Start: start, End: start.Add(time.Second)})
		checks, err5 := c.of.Checks(t.Context(), "shop")
		log, _, err6 := c.of.AuditEntries(t.Context(), casefile.AuditFilter{Action: "note"})
		due, err7 := c.of.Pending(t.Context())
		if len(list) != 2*c.want || len(notes) != c.want || len(changes) != c.want || len(checks) != c.want || len(log) != c.want || due["chat"] != c.want {
			t.Errorf("%s has %d incidents, %d notes, %d changes, %d checks, %d audit entries and %v messages", name, len(list), len(notes), len(changes), len(checks), len(log), due)
		}
		if len(judged) != 0 { // the report had no verdict
			t.Errorf("%s has judgments %v", name, judged)
		}
		if err := errors.Join(err1, err2, err3, err4, err5, err6, err7); err != nil {
			t.Error(err)
		}
	}
	if token, err := b.Token(t.Context(), "t1"); err != nil || token.Tenant != "" {
		t.Errorf("got token %+v (%v)", token, err)
	}
	if again, err := b.Accept(t.Context(), waiting, nil); err != nil || again != waiting.IncidentID() {
		t.Errorf("got %s (%v), want the incident that it opened", again, err)
	}
	if j, err := b.Next(t.Context()); err != nil || j.Incident != waiting.IncidentID() || j.Tenant != "" {
		t.Errorf("got job %+v (%v)", j, err)
	}
}

// TestAnEarlierProgramRefusesALaterFile reads what programs from before goose
// read: the newest name in their own table of migrations.
func TestAnEarlierProgramRefusesALaterFile(t *testing.T) {
	file := older(t, "schema-5.db.gz")
	for _, f := range []string{file, filepath.Join(t.TempDir(), "new.db")} {
		b, err := casebook.Open(t.Context(), f, casebook.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		newest := query(t, f, `SELECT max(name) FROM schema_migration`)
		if newest <= "migration/0005_bundle.sql" {
			t.Errorf("the newest name is %s, which an earlier program takes for its own", newest)
		}
	}
}
