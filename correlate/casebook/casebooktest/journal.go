package casebooktest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func testReportsAreKeptByteForByte(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	id := accept(t, b, alert("g", start))
	j := next(t, b)
	// A report of another engine, with fields that this one does not know.
	body := []byte(`{"version":0,"engine":"older","gone":1}`)
	if err := b.Finish(t.Context(), j, report.Report{Engine: "older"}, body); err != nil {
		t.Fatal(err)
	}
	for _, revision := range []int{0, 1} {
		if got, err := b.Report(t.Context(), id, revision); err != nil || string(got) != string(body) {
			t.Errorf("revision %d: got %s (%v), want %s", revision, got, err, body)
		}
	}
	if _, err := b.Report(t.Context(), id, 2); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if revs, err := b.Revisions(t.Context(), id); err != nil || len(revs) != 1 || revs[0].Engine != "older" {
		t.Errorf("got revisions %v (%v)", revs, err)
	}
}

// testALookWithFewerAnswersReplacesNothing: it is kept and marked, nobody is told of
// it, its evidence is not kept in place of the better one's, and a look that has as
// much again replaces both.
func testALookWithFewerAnswersReplacesNothing(t *testing.T, open Open) {
	b := open(t, casebook.Options{Evidence: casebook.Evidence{Keep: true}})
	id := accept(t, b, alert("g", start))
	look := func(title string, s report.SourceState) []byte {
		t.Helper()
		body := finish(t, b, next(t, b), report.Report{Title: title, Sources: []report.Standing{{Source: "traces", State: s}, {Source: "logs", State: report.SourceSpeaks}}}, casebook.Message{Target: "chat", ID: title, Body: []byte(title)})
		if err := b.Revisit(t.Context(), id, start, casefile.WhyAgain); err != nil {
			t.Fatal(err)
		}
		return body
	}
	for i, c := range []struct {
		title  string
		state  report.SourceState
		goesBy int
	}{
		{"first", report.SourceSpeaks, 1}, {"second", report.SourceFailed, 1}, {"third", report.SourcePartly, 1}, {"fourth", report.SourceSpeaks, 4},
	} {
		body := look(c.title, c.state)
		revisions, err := b.Revisions(t.Context(), id)
		if err != nil || len(revisions) != i+1 || casefile.Current(revisions).Number != c.goesBy || (len(revisions[0].Poorer) > 0) != (c.goesBy != i+1) {
			t.Errorf("%s: got revisions %+v (%v), want the incident to go by %d", c.title, revisions, err, c.goesBy)
		}
		current, _ := b.Report(t.Context(), id, 0)
		wanted, _ := b.Report(t.Context(), id, c.goesBy)
		own, _ := b.Report(t.Context(), id, i+1)
		if string(current) != string(wanted) || string(own) != string(body) {
			t.Errorf("%s: the newest report is %s, want %s; its own is %s, want %s", c.title, current, wanted, own, body)
		}
		if inc := incident(t, b, id); inc.Title != []string{"", "first", "", "", "fourth"}[c.goesBy] || inc.Revision != i+1 {
			t.Errorf("%s: the list has %q and revision %d", c.title, inc.Title, inc.Revision)
		}
		if x, err := b.Bundle(t.Context(), id, 0); err != nil || x.Revision != c.goesBy {
			t.Errorf("%s: the evidence of revision %d is to be kept (%v), want that of %d", c.title, x.Revision, err, c.goesBy)
		}
	}
	if n, err := b.Pending(t.Context()); err != nil || n["chat"] != 2 {
		t.Errorf("%d messages tell of it (%v), want those of the first and the fourth", n["chat"], err)
	}
}

func testAnAbandonedInvestigationIsDueAgainOrGone(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	accept(t, b, alert("g", start))
	j := next(t, b)
	failed := func(want string) {
		t.Helper()
		if i, err := b.Incident(t.Context(), j.Incident); err != nil || i.Failed != want {
			t.Errorf("the incident says it failed with %q (%v), want %q", i.Failed, err, want)
		}
	}
	if err := b.Abandon(t.Context(), j, "no luck", true); err != nil {
		t.Fatal(err)
	}
	failed("") // it is due again
	if j = next(t, b); j.Attempts != 2 {
		t.Errorf("got attempt %d, want 2", j.Attempts)
	}
	if err := b.Abandon(t.Context(), j, "gave up", false); err != nil {
		t.Fatal(err)
	}
	if n, _ := b.Waiting(t.Context()); n != 0 {
		t.Errorf("got %d waiting, want 0", n)
	}
	failed("gave up")
	if err := b.Rerun(t.Context(), j.Incident, "role:sre", evidence.Window{}); err != nil {
		t.Fatal(err)
	}
	failed("")
}

