package casebooktest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func testNobodyCorrectsAnothersChange(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	add := func(sender, to string) {
		t.Helper()
		if err := b.AddChanges(t.Context(), sender, []evidence.Change{{ID: "ci/1", Time: start, To: to}}); err != nil {
			t.Fatal(err)
		}
	}
	add("ci", "v1")
	add("mallory", "v0")
	add("ci", "v2")
	add("ci", "v2")
	got, err := b.Changes(t.Context(), evidence.Window{Start: start, End: start.Add(time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, c := range got {
		rows = append(rows, c.ID+" "+c.To)
	}
	slices.Sort(rows)
	if want := []string{"ci/1 v2", "ci/1@mallory v0"}; !slices.Equal(rows, want) {
		t.Errorf("got %q, want %q", rows, want)
	}
	// A correction may move a change out of the window.
	if err := b.AddChanges(t.Context(), "ci", []evidence.Change{{ID: "ci/1", Time: start.Add(-time.Hour), To: "v3"}}); err != nil {
		t.Fatal(err)
	}
	if got, err = b.Changes(t.Context(), evidence.Window{Start: start, End: start.Add(time.Second)}); err != nil || len(got) != 1 {
		t.Errorf("got %v (%v), want the other sender's alone", got, err)
	}
}

func testABatchOfChangesIsStoredWholeOrNotAtAll(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	batch := make([]evidence.Change, 1000)
	for i := range batch {
		batch[i] = evidence.Change{ID: fmt.Sprint(i), Time: start}
	}
	all := evidence.Window{Start: start.Add(-time.Hour), End: start.AddDate(200, 0, 0)}
	for _, last := range []evidence.Change{{}, {ID: "future", Time: start.AddDate(100, 0, 0)}} {
		if err := b.AddChanges(t.Context(), "ci", append(slices.Clone(batch), last)); !errors.Is(err, evidence.ErrInvalid) {
			t.Errorf("%+v: got %v, want ErrInvalid", last, err)
		}
		if got, err := b.Changes(t.Context(), all); err != nil || len(got) != 0 {
			t.Errorf("%d of a refused batch were stored (%v)", len(got), err)
		}
	}
	if err := b.AddChanges(t.Context(), "ci", batch); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Changes(t.Context(), all); err != nil || len(got) != len(batch) {
		t.Errorf("got %d (%v), want %d", len(got), err, len(batch))
	}
}

// testWhatWasTakenBackIsLookedAtAgain follows an incident until it is known what
// came of a rollback.
func testWhatWasTakenBackIsLookedAtAgain(t *testing.T, open Open) {
	var c clock
	b := open(t, c.options())
	id, err := b.Accept(t.Context(), alert("g", start), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Revisit(t.Context(), id, c.now().Add(time.Minute), casefile.WhyBack); err != nil {
		t.Fatal(err) // it is due anyway
	}
	finish := func(revision int, why, verdict string) {
		t.Helper()
		j, err := b.Next(t.Context())
		if err != nil || j.Revision != revision || j.Why != why {
			t.Fatalf("got revision %d because of %q (%v), want %d because of %q", j.Revision, j.Why, err, revision, why)
		}
		r := report.Report{Revision: revision}
		if verdict != "" {
			r.Recovery = &report.Recovery{Started: start, Verdict: verdict}
		}
		if err := b.Finish(t.Context(), j, r, []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	finish(1, casefile.WhyAlert, "")
	none(t, b, "before anything was taken back")
	if err := b.Revisit(t.Context(), id, c.now().Add(time.Minute), casefile.WhyBack); err != nil {
		t.Fatal(err)
	}
	none(t, b, "before it can be seen")
	c.advance(time.Minute)
	finish(2, casefile.WhyBack, report.RecoveryOpen)
	none(t, b, "before the next look")
	c.advance(time.Minute)
	finish(3, casefile.WhyBack, report.Recovered)
	c.advance(time.Hour)
	none(t, b, "once it is known")
	if err := b.Revisit(t.Context(), "INC-nope", c.now(), casefile.WhyBack); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("of an unknown incident: got %v, want ErrNotFound", err)
	}
}
