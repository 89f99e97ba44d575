package casebooktest

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// lived fills a casebook with n incidents an hour apart, each reported, noted on
// and resolved, and one that waits.
func lived(t *testing.T, b casebook.Store, c *clock, n int) (ids []string) {
	t.Helper()
	for i := range n {
		a := alert(fmt.Sprint("g", i), start.Add(time.Duration(i)*time.Hour))
		id := accept(t, b, a)
		finish(t, b, next(t, b), report.Report{Title: fmt.Sprint("cause ", i), Causes: []report.Cause{{Entity: evidence.Entity{Name: "shop"}, Decision: "DEC-1"}}})
		if _, err := b.AddNote(t.Context(), id, casefile.Note{Author: "ana", Text: "seen"}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.AddFeedback(t.Context(), id, casefile.Feedback{Judgment: "confirm", Revision: 1}); err != nil {
			t.Fatal(err)
		}
		accept(t, b, resolved(a, start.Add(time.Duration(i)*time.Hour+time.Minute)))
		ids = append(ids, id)
		c.advance(time.Hour)
	}
	if err := b.AddChanges(t.Context(), "ci", []evidence.Change{{ID: "c", Time: start}}); err != nil {
		t.Fatal(err)
	}
	return append(ids, accept(t, b, alert("waiting", start.Add(time.Duration(n)*time.Hour))))
}

func listed(t *testing.T, b casebook.Store) map[string]string {
	t.Helper()
	list, _, err := b.Incidents(t.Context(), casefile.IncidentFilter{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, i := range list {
		notes, err := b.Notes(t.Context(), i.ID)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := b.Report(t.Context(), i.ID, 0)
		all[i.ID] = fmt.Sprint(i, notes, string(body))
	}
	return all
}

func testOldThingsAreDroppedAndNothingElse(t *testing.T, open Open) {
	var c clock
	b := open(t, c.options())
	ids := lived(t, b, &c, 10)
	p, err := b.Prune(t.Context(), casebook.Retention{Raw: 3 * time.Hour, Incidents: 5*time.Hour + time.Minute, Audit: time.Hour, Changes: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if p.Incidents != 5 || p.Payloads == 0 || p.Audit == 0 || p.Changes != 1 {
		t.Errorf("got %+v, want 5 incidents, payloads, audit entries and the change dropped", p)
	}
	left := listed(t, b)
	for i, id := range ids {
		if _, there := left[id]; there != (i >= 5) {
			t.Errorf("incident %d: there is %v", i, there)
		}
	}
	if p, err := b.Prune(t.Context(), casebook.Retention{}); err != nil || p.Any() {
		t.Errorf("without a bound %s was dropped (%v)", p, err)
	}
	if j := next(t, b); j.Incident != ids[10] {
		t.Errorf("got %s, want the one that waits", j.Incident)
	}
}

func testRawPayloadsGoFirstWhenThereIsTooMuch(t *testing.T, open Open) {
	var c clock
	b := open(t, c.options())
	for i := range 20 {
		a := alert(fmt.Sprint("g", i), start)
		if _, err := b.Accept(t.Context(), a, []byte(strings.Repeat("x", 10_000))); err != nil {
			t.Fatal(err)
		}
		finish(t, b, next(t, b), report.Report{Title: strings.Repeat("y", 1000)})
		accept(t, b, resolved(a, start.Add(time.Minute)))
	}
	c.advance(time.Hour)
	p, err := b.Prune(t.Context(), casebook.Retention{Bytes: 150_000})
	if err != nil || p.Payloads == 0 || p.Incidents != 0 || p.Bytes > 150_000 {
		t.Errorf("got %+v (%v), want payloads dropped alone", p, err)
	}
	p, err = b.Prune(t.Context(), casebook.Retention{Bytes: 1})
	if err != nil || p.Incidents != 20 || len(listed(t, b)) != 0 {
		t.Errorf("got %+v (%v), want all dropped", p, err)
	}
}

func testABackupIsTheWholeCasebook(t *testing.T, open Open) {
	var c clock
	b := open(t, c.options())
	ids := lived(t, b, &c, 5)
	file := filepath.Join(t.TempDir(), "backup.db")
	if err := b.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if err := b.Backup(t.Context(), file); err == nil {
		t.Error("a backup replaced a file that was there")
	}
	if faults, err := casebook.CheckFile(t.Context(), file); err != nil || len(faults) != 0 {
		t.Errorf("the backup has faults: %q (%v)", faults, err)
	}
	copied, err := casebook.Open(t.Context(), file, c.options())
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	if diff := cmp.Diff(listed(t, b), listed(t, copied)); diff != "" {
		t.Error(diff)
	}
	if j := next(t, copied); j.Incident != ids[5] {
		t.Errorf("got %s, want the investigation that waits", j.Incident)
	}
}

func testACasebookIsCopiedIntoAnother(t *testing.T, open Open) {
	var c clock
	from, err := casebook.Open(t.Context(), filepath.Join(t.TempDir(), "from.db"), c.options())
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	ids := lived(t, from, &c, 5)
	to, ok := open(t, c.options()).(*casebook.Book)
	if !ok {
		t.Skip("only a Book can be copied into")
	}
	if _, err := from.CopyTo(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(listed(t, from), listed(t, to)); diff != "" {
		t.Error(diff)
	}
	if _, err := to.AddNote(t.Context(), ids[0], casefile.Note{Text: "after"}); err != nil {
		t.Errorf("numbers begin anew: %v", err)
	}
	if _, err := from.CopyTo(t.Context(), to); err == nil {
		t.Error("a casebook that is not empty was copied into")
	}
}