func testTheListIsFilteredSortedAndPaged(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	for n := range 7 {
		a := alert(fmt.Sprint("g", n), start.Add(time.Duration(n)*time.Minute))
		a.Labels["service"] = []string{"shop", "cart"}[n%2]
		accept(t, b, a)
		if n == 6 {
			accept(t, b, resolved(a, start))
		}
	}
	var ids []string
	for cursor, pages := "", 0; ; pages++ {
		list, more, err := b.Incidents(t.Context(), casefile.IncidentFilter{Limit: 3, Cursor: cursor})
		if err != nil || pages > 3 {
			t.Fatal(err, pages)
		}
		for _, i := range list {
			ids = append(ids, i.StartedAt.Format("15:04 ")+string(i.State))
		}
		if cursor = more; cursor == "" {
			break
		}
	}
	want := []string{"02:56 investigating", "02:55 investigating", "02:54 investigating", "02:53 investigating", "02:52 investigating", "02:51 investigating", "02:57 resolved"}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Error(diff)
	}
	for name, c := range map[string]struct {
		f    casefile.IncidentFilter
		want int
	}{
		"from":      {casefile.IncidentFilter{Since: start.Add(4 * time.Minute)}, 3},
		"to":        {casefile.IncidentFilter{Until: start.Add(4 * time.Minute)}, 5},
		"from to":   {casefile.IncidentFilter{Since: start.Add(time.Minute), Until: start.Add(2 * time.Minute)}, 2},
		"backwards": {casefile.IncidentFilter{Since: start.Add(2 * time.Minute), Until: start.Add(time.Minute)}, 0},
	} {
		if list, _, err := b.Incidents(t.Context(), c.f); err != nil || len(list) != c.want {
			t.Errorf("%s: got %d (%v), want %d", name, len(list), err, c.want)
		}
	}
	list, _, err := b.Incidents(t.Context(), casefile.IncidentFilter{Service: "cart", Text: "burn", State: casefile.StateInvestigating})
	if err != nil || len(list) != 3 {
		t.Errorf("got %d of cart (%v), want 3", len(list), err)
	}
	for _, f := range []casefile.IncidentFilter{{Sort: "luck"}, {Cursor: "!"}} {
		if _, _, err := b.Incidents(t.Context(), f); !errors.Is(err, evidence.ErrInvalid) {
			t.Errorf("%+v: got %v, want ErrInvalid", f, err)
		}
	}
	facets, err := b.Facets(t.Context(), casefile.IncidentFilter{})
	if err != nil || facets[2] != (casefile.Facet{Field: "service", Value: "shop", Count: 4}) {
		t.Errorf("got facets %v (%v)", facets, err)
	}
}

// testEverythingThatTellsOfAnIncidentIsSearched: people look for the error that
// they see, for the decision, and for what a colleague wrote.
func testEverythingThatTellsOfAnIncidentIsSearched(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	id := accept(t, b, alert("g", start))
	finish(t, b, next(t, b), report.Report{Title: "stock runs full", Impact: report.Impact{Headline: "12 % of orders fail"},
		Causes:   []report.Cause{{Entity: evidence.Entity{Name: "etcd"}, Mechanism: report.MechanismError, Decision: "ADR-7"}},
		Failures: []report.Failure{{Type: "PoolError", Message: "no Connection left_100%"}}})
	if _, err := b.AddNote(t.Context(), id, casefile.Note{Text: "restarted the Reserve"}); err != nil {
		t.Fatal(err)
	}
	accept(t, b, alert("h", start.Add(time.Hour)))
	for text, want := range map[string]int{"RUNS full": 1, "orders fail": 1, "etcd": 1, "adr-7": 1, "poolerror": 1, "connection left_100%": 1, "connection left%100": 0, "the reserve": 1, id: 1, "nowhere": 0} {
		list, _, err := b.Incidents(t.Context(), casefile.IncidentFilter{Text: text})
		if err != nil || len(list) != want {
			t.Errorf("%q: got %d (%v), want %d", text, len(list), err, want)
		}
	}
}

