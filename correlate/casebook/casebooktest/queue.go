package casebooktest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// none fails when something is due.
func none(t *testing.T, b casebook.Store, why string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if j, err := b.Next(ctx); err == nil {
		t.Errorf("%s: got the investigation of %s, revision %d, want none due", why, j.Incident, j.Revision)
	}
}

func state(t *testing.T, b casebook.Store, id string) casefile.IncidentState {
	t.Helper()
	i, err := b.Incident(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return i.State
}

// testTheSameAlertAfterAResolutionFiresAgain sends the same bytes again, as a
// Prometheus does that was away and restored the state of its alerts.
func testTheSameAlertAfterAResolutionFiresAgain(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	a := alert("g", start)
	id := accept(t, b, a)
	finish(t, b, next(t, b), report.Report{})
	gone := resolved(a, start.Add(time.Minute))
	more := alert("g", start)
	more.Instances = append(more.Instances, evidence.AlertInstance{Status: evidence.StatusFiring, StartsAt: start.Add(time.Second), Fingerprint: "f2"})
	for i, step := range []struct {
		alert evidence.Alert
		want  casefile.IncidentState
	}{{a, "reported"}, {gone, "resolved"}, {gone, "resolved"}, {a, "reported"}, {a, "reported"}, {gone, "resolved"}, {more, "reported"}, {gone, "resolved"}} {
		if got := accept(t, b, step.alert); got != id {
			t.Fatalf("step %d: got incident %s, want %s", i, got, id)
		}
		if got := state(t, b, id); got != step.want {
			t.Errorf("step %d: got %s, want %s", i, got, step.want)
		}
	}
}

// testDeliveriesInEveryOrderEndTheSame delivers one life of a group, each
// notification up to three times, in every order in which a firing one comes
// before the last resolution, or only after all.
func testDeliveriesInEveryOrderEndTheSame(t *testing.T, open Open) {
	for n, order := range []string{"fr", "ffrr", "fffrrr", "frfr", "rf", "rrf", "rff", "rrrfff", "frffrr"} {
		b := open(t, casebook.Options{})
		a := alert(fmt.Sprint("g", n), start)
		var id string
		for _, what := range order {
			x := a
			if what == 'r' {
				x = resolved(a, start.Add(time.Minute))
			}
			id = accept(t, b, x)
		}
		if got := state(t, b, id); got != casefile.StateResolved {
			t.Errorf("%s: got %s, want resolved", order, got)
		}
		if list, _, err := b.Incidents(t.Context(), casefile.IncidentFilter{}); err != nil || len(list) != 1 {
			t.Errorf("%s: got %d incidents (%v), want one", order, len(list), err)
		}
	}
}

func testAnInvestigationThatEndsTheProgramIsGivenUp(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	bad, good := accept(t, b, alert("bad", start)), accept(t, b, alert("good", start))
	seen := map[string]int{}
	for range 8 {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		j, err := b.Next(ctx)
		cancel()
		if err != nil {
			break
		}
		if j.Incident == good {
			finish(t, b, j, report.Report{})
			continue
		}
		seen[j.Incident]++
		// As after a crash: the claim is free, and the attempt stays counted.
		if err := b.Abandon(t.Context(), j, "the program ended", true); err != nil {
			t.Fatal(err)
		}
	}
	if seen[bad] != casebook.MaxAttempts {
		t.Errorf("it was begun %d times, want %d", seen[bad], casebook.MaxAttempts)
	}
	i, err := b.Incident(t.Context(), bad)
	if err != nil || !strings.Contains(i.Failed, "the program ended every time") {
		t.Errorf("the incident says it failed with %q (%v), want the reason", i.Failed, err)
	}
	if n, err := b.Waiting(t.Context()); n != 0 || err != nil {
		t.Errorf("got %d waiting (%v), want none", n, err)
	}
}

func testALapsedClaim(t *testing.T, open Open, lapse Lapse) {
	b := open(t, casebook.Options{})
	id := accept(t, b, alert("g", start))
	first := next(t, b)
	none(t, b, "while the lease lasts")
	if err := b.Renew(t.Context(), first); err != nil {
		t.Errorf("got %v, want the lease renewed", err)
	}
	lapse(t, b)
	second := next(t, b)
	if second.Incident != id || second.Attempts != 2 {
		t.Errorf("got attempt %d at %s, want the second at %s", second.Attempts, second.Incident, id)
	}
	for what, err := range map[string]error{
		"renew": b.Renew(t.Context(), first), "return": b.Return(t.Context(), first),
		"finish": b.Finish(t.Context(), first, report.Report{}, []byte(`{}`)), "abandon": b.Abandon(t.Context(), first, "late", false),
	} {
		if !errors.Is(err, casebook.ErrLost) {
			t.Errorf("%s of the lapsed claim: got %v, want ErrLost", what, err)
		}
	}
	finish(t, b, second, report.Report{Title: "second"})
	if revisions, err := b.Revisions(t.Context(), id); err != nil || len(revisions) != 1 {
		t.Errorf("got %d reports (%v), want the second's alone", len(revisions), err)
	}
	if err := b.Finish(t.Context(), second, report.Report{}, []byte(`{}`)); !errors.Is(err, casebook.ErrLost) {
		t.Errorf("finishing twice: got %v, want ErrLost", err)
	}
}

func testAClaimThatIsReturnedDoesNotCount(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	accept(t, b, alert("g", start))
	for range 2 * casebook.MaxAttempts {
		j := next(t, b)
		if j.Attempts != 1 {
			t.Fatalf("got attempt %d, want 1", j.Attempts)
		}
		if err := b.Return(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
}

func testAFirstReportIsFollowedUp(t *testing.T, open Open) {
	var c clock
	o := c.options()
	o.FollowUp = time.Minute
	b := open(t, o)
	accept(t, b, alert("g", start))
	finish(t, b, next(t, b), report.Report{})
	if n, err := b.Waiting(t.Context()); n != 0 || err != nil {
		t.Errorf("got %d waiting (%v), want a further look not to count", n, err)
	}
	none(t, b, "before it is due")
	c.advance(time.Minute)
	j := next(t, b)
	if j.Revision != 2 || j.Why != casefile.WhyLater || j.Alert.GroupKey != "g" {
		t.Errorf("got revision %d because of %q about %q", j.Revision, j.Why, j.Alert.GroupKey)
	}
	finish(t, b, j, report.Report{})
	c.advance(time.Hour)
	none(t, b, "after the second look")
}

// testRevisionsOfAChangingGroupAreBounded has a group's members change every
// minute for an hour.
func testRevisionsOfAChangingGroupAreBounded(t *testing.T, open Open) {
	var c clock
	b := open(t, c.options())
	made := 0
	for n := range 60 {
		a := alert("g", start)
		a.Instances[0].Fingerprint = fmt.Sprint("f", n)
		accept(t, b, a)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if j, err := b.Next(ctx); err == nil {
			made = j.Revision
			finish(t, b, j, report.Report{})
		}
		cancel()
		c.advance(time.Minute)
	}
	// 1, 2, 4, 8, 16, 32 minutes are an hour and 3 minutes.
	if made < 3 || made > 7 {
		t.Errorf("got %d revisions in an hour, want a handful", made)
	}
	id := alert("g", start).IncidentID()
	if err := b.Rerun(t.Context(), id, "ana", evidence.Window{}); err != nil {
		t.Fatal(err)
	}
	if j := next(t, b); j.Why != casefile.WhyAgain {
		t.Errorf("got %q, want a person's wish at once", j.Why)
	}
}

// order drains the queue and says in which order its groups came.
func order(t *testing.T, b casebook.Store, n int) []string {
	t.Helper()
	var got []string
	for range n {
		j := next(t, b)
		got = append(got, j.Alert.GroupKey)
		finish(t, b, j, report.Report{})
	}
	return got
}

func of(receiver, group, severity string, at time.Time) evidence.Alert {
	a := alert(group, at)
	a.Receiver, a.Labels["severity"] = receiver, severity
	return a
}

func testTheMostSevereComesFirstAndNothingStarves(t *testing.T, open Open) {
	var c clock
	b := open(t, c.options())
	accept(t, b, of("wh", "old info", "info", start))
	c.advance(20 * time.Minute)
	for _, severity := range []string{"info", "warning", "critical"} {
		accept(t, b, of("wh", severity, severity, start))
	}
	got := order(t, b, 4)
	if want := []string{"old info", "critical", "warning", "info"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func testAStormOfOneReceiverLeavesRoomForOthers(t *testing.T, open Open) {
	b := open(t, casebook.Options{QueueLimit: 1000})
	for n := range 100 {
		accept(t, b, of("storm", fmt.Sprint("storm ", n), "critical", start))
	}
	for n := range 3 {
		accept(t, b, of("calm", fmt.Sprint("calm ", n), "critical", start))
	}
	got := order(t, b, 12)
	for n := range 3 {
		if at := slices.Index(got, fmt.Sprint("calm ", n)); at < 0 {
			t.Errorf("calm %d is not among the first 12: %q", n, got)
		}
	}
}

func testAWorkerCanWaitForNewCriticalGroupsAlone(t *testing.T, open Open) {
	var c clock
	b := open(t, c.options())
	accept(t, b, of("wh", "info", "info", start))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if j, err := b.NextUrgent(ctx); err == nil {
		t.Errorf("got %s, want none", j.Alert.GroupKey)
	}
	accept(t, b, of("wh", "critical", "critical", start))
	j, err := b.NextUrgent(t.Context())
	if err != nil || j.Alert.GroupKey != "critical" {
		t.Fatalf("got %q (%v), want the critical group", j.Alert.GroupKey, err)
	}
	finish(t, b, j, report.Report{})
	more := of("wh", "critical", "critical", start)
	more.Instances[0].Fingerprint = "f2"
	accept(t, b, more)
	c.advance(time.Hour)
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if j, err := b.NextUrgent(ctx); err == nil {
		t.Errorf("got revision %d, want new groups alone", j.Revision)
	}
}

func testAHigherSeverityOfAnOpenGroupCounts(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	id := accept(t, b, of("wh", "g", "warning", start))
	accept(t, b, of("wh", "other", "error", start))
	worse := of("wh", "g", "critical", start)
	worse.Instances[0].Fingerprint = "f2"
	accept(t, b, worse)
	if i, err := b.Incident(t.Context(), id); err != nil || i.Severity != "critical" {
		t.Errorf("got severity %q (%v), want critical", i.Severity, err)
	}
	if got := order(t, b, 2); got[0] != "g" {
		t.Errorf("got %q, want the group that became critical first", got)
	}
}

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

func testAnEarlierLifeOfAGroupIsNotReopenedBesideALaterOne(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	a := alert("g", start)
	id := accept(t, b, a)
	accept(t, b, resolved(a, start.Add(time.Minute)))
	later := accept(t, b, alert("g", start.Add(time.Hour)))
	_, err := b.SetState(t.Context(), id, casefile.Reopen, "ana")
	if !errors.Is(err, casefile.ErrConflict) || !strings.Contains(err.Error(), later) {
		t.Errorf("got %v, want a conflict that names %s", err, later)
	}
}

// testWhatWasTakenBackIsLookedAtAgain follows an incident until it is known what
// came of a way back.
func testWhatWasTakenBackIsLookedAtAgain(t *testing.T, open Open) {
	var c clock
	b := open(t, c.options())
	id, err := b.Accept(t.Context(), alert("g", start), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Revisit(t.Context(), id, c.now().Add(time.Minute)); err != nil {
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
	if err := b.Revisit(t.Context(), id, c.now().Add(time.Minute)); err != nil {
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
	if err := b.Revisit(t.Context(), "INC-nope", c.now()); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("of an unknown incident: got %v, want ErrNotFound", err)
	}
}
