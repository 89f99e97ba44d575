package casebooktest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func testTheSameNotificationAgainIsOneIncidentAndNoNewWork(t *testing.T, open Open) {
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
	finish(t, b, next(t, b), report.Report{})
	if n, err := b.Waiting(t.Context()); n != 0 || err != nil {
		t.Errorf("got %d investigations waiting (%v), want none", n, err)
	}
}

func testANewAlertOfAnOpenGroupJoinsItAndMakesARevisionDue(t *testing.T, open Open) {
	var c clock
	b := open(t, c.options())
	id := accept(t, b, alert("g", start))
	finish(t, b, next(t, b), report.Report{})
	second := alert("g", start.Add(time.Minute))
	second.Instances[0].Fingerprint = "f2"
	if got := accept(t, b, second); got != id {
		t.Fatalf("got incident %s, want it to join %s", got, id)
	}
	c.advance(time.Hour)
	if j := next(t, b); j.Revision != 2 || j.Alert.Instances[0].Fingerprint != "f2" {
		t.Errorf("got revision %d of %q, want revision 2 of the newest alert", j.Revision, j.Alert.Instances[0].Fingerprint)
	}
}

func testAnIncidentFollowsWhatStillFires(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	a := alert("g", start)
	a.Labels, a.Instances[0].Labels = nil, map[string]string{"service": "shop", "alertname": "Errors"}
	id := accept(t, b, a)
	grown := a
	grown.Instances = append(slices.Clone(a.Instances), evidence.AlertInstance{Status: evidence.StatusFiring, StartsAt: start.Add(time.Minute), Fingerprint: "f2", Labels: map[string]string{"service": "bank", "alertname": "Errors"}})
	moved := grown
	moved.Instances = slices.Clone(grown.Instances)
	moved.Instances[0].Status, moved.Instances[0].EndsAt = evidence.StatusResolved, start.Add(2*time.Minute)
	for _, step := range []struct {
		alert evidence.Alert
		want  string
	}{{a, "shop"}, {grown, "shop"}, {moved, "bank"}} {
		if got := accept(t, b, step.alert); got != id {
			t.Fatalf("got incident %s, want it to join %s", got, id)
		}
		if i, err := b.Incident(t.Context(), id); err != nil || i.Service != step.want {
			t.Errorf("got service %q (%v), want %q", i.Service, err, step.want)
		}
	}
}

func testResolvedBeforeFiringIsOneIncident(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	a := alert("g", start)
	first := accept(t, b, resolved(a, start.Add(time.Minute)))
	if second := accept(t, b, a); second != first {
		t.Errorf("the overtaken alert opened %s beside %s", second, first)
	}
	i, err := b.Incident(t.Context(), first)
	if err != nil || i.State != casefile.StateResolved {
		t.Errorf("got state %s (%v), want resolved", i.State, err)
	}
}

func testAGroupThatFiresAgainAfterItWasResolvedIsANewIncident(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	a := alert("g", start)
	id := accept(t, b, a)
	accept(t, b, resolved(a, start.Add(time.Minute)))
	if again := accept(t, b, alert("g", start.Add(time.Hour))); again == id {
		t.Errorf("the group's next life has the ID of the first, %s", id)
	}
}

func testRecordedAlertsOfOneGroupAreIncidentsOfTheirOwn(t *testing.T, open Open) {
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

func testAFullQueueRefusesAndStoresNothing(t *testing.T, open Open) {
	b := open(t, casebook.Options{QueueLimit: 2})
	accept(t, b, alert("g1", start))
	accept(t, b, alert("g2", start))
	_, err := b.Accept(t.Context(), alert("g3", start), nil)
	if !errors.Is(err, casebook.ErrOverloaded) {
		t.Fatalf("got %v, want ErrOverloaded", err)
	}
	list, _, err := b.Incidents(t.Context(), casefile.IncidentFilter{})
	if err != nil || len(list) != 2 {
		t.Errorf("got %d incidents (%v), want the 2 that were accepted", len(list), err)
	}
	// Once there is room, the same notification is taken.
	finish(t, b, next(t, b), report.Report{})
	accept(t, b, alert("g3", start))
}

func testEvidenceThatComesWhileAnInvestigationRunsMakesItRunAgain(t *testing.T, open Open) {
	var c clock
	b := open(t, c.options())
	accept(t, b, alert("g", start))
	j := next(t, b)
	second := alert("g", start)
	second.Instances[0].Fingerprint = "f2"
	accept(t, b, second)
	finish(t, b, j, report.Report{})
	c.advance(time.Hour)
	if again := next(t, b); again.Revision != 2 {
		t.Errorf("got revision %d, want 2", again.Revision)
	}
}

func testManyWritersAtOnceLoseNothing(t *testing.T, open Open) {
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
	settled(t, b)
	if n, err := b.Waiting(t.Context()); n != 50 || err != nil {
		t.Errorf("got %d investigations (%v), want one for each of 50 groups", n, err)
	}
}

func settled(t *testing.T, b casebook.Store) {
	t.Helper()
	if err := b.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// testABurstIsThereByIDAtOnceAndInListsOnceSettled has many senders each tell of a
// group's whole life, one message after the other's answer.
func testABurstIsThereByIDAtOnceAndInListsOnceSettled(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	const senders, groups = 16, 6
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for g := range groups {
				a := alert(fmt.Sprint("g", s, "-", g), start)
				a.Labels = map[string]string{"alertname": "Slow", "service": a.GroupKey, "severity": "warning"}
				more := a
				more.Instances = append(more.Instances[:1:1], more.Instances[0])
				more.Instances[1].Fingerprint = "f2"
				for n, step := range []evidence.Alert{a, a, more, resolved(a, start.Add(time.Minute))} {
					id, err := b.Accept(context.Background(), step, []byte(`{}`))
					if err != nil || id != a.IncidentID() {
						t.Errorf("step %d: got incident %q (%v), want %s", n, id, err, a.IncidentID())
					}
				}
				if i, err := b.Incident(context.Background(), a.IncidentID()); err != nil || i.State != casefile.StateResolved {
					t.Errorf("got state %q (%v), want it there and resolved", i.State, err)
				}
			}
		})
	}
	wg.Wait()
	settled(t, b)
	list, _, err := b.Incidents(t.Context(), casefile.IncidentFilter{State: casefile.StateResolved, Limit: 200})
	if err != nil || len(list) != senders*groups {
		t.Errorf("got %d incidents (%v), want %d", len(list), err, senders*groups)
	}
}