func testWhatPeopleWriteIsKeptWithAuthorAndTime(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	id := accept(t, b, alert("g", start))
	n, err := b.AddNote(t.Context(), id, casefile.Note{Author: "ana", Text: "rolled back"})
	if err != nil || n.ID == 0 || n.Time.IsZero() {
		t.Fatalf("got %+v (%v)", n, err)
	}
	notes, err := b.Notes(t.Context(), id)
	if diff := cmp.Diff([]casefile.Note{n}, notes); diff != "" || err != nil {
		t.Error(diff, err)
	}
	f, err := b.AddFeedback(t.Context(), id, casefile.Feedback{Judgment: "correct", Entity: "etcd", Author: "ana", Revision: 1})
	if err != nil {
		t.Fatal(err)
	}
	all, err := b.Feedback(t.Context(), id)
	if diff := cmp.Diff([]casefile.Feedback{f}, all); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if _, err := b.AddFeedback(t.Context(), id, casefile.Feedback{Judgment: "maybe"}); !errors.Is(err, evidence.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
	if _, err := b.AddNote(t.Context(), "INC-none", casefile.Note{}); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func testStateFollowsPeople(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	id := accept(t, b, alert("g", start))
	for _, step := range []struct {
		action casefile.StateAction
		by     string
		want   casefile.IncidentState
	}{{"acknowledge", "ana", "investigating"}, {"acknowledge", "bo", "investigating"}, {"resolve", "ana", "resolved"}, {"reopen", "ana", "investigating"}} {
		i, err := b.SetState(t.Context(), id, step.action, step.by)
		if err != nil || i.State != step.want || i.AcknowledgedBy != "ana" {
			t.Errorf("%s: got %s acknowledged by %q (%v), want %s by ana", step.action, i.State, i.AcknowledgedBy, err, step.want)
		}
	}
	if _, err := b.SetState(t.Context(), id, "explode", "ana"); !errors.Is(err, evidence.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
}

// testWhatPeopleDidByMistakeIsTakenBack: within a time, and by who did it where
// that is known.
func testWhatPeopleDidByMistakeIsTakenBack(t *testing.T, open Open) {
	c := &clock{}
	b := open(t, c.options())
	id := accept(t, b, alert("g", start))
	if _, err := b.SetState(t.Context(), id, casefile.Acknowledge, "ana"); err != nil {
		t.Fatal(err)
	}
	if i, err := b.SetState(t.Context(), id, casefile.Unacknowledge, "ana"); err != nil || i.AcknowledgedBy != "" {
		t.Errorf("got %q (%v), want nobody", i.AcknowledgedBy, err)
	}
	if i, err := b.SetLead(t.Context(), id, "bo", "ana"); err != nil || i.Lead != "bo" {
		t.Errorf("got lead %q (%v), want bo", i.Lead, err)
	}
	if i, err := b.SetLead(t.Context(), id, "", "ana"); err != nil || i.Lead != "" {
		t.Errorf("got lead %q (%v), want nobody", i.Lead, err)
	}
	first, err := b.AddNote(t.Context(), id, casefile.Note{Author: "ana", Text: "one"})
	if err != nil {
		t.Fatal(err)
	}
	judged, err := b.AddFeedback(t.Context(), id, casefile.Feedback{Judgment: "reject", Author: "ana"})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.UndoNote(t.Context(), id, first.ID, "bo", "bo"); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("somebody else's note: got %v", err)
	}
	if err := b.UndoFeedback(t.Context(), id, judged.ID, "bo", "bo"); err == nil {
		t.Error("somebody else's judgment was taken back")
	}
	if err := errors.Join(b.UndoNote(t.Context(), id, first.ID, "ana", "ana"), b.UndoFeedback(t.Context(), id, judged.ID, "", "ana")); err != nil {
		t.Error(err)
	}
	late, err := b.AddNote(t.Context(), id, casefile.Note{Author: "ana", Text: "two"})
	if err != nil {
		t.Fatal(err)
	}
	c.advance(casefile.UndoWithin + time.Second)
	if err := b.UndoNote(t.Context(), id, late.ID, "ana", "ana"); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("an old note: got %v", err)
	}
	notes, err := b.Notes(t.Context(), id)
	if err != nil || len(notes) != 1 || notes[0].Text != "two" {
		t.Errorf("got %+v (%v), want the old note alone", notes, err)
	}
	if judgments, err := b.Feedback(t.Context(), id); err != nil || len(judgments) != 0 {
		t.Errorf("got %+v (%v), want no judgment", judgments, err)
	}
}

func testSimilarIncidentsShareACause(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	cause := func(entity, decision string) report.Report {
		return report.Report{Causes: []report.Cause{{Entity: evidence.Entity{Name: entity}, Mechanism: report.MechanismError, Decision: decision}}}
	}
	var ids []string
	wrote := cause("etcd", "")
	wrote.Causes[0].Mechanism, wrote.Causes[0].Loci = report.MechanismLatency, []report.Locus{{Kind: report.LocusLog, Name: "lease <*> expired"}}
	mine := cause("etcd", "ADR-1")
	mine.Causes[0].Loci = wrote.Causes[0].Loci
	for n, r := range []report.Report{cause("etcd", ""), cause("cart", "ADR-1"), wrote, mine, cause("etcd", ""), cause("etcd", "ADR-1")} {
		ids = append(ids, accept(t, b, alert(fmt.Sprint(n), start.Add(time.Duration(n)*time.Hour))))
		finish(t, b, next(t, b), r)
	}
	if _, err := b.AddNote(t.Context(), ids[0], casefile.Note{Text: "restarted etcd"}); err != nil {
		t.Fatal(err)
	}
	got, err := b.Similar(t.Context(), ids[3], 5)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, s := range got {
		rows = append(rows, s.ID+" "+s.Because+" "+s.EndedBy)
	}
	if diff := cmp.Diff([]string{ids[5] + " same decision ", ids[1] + " same decision ", ids[2] + " same log statement ", ids[0] + " same cause restarted etcd"}, rows); diff != "" {
		t.Error(diff)
	}
}

func testChangesComeBackInOrderAndCorrected(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	for _, c := range []evidence.Change{
		{ID: "b", Time: start, Service: "x"}, {ID: "a", Time: start.Add(-time.Hour)}, {ID: "b", Time: start, Service: "y"}, {ID: "late", Time: start.Add(5 * time.Minute)},
	} {
		if err := b.AddChanges(t.Context(), "ci", []evidence.Change{c}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := b.Changes(t.Context(), evidence.Window{Start: start.Add(-2 * time.Hour), End: start.Add(time.Minute)})
	want := []evidence.Change{{ID: "a", Time: start.Add(-time.Hour)}, {ID: "b", Time: start, Service: "y"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if err := b.AddChanges(t.Context(), "ci", []evidence.Change{{}}); !errors.Is(err, evidence.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
}

// testCompleteEvidenceMakesARevisionOfItsOwn: it is the one that the incident goes by,
// is told of, and has the bundle of the one before; nothing is recorded again. While the
// incident is investigated, or goes by another report, nothing changes.
func testCompleteEvidenceMakesARevisionOfItsOwn(t *testing.T, open Open) {
	b := open(t, casebook.Options{Evidence: casebook.Evidence{Keep: true}})
	id := accept(t, b, alert("g", start))
	finish(t, b, next(t, b), report.Report{Title: "in haste"})
	claimed, _, err := b.ClaimBundle(t.Context())
	if err != nil || claimed.Incident != id {
		t.Fatalf("got the bundle %+v (%v)", claimed, err)
	}
	publish := func(revision int) error {
		r := report.Report{Title: "whole", Revision: revision}
		return b.PublishComplete(t.Context(), claimed, r, []byte(`{"title":"whole"}`), casebook.Message{Target: "chat", ID: "m", Body: []byte("whole")})
	}
	if err := publish(3); !errors.Is(err, casefile.ErrConflict) {
		t.Errorf("got %v for a revision that is not the next", err)
	}
	if err := b.Rerun(t.Context(), id, "ana", evidence.Window{}); err != nil {
		t.Fatal(err)
	}
	j := next(t, b)
	if err := publish(2); !errors.Is(err, casefile.ErrConflict) {
		t.Errorf("got %v while it is investigated", err)
	}
	if err := b.Abandon(t.Context(), j, "", false); err != nil {
		t.Fatal(err)
	}
	if inc := incident(t, b, id); inc.Title != "in haste" || inc.Revision != 1 {
		t.Errorf("what was not published changed the incident to %+v", inc)
	}
	if err := publish(2); err != nil {
		t.Fatal(err)
	}
	if inc := incident(t, b, id); inc.Title != "whole" || inc.Revision != 2 {
		t.Errorf("got the incident %+v", inc)
	}
	if body, err := b.Report(t.Context(), id, 0); err != nil || string(body) != `{"title":"whole"}` {
		t.Errorf("it goes by %s (%v)", body, err)
	}
	if revisions, err := b.Revisions(t.Context(), id); err != nil || len(revisions) != 2 || revisions[0].Why != casefile.WhyComplete || revisions[0].Bundle != casefile.BundleRecording || revisions[1].Bundle != "" {
		t.Errorf("got the revisions %+v (%v), want the bundle with the second", revisions, err)
	}
	if n, err := b.Pending(t.Context()); err != nil || n["chat"] != 1 {
		t.Errorf("%d messages tell of it (%v)", n["chat"], err)
	}
	claimed.Revision, claimed.State = 2, casefile.BundleKept
	if err := b.SettleBundle(t.Context(), claimed); err != nil {
		t.Fatal(err)
	}
	if again, due, err := b.ClaimBundle(t.Context()); err != nil || again.Incident != "" || !due.IsZero() {
		t.Errorf("it is recorded again: %+v at %s (%v)", again, due, err)
	}
	claimed.Revision = 1
	if err := publish(3); !errors.Is(err, casefile.ErrConflict) {
		t.Errorf("got %v for the bundle of an older report", err)
	}
}
