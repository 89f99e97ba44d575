package casebook_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

var start = time.Date(2026, 3, 1, 2, 51, 7, 0, time.UTC)

func open(t *testing.T, o casebook.Options) *casebook.Book {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return start.Add(time.Minute) }
	}
	b, err := casebook.Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
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

func resolved(a evidence.Alert, at time.Time) evidence.Alert {
	a.Status = evidence.StatusResolved
	i := a.Instances[0]
	i.Status, i.EndsAt = evidence.StatusResolved, at
	a.Instances = []evidence.AlertInstance{i}
	return a
}

func accept(t *testing.T, b *casebook.Book, a evidence.Alert) string {
	t.Helper()
	id, err := b.Accept(t.Context(), a, []byte(`{"raw":true}`))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func next(t *testing.T, b *casebook.Book) casebook.Job {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	j, err := b.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func finish(t *testing.T, b *casebook.Book, j casebook.Job, r correlate.Report) []byte {
	t.Helper()
	r.Revision = j.Revision
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Finish(t.Context(), j, r, body); err != nil {
		t.Fatal(err)
	}
	return body
}

func TestTheSameNotificationAgainIsOneIncidentAndNoNewWork(t *testing.T) {
	b := open(t, casebook.Options{})
	a := alert("g", start)
	first := accept(t, b, a)
	if want := a.IncidentID(); first != want {
		t.Errorf("got incident %s, want %s", first, want)
	}
	for range 4 {
		if again := accept(t, b, a); again != first {
			t.Errorf("the same notification opened %s beside %s", again, first)
		}
	}
	finish(t, b, next(t, b), correlate.Report{})
	if n, err := b.Waiting(t.Context()); n != 0 || err != nil {
		t.Errorf("got %d investigations waiting (%v), want none", n, err)
	}
}

func TestANewAlertOfAnOpenGroupJoinsItAndMakesARevisionDue(t *testing.T) {
	b := open(t, casebook.Options{})
	id := accept(t, b, alert("g", start))
	finish(t, b, next(t, b), correlate.Report{})
	second := alert("g", start.Add(time.Minute))
	second.Instances[0].Fingerprint = "f2"
	if got := accept(t, b, second); got != id {
		t.Fatalf("got incident %s, want it to join %s", got, id)
	}
	if j := next(t, b); j.Revision != 2 || j.Alert.Instances[0].Fingerprint != "f2" {
		t.Errorf("got revision %d of %q, want revision 2 of the newest alert", j.Revision, j.Alert.Instances[0].Fingerprint)
	}
}

func TestResolvedBeforeFiringIsOneIncident(t *testing.T) {
	b := open(t, casebook.Options{})
	a := alert("g", start)
	first := accept(t, b, resolved(a, start.Add(time.Minute)))
	if second := accept(t, b, a); second != first {
		t.Errorf("the overtaken alert opened %s beside %s", second, first)
	}
	i, err := b.Incident(t.Context(), first)
	if err != nil || i.State != correlate.StateResolved {
		t.Errorf("got state %s (%v), want resolved", i.State, err)
	}
}

func TestAGroupThatFiresAgainAfterItWasResolvedIsANewIncident(t *testing.T) {
	b := open(t, casebook.Options{})
	a := alert("g", start)
	id := accept(t, b, a)
	accept(t, b, resolved(a, start.Add(time.Minute)))
	if again := accept(t, b, alert("g", start.Add(time.Hour))); again == id {
		t.Errorf("the group's next life has the ID of the first, %s", id)
	}
}

func TestRecordedAlertsOfOneGroupAreIncidentsOfTheirOwn(t *testing.T) {
	b := open(t, casebook.Options{})
	var ids []string
	for n := range 3 {
		id, err := b.AcceptRecorded(t.Context(), alert("g", start.Add(time.Duration(n)*time.Hour)))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if ids[0] == ids[1] || ids[1] == ids[2] {
		t.Errorf("got incidents %v, want three", ids)
	}
}

func TestAFullQueueRefusesAndStoresNothing(t *testing.T) {
	b := open(t, casebook.Options{QueueLimit: 2})
	accept(t, b, alert("g1", start))
	accept(t, b, alert("g2", start))
	_, err := b.Accept(t.Context(), alert("g3", start), nil)
	if !errors.Is(err, casebook.ErrOverloaded) {
		t.Fatalf("got %v, want ErrOverloaded", err)
	}
	list, _, err := b.Incidents(t.Context(), correlate.IncidentFilter{})
	if err != nil || len(list) != 2 {
		t.Errorf("got %d incidents (%v), want the 2 that were accepted", len(list), err)
	}
	// Once there is room, the same notification is taken.
	finish(t, b, next(t, b), correlate.Report{})
	accept(t, b, alert("g3", start))
}

func TestEvidenceThatComesWhileAnInvestigationRunsMakesItRunAgain(t *testing.T) {
	b := open(t, casebook.Options{})
	accept(t, b, alert("g", start))
	j := next(t, b)
	second := alert("g", start)
	second.Instances[0].Fingerprint = "f2"
	accept(t, b, second)
	finish(t, b, j, correlate.Report{})
	if again := next(t, b); again.Revision != 2 {
		t.Errorf("got revision %d, want 2", again.Revision)
	}
}

func TestReportsAreKeptByteForByte(t *testing.T) {
	b := open(t, casebook.Options{})
	id := accept(t, b, alert("g", start))
	j := next(t, b)
	// A report of another engine, with fields that this one does not know.
	body := []byte(`{"version":0,"engine":"older","gone":1}`)
	if err := b.Finish(t.Context(), j, correlate.Report{Engine: "older"}, body); err != nil {
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

func TestAnAbandonedInvestigationIsDueAgainOrGone(t *testing.T) {
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

func TestTheListIsFilteredSortedAndPaged(t *testing.T) {
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
		list, more, err := b.Incidents(t.Context(), correlate.IncidentFilter{Limit: 3, Cursor: cursor})
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
	list, _, err := b.Incidents(t.Context(), correlate.IncidentFilter{Service: "cart", Text: "burn", State: correlate.StateInvestigating})
	if err != nil || len(list) != 3 {
		t.Errorf("got %d of cart (%v), want 3", len(list), err)
	}
	for _, f := range []correlate.IncidentFilter{{Sort: "luck"}, {Cursor: "!"}} {
		if _, _, err := b.Incidents(t.Context(), f); !errors.Is(err, evidence.ErrInvalid) {
			t.Errorf("%+v: got %v, want ErrInvalid", f, err)
		}
	}
	facets, err := b.Facets(t.Context(), correlate.IncidentFilter{})
	if err != nil || facets[2] != (correlate.Facet{Field: "service", Value: "shop", Count: 4}) {
		t.Errorf("got facets %v (%v)", facets, err)
	}
}

func TestWhatPeopleWriteIsKeptWithAuthorAndTime(t *testing.T) {
	b := open(t, casebook.Options{})
	id := accept(t, b, alert("g", start))
	n, err := b.AddNote(t.Context(), id, correlate.Note{Author: "ana", Text: "rolled back"})
	if err != nil || n.ID == 0 || n.Time.IsZero() {
		t.Fatalf("got %+v (%v)", n, err)
	}
	notes, err := b.Notes(t.Context(), id)
	if diff := cmp.Diff([]correlate.Note{n}, notes); diff != "" || err != nil {
		t.Error(diff, err)
	}
	f, err := b.AddFeedback(t.Context(), id, correlate.Feedback{Judgment: "correct", Entity: "etcd", Author: "ana", Revision: 1})
	if err != nil {
		t.Fatal(err)
	}
	all, err := b.Feedback(t.Context(), id)
	if diff := cmp.Diff([]correlate.Feedback{f}, all); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if _, err := b.AddFeedback(t.Context(), id, correlate.Feedback{Judgment: "maybe"}); !errors.Is(err, evidence.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
	if _, err := b.AddNote(t.Context(), "INC-none", correlate.Note{}); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func TestStateFollowsPeople(t *testing.T) {
	b := open(t, casebook.Options{})
	id := accept(t, b, alert("g", start))
	for _, step := range []struct {
		action, by string
		want       correlate.IncidentState
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

func TestSimilarIncidentsShareACauseAndComeBefore(t *testing.T) {
	b := open(t, casebook.Options{})
	cause := func(entity, decision string) correlate.Report {
		return correlate.Report{Causes: []correlate.Cause{{Entity: evidence.Entity{Name: entity}, Mechanism: correlate.MechanismError, Decision: decision}}}
	}
	var ids []string
	wrote := cause("etcd", "")
	wrote.Causes[0].Mechanism, wrote.Causes[0].Loci = correlate.MechanismLatency, []correlate.Locus{{Kind: correlate.LocusLog, Name: "lease <*> expired"}}
	mine := cause("etcd", "ADR-1")
	mine.Causes[0].Loci = wrote.Causes[0].Loci
	for n, r := range []correlate.Report{cause("etcd", ""), cause("cart", "ADR-1"), wrote, mine, cause("etcd", "")} {
		ids = append(ids, accept(t, b, alert(fmt.Sprint(n), start.Add(time.Duration(n)*time.Hour))))
		finish(t, b, next(t, b), r)
	}
	if _, err := b.AddNote(t.Context(), ids[0], correlate.Note{Text: "restarted etcd"}); err != nil {
		t.Fatal(err)
	}
	got, err := b.SimilarTo(t.Context(), ids[3], 5)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, s := range got {
		rows = append(rows, s.ID+" "+s.Because+" "+s.EndedBy)
	}
	if diff := cmp.Diff([]string{ids[1] + " same decision ", ids[2] + " same log statement ", ids[0] + " same cause restarted etcd"}, rows); diff != "" {
		t.Error(diff)
	}
}

func TestChangesComeBackInOrderAndCorrected(t *testing.T) {
	b := open(t, casebook.Options{})
	for _, c := range []evidence.Change{
		{ID: "b", Time: start, Service: "x"}, {ID: "a", Time: start.Add(-time.Hour)}, {ID: "b", Time: start, Service: "y"}, {ID: "late", Time: start.Add(time.Hour)},
	} {
		if err := b.AddChange(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	got, err := b.Changes(t.Context(), evidence.Window{Start: start.Add(-2 * time.Hour), End: start.Add(time.Minute)})
	want := []evidence.Change{{ID: "a", Time: start.Add(-time.Hour)}, {ID: "b", Time: start, Service: "y"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if err := b.AddChange(t.Context(), evidence.Change{}); !errors.Is(err, evidence.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
}

func TestManyWritersAtOnceLoseNothing(t *testing.T) {
	b := open(t, casebook.Options{})
	var wg sync.WaitGroup
	for n := range 100 {
		wg.Go(func() {
			if _, err := b.Accept(context.Background(), alert(fmt.Sprint(n%50), start), nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n, err := b.Waiting(t.Context()); n != 50 || err != nil {
		t.Errorf("got %d investigations (%v), want one for each of 50 groups", n, err)
	}
}

func TestANewerOrForeignFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	newer := filepath.Join(dir, "newer.db")
	db, err := sql.Open("sqlite3", newer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`CREATE TABLE schema_migration (name TEXT PRIMARY KEY, applied_at INTEGER); INSERT INTO schema_migration VALUES ('migration/9999_future.sql', 0)`); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{newer: "newer version", garbage: "file is not a database", filepath.Join(dir, "no", "such"): "unable to open"} {
		_, err := casebook.Open(t.Context(), file, casebook.Options{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: got %v, want %q and the file's name", filepath.Base(file), err, want)
		}
	}
}

// TestWhatWasAcceptedSurvivesAKill starts this test binary as a child that
// accepts alerts until it is killed, and looks for every one it acknowledged.
func TestWhatWasAcceptedSurvivesAKill(t *testing.T) {
	if file := os.Getenv("CASEBOOK_CHILD"); file != "" {
		b, err := casebook.Open(context.Background(), file, casebook.Options{QueueLimit: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; ; n++ {
			id, err := b.Accept(context.Background(), alert(fmt.Sprint("g", n), start), nil)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Println("accepted", id) //nolint:forbidigo // the child's protocol
		}
	}
	file := filepath.Join(t.TempDir(), "book.db")
	cmd := exec.Command(os.Args[0], "-test.run=^TestWhatWasAcceptedSurvivesAKill$")
	cmd.Env = append(os.Environ(), "CASEBOOK_CHILD="+file)
	var out strings.Builder
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(400 * time.Millisecond)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	b, err := casebook.Open(t.Context(), file, casebook.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	n := 0
	for line := range strings.Lines(out.String()) {
		id, ok := strings.CutPrefix(strings.TrimSpace(line), "accepted ")
		if !ok || !strings.HasSuffix(line, "\n") {
			continue
		}
		n++
		if _, err := b.Incident(t.Context(), id); err != nil {
			t.Errorf("acknowledged and lost: %v", err)
		}
	}
	if n == 0 {
		t.Skip("the child acknowledged nothing before it was killed")
	}
	if j := next(t, b); j.Incident == "" {
		t.Error("no investigation is due after the restart")
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
