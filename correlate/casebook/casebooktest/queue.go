package casebooktest

import (
	"context"
	"errors"
	"fmt"
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
