package casebooktest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

var limits = casefile.ActionLimits{CoolDown: 30 * time.Minute, Answer: 15 * time.Minute}

// asked is an action of an incident as a rule decides it.
func asked(incident, service string, s casefile.ActionState) casefile.Action {
	return casefile.Action{ID: casefile.ActionID(incident, casefile.RollBack, service, "abc"), Incident: incident, State: s, Kind: casefile.RollBack, Of: "config",
		Service: service, From: "def", Revision: "abc", Rule: "r", Target: "platform", Decision: "D-1", Grade: casefile.Automatic, Because: "it burns"}
}

// askedOf is asked of another target.
func askedOf(target, incident, service string, s casefile.ActionState) casefile.Action {
	a := asked(incident, service, s)
	a.Target = target
	return a
}

func carrying(a *casefile.Action) casebook.Message {
	return casebook.Message{Target: "action/platform", ID: a.ID, Body: []byte(`{}`)}
}

func propose(t *testing.T, b casebook.Store, a casefile.Action) (casefile.Action, bool) {
	t.Helper()
	got, changed, err := b.ProposeAction(t.Context(), a, limits, carrying(&a))
	if err != nil {
		t.Fatal(err)
	}
	return got, changed
}

func pending(t *testing.T, b casebook.Store) int {
	t.Helper()
	n, err := b.Pending(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n["action/platform"]
}

func testTheSameActionIsAskedForOnce(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	id := accept(t, b, alert("g", start))
	var wg sync.WaitGroup
	var mu sync.Mutex
	news := 0
	for range 100 {
		wg.Go(func() {
			a := asked(id, "shop", casefile.ActionQueued)
			_, changed, err := b.ProposeAction(t.Context(), a, limits, carrying(&a))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if changed {
				news++
			}
		})
	}
	wg.Wait()
	list, err := b.Actions(t.Context(), id)
	if err != nil || len(list) != 1 || news != 1 || pending(t, b) != 1 {
		t.Fatalf("got %d actions, %d times new, %d messages (%v), want one each", len(list), news, pending(t, b), err)
	}
	entries, _, err := b.AuditEntries(t.Context(), casefile.AuditFilter{Action: "action", Limit: 10})
	if err != nil || len(entries) != 1 || entries[0].Incident != id || entries[0].Actor != "rule:r" || !strings.Contains(entries[0].Detail, list[0].ID) {
		t.Errorf("got the audit %v (%v), want one entry by the rule", entries, err)
	}
	if one, err := b.Action(t.Context(), list[0].ID); err != nil || cmp.Diff(one, list[0]) != "" {
		t.Errorf("got %v (%v)", one, err)
	}
	if newest, err := b.NewestActions(t.Context(), 5); err != nil || len(newest) != 1 {
		t.Errorf("got %v (%v)", newest, err)
	}
	if _, err := b.Action(t.Context(), "ACT-0"); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("got %v of an action that there is not", err)
	}
	if _, _, err := b.ProposeAction(t.Context(), asked("INC-none", "x", casefile.ActionQueued), limits, casebook.Message{}); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("got %v of an incident that there is not", err)
	}
}

func testOneActionOfAServiceAndOfATargetIsOpenAndThenItCoolsDown(t *testing.T, open Open) {
	var c clock
	b := open(t, c.options())
	first, second := accept(t, b, alert("g", start)), accept(t, b, elsewhere("h"))
	a, _ := propose(t, b, asked(first, "shop", casefile.ActionQueued))
	other := asked(second, "shop", casefile.ActionQueued)
	held := func(says string) {
		t.Helper()
		got, _ := propose(t, b, other)
		if got.State != casefile.ActionHeld || !strings.Contains(got.Reason, says) {
			t.Fatalf("got %s since %q, want held since %q", got.State, got.Reason, says)
		}
	}
	held(a.ID)
	if got, _ := propose(t, b, asked(second, "till", casefile.ActionQueued)); got.State != casefile.ActionHeld || !strings.Contains(got.Reason, "target platform") {
		t.Errorf("got %s since %q, want it held while its target is asked for another", got.State, got.Reason)
	}
	if got, _ := propose(t, b, askedOf("carts", second, "cart", casefile.ActionWaiting)); got.State != casefile.ActionWaiting {
		t.Errorf("got %s: another service of another target is nobody's concern", got.State)
	}
	// What is sent to nobody yet neither waits for the target nor keeps it from others.
	for service, state := range map[string]casefile.ActionState{"safe": casefile.ActionWaiting, "desk": casefile.ActionByHand} {
		if got, _ := propose(t, b, asked(second, service, state)); got.State != state {
			t.Errorf("got %s since %q, want %s: nothing is sent", got.State, got.Reason, state)
		}
	}
	safe := asked(second, "safe", casefile.ActionWaiting)
	approve := func() (casefile.Action, error) {
		return b.MoveAction(t.Context(), safe.ID, casebook.ActionStep{Move: casefile.MoveApprove, By: "ann"}, carrying(&safe))
	}
	if _, err := approve(); !errors.Is(err, casefile.ErrConflict) || !strings.Contains(err.Error(), a.ID) {
		t.Errorf("got %v of an approval while the target has not answered", err)
	}
	if _, err := b.MoveAction(t.Context(), a.ID, casebook.ActionStep{Move: casefile.MoveDone, By: "target:platform"}, casebook.Message{}); err != nil {
		t.Fatal(err)
	}
	held("cool-down")
	if got, err := approve(); err != nil || got.State != casefile.ActionQueued {
		t.Errorf("got %s (%v), want the approved one sent once its target has answered", got.State, err)
	}
	if _, err := b.MoveAction(t.Context(), safe.ID, casebook.ActionStep{Move: casefile.MoveDone, By: "target:platform"}, casebook.Message{}); err != nil {
		t.Fatal(err)
	}
	c.advance(limits.CoolDown)
	if got, changed := propose(t, b, other); got.State != casefile.ActionQueued || !changed {
		t.Errorf("got %s since %q after the cool-down", got.State, got.Reason)
	}
	c.advance(limits.Answer + time.Second)
	if n, err := b.ExpireActions(t.Context()); err != nil || n != 1 { // the one that waited went before
		t.Errorf("got %d expired (%v)", n, err)
	}
	if got, err := b.Action(t.Context(), other.ID); err != nil || got.State != casefile.ActionExpired {
		t.Errorf("got %s (%v), want it expired", got.State, err)
	}
	if _, err := b.MoveAction(t.Context(), other.ID, casebook.ActionStep{Move: casefile.MoveDone, By: "ann"}, casebook.Message{}); !errors.Is(err, casefile.ErrConflict) {
		t.Errorf("got %v of an answer that came too late", err)
	}
}

func testAStepOfAnActionIsTakenOnce(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	id := accept(t, b, alert("g", start))
	a, _ := propose(t, b, asked(id, "shop", casefile.ActionWaiting))
	move := func(m casefile.ActionMove, answer string) (casefile.Action, error) {
		return b.MoveAction(t.Context(), a.ID, casebook.ActionStep{Move: m, By: "ann", Why: "because", Answer: answer}, carrying(&a))
	}
	if pending(t, b) != 0 {
		t.Error("what waits to be approved is to be sent already")
	}
	for _, c := range []struct {
		move     casefile.ActionMove
		answer   string
		want     casefile.ActionState
		conflict bool
	}{
		{casefile.MoveAccept, "", "", true},
		{casefile.MoveApprove, "", casefile.ActionQueued, false},
		{casefile.MoveApprove, "", casefile.ActionQueued, false},
		{casefile.MoveRefuse, "", "", true},
		{casefile.MoveDeliver, "", casefile.ActionSent, false},
		{casefile.MoveAccept, "m1", casefile.ActionAccepted, false},
		{casefile.MoveDeliver, "", casefile.ActionAccepted, false},
		{casefile.MoveFail, "m2", casefile.ActionFailed, false},
		{casefile.MoveAccept, "m1", casefile.ActionFailed, false}, // it came before
		{casefile.MoveDone, "m3", "", true},
	} {
		got, err := move(c.move, c.answer)
		if errors.Is(err, casefile.ErrConflict) != c.conflict || err != nil && !c.conflict || err == nil && got.State != c.want {
			t.Errorf("%s: got %s (%v), want %s, conflict %v", c.move, got.State, err, c.want, c.conflict)
		}
	}
	if pending(t, b) != 1 {
		t.Errorf("got %d messages, want the one that was approved", pending(t, b))
	}
	entries, _, err := b.AuditEntries(t.Context(), casefile.AuditFilter{Action: "action", Limit: 20})
	if err != nil || len(entries) != 5 {
		t.Errorf("got %d entries (%v), want one for each of five states", len(entries), err)
	}
	if _, err := b.MoveAction(t.Context(), "ACT-0", casebook.ActionStep{Move: casefile.MoveDone}, casebook.Message{}); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("got %v of an action that there is not", err)
	}
}

func testStoppedActionsStayStopped(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	id := accept(t, b, alert("g", start))
	queued, _ := propose(t, b, asked(id, "shop", casefile.ActionQueued))
	waiting, _ := propose(t, b, askedOf("carts", id, "cart", casefile.ActionWaiting))
	for _, who := range []string{"ann", "ben"} {
		if err := b.StopActions(t.Context(), who, "drill"); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := b.ActionsStopped(t.Context()); err != nil || !s.Stopped || s.By != "ann" || s.Why != "drill" || s.At.IsZero() {
		t.Errorf("got %+v (%v)", s, err)
	}
	for _, a := range []casefile.Action{queued, waiting} {
		if got, err := b.Action(t.Context(), a.ID); err != nil || got.State != casefile.ActionStopped {
			t.Errorf("got %s (%v), want it stopped", got.State, err)
		}
	}
	if n := pending(t, b); n != 0 {
		t.Errorf("%d messages are still to be sent", n)
	}
	late := asked(id, "late", casefile.ActionQueued)
	for range 3 {
		if got, _ := propose(t, b, late); got.State != casefile.ActionHeld || !strings.Contains(got.Reason, "ann") {
			t.Errorf("got %s since %q", got.State, got.Reason)
		}
	}
	if got, _ := propose(t, b, asked(id, "dry", casefile.ActionDry)); got.State != casefile.ActionDry {
		t.Errorf("got %s of a dry run", got.State)
	}
	if err := b.ResumeActions(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	if got, changed := propose(t, b, late); got.State != casefile.ActionQueued || !changed || pending(t, b) != 1 {
		t.Errorf("got %s, changed %v, %d messages", got.State, changed, pending(t, b))
	}
	entries, _, err := b.AuditEntries(t.Context(), casefile.AuditFilter{Limit: 50})
	n := map[string]int{}
	for _, e := range entries {
		n[e.Action]++
	}
	if err != nil || n["stop actions"] != 1 || n["resume actions"] != 1 || n["action"] != 2+2+1+1+1 {
		t.Errorf("got %v (%v)", n, err)
	}
}

// elsewhere is an alert of another group and service.
func elsewhere(group string) evidence.Alert {
	a := alert(group, start)
	a.Receiver = "other"
	a.Labels = map[string]string{"alertname": "Other", "service": fmt.Sprint("s-", group), "severity": "critical"}
	return a
}

// testActionsAreATenants has two tenants with a service and a target of one name.
func testActionsAreATenants(t *testing.T, open Open) {
	var c clock
	b := open(t, c.options())
	acme := b.For("acme")
	own := accept(t, b, alert("g", start))
	theirs, err := acme.Accept(t.Context(), alert("g", start), nil)
	if err != nil {
		t.Fatal(err)
	}
	proposed := func(s casebook.TenantStore, incident string) casefile.Action {
		t.Helper()
		a := asked(incident, "shop", casefile.ActionQueued)
		got, _, err := s.ProposeAction(t.Context(), a, limits, carrying(&a))
		if err != nil || got.State != casefile.ActionQueued {
			t.Fatalf("got %s since %q (%v)", got.State, got.Reason, err)
		}
		return got
	}
	proposed(b, own)
	a := proposed(acme, theirs)
	if err := b.StopActions(t.Context(), "ann", "drill"); err != nil {
		t.Fatal(err)
	}
	got, err := acme.Action(t.Context(), a.ID)
	if err != nil || got.State != casefile.ActionStopped {
		t.Errorf("got %s (%v), want every tenant's stopped", got.State, err)
	}
	late := asked(theirs, "desk", casefile.ActionQueued)
	heldBack, _, err1 := acme.ProposeAction(t.Context(), late, limits, carrying(&late))
	if said := fmt.Sprintf("%+v %+v", got, heldBack); err1 != nil || heldBack.State != casefile.ActionHeld || strings.Contains(said, "ann") || strings.Contains(said, "drill") {
		t.Errorf("acme is told who stopped all and why, or not that they are stopped: %s (%v)", said, err1)
	}
	for name, s := range map[string]casebook.TenantStore{"acme": acme, "the unnamed": b} {
		want := map[string]int{"acme": 3, "the unnamed": 2}[name]
		if l, _, err := s.AuditEntries(t.Context(), casefile.AuditFilter{Action: "action", Limit: 9}); len(l) != want || err != nil {
			t.Errorf("the audit of %s has %v (%v), want its own %d", name, l, err, want)
		}
	}
	if err := b.ResumeActions(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	later := asked(theirs, "till", casefile.ActionQueued)
	if got, _, err := acme.ProposeAction(t.Context(), later, limits, carrying(&later)); err != nil || got.State != casefile.ActionQueued {
		t.Fatalf("got %s since %q (%v)", got.State, got.Reason, err)
	}
	c.advance(limits.Answer + time.Second)
	if n, err := b.ExpireActions(t.Context()); n != 0 || err != nil {
		t.Errorf("%d of another tenant's expired (%v)", n, err)
	}
	if n, err := acme.ExpireActions(t.Context()); n != 1 || err != nil {
		t.Errorf("%d expired (%v), want its own", n, err)
	}
}
