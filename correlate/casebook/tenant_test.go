package casebook

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestABurstOfOneTenantIsFiledBesideTheOthers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "book.db")
	b := crowded(t, file, Options{Now: func() time.Time { return began }, QueueLimit: 100})
	tenants := map[string]TenantStore{"noisy": b.For("noisy"), "calm": b.For("calm"), "": b}
	accept := func(tenant, group string) {
		t.Helper()
		if _, err := tenants[tenant].Accept(t.Context(), fired(group, began, "firing", group), nil); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 20 {
		accept("noisy", fmt.Sprint("g", n))
	}
	accept("calm", "g0")
	accept("", "g0")
	if b.Unfiled() != 22 {
		t.Fatalf("%d alerts wait, want all in the inbox", b.Unfiled())
	}
	var order []string
	if err := b.db.do(t.Context(), func(tx session) error {
		for range 4 {
			s, _ := b.inbox.next()
			k, err := readKept(tx, s.seq)
			if err != nil {
				return err
			}
			order = append(order, string(k.alert.Tenant))
		}
		tx.onDone(b.inbox.forget)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(order, "calm") || !slices.Contains(order, "") {
		t.Errorf("first to be filed are alerts of %q, want one of each tenant", order)
	}
	again := crowded(t, file, Options{Now: func() time.Time { return began }}) // what waits outlives the program, with whose it is
	if err := again.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for tenant, want := range map[evidence.Tenant]int{"noisy": 20, "calm": 1, "": 1} {
		if list, _, err := again.of(tenant).Incidents(t.Context(), casefile.IncidentFilter{}); len(list) != want || err != nil {
			t.Errorf("tenant %q has %d incidents (%v), want %d", tenant, len(list), err, want)
		}
	}
}

// TestAnIncidentIDThatAnotherTenantHasIsRefused has an alert that was looked for
// until its ID, which has forty bits, is another tenant's.
func TestAnIncidentIDThatAnotherTenantHasIsRefused(t *testing.T) {
	b, err := Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), Options{Now: func() time.Time { return began }})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	a := fired("g", began, "firing", "f")
	id, err := b.Accept(t.Context(), a, nil)
	if err == nil {
		err = b.db.do(t.Context(), execute(`UPDATE incident SET tenant = 'acme', receiver = 'acme'`))
	}
	if err == nil {
		err = b.db.do(t.Context(), execute(`DELETE FROM notification`))
	}
	if err != nil {
		t.Fatal(err)
	}
	if got, err := b.Accept(t.Context(), a, nil); !errors.Is(err, casefile.ErrConflict) || got != "" {
		t.Errorf("got %s (%v), want a conflict", got, err)
	}
	if i, err := b.of("acme").Incident(t.Context(), id); err != nil || i.State != casefile.StateInvestigating {
		t.Errorf("got %+v (%v)", i, err)
	}
	if _, err := newestOf(t, b, id); err == nil {
		t.Error("the alert became the other's")
	}
}

func newestOf(t *testing.T, b *Book, id string) (a evidence.Alert, err error) {
	t.Helper()
	err = b.db.do(t.Context(), func(tx session) error { a, err = newest(tx, id); return err })
	return a, err
}

// TestATenantIsNotToldWhoStoppedAllBefore stores actions and their audit as earlier
// versions did, with who had stopped all of them, and reads them by every call.
func TestATenantIsNotToldWhoStoppedAllBefore(t *testing.T) {
	b, err := Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), Options{Now: func() time.Time { return began }})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	held, stopped := "all actions are stopped by ann (drill)", "all actions were stopped"
	for tenant, told := range map[evidence.Tenant]bool{"": true, "acme": false} {
		one := b.of(tenant)
		incident, err := one.Accept(t.Context(), fired("g", began, "firing", "g"), nil)
		if err != nil {
			t.Fatal(err)
		}
		list := []casefile.Action{
			{ID: "ACT-s" + string(tenant), State: casefile.ActionStopped, By: "ann", Reason: stopped},
			{ID: "ACT-h" + string(tenant), State: casefile.ActionHeld, By: "rule:ADR-1", Reason: held},
			{ID: "ACT-d" + string(tenant), State: casefile.ActionDone, By: "ben", Reason: "it is back"},
		}
		for i := range list {
			list[i].Incident, list[i].Kind, list[i].Service, list[i].AskedAt = incident, casefile.RollBack, "shop", began
			if err := b.db.do(t.Context(), func(tx session) error {
				if err := one.keepAction(tx, &list[i], ""); err != nil {
					return err
				}
				return one.auditAction(tx, &list[i])
			}); err != nil {
				t.Fatal(err)
			}
		}
		reads := map[string]func() (any, error){
			"Action":        func() (any, error) { return one.Action(t.Context(), list[0].ID) },
			"Actions":       func() (any, error) { return one.Actions(t.Context(), incident) },
			"NewestActions": func() (any, error) { return one.NewestActions(t.Context(), 9) },
			"ProposeAction": func() (any, error) {
				a, _, err := one.ProposeAction(t.Context(), list[0], casefile.ActionLimits{}, Message{})
				return a, err
			},
			"AuditEntries": func() (any, error) {
				all, _, err := one.AuditEntries(t.Context(), casefile.AuditFilter{Action: "action"})
				return all, err
			},
			"AuditEntries of one": func() (any, error) {
				all, _, err := one.AuditEntries(t.Context(), casefile.AuditFilter{Actor: "ann"})
				return all, err
			},
		}
		for name, read := range reads {
			got, err := read()
			if err != nil {
				t.Fatal(name, err)
			}
			body, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			if said := strings.Contains(string(body), "ann"); said != told {
				t.Errorf("%s tells the tenant %q who stopped all: %v, want %v: %s", name, tenant, said, told, body)
			}
			if name == "NewestActions" && (!strings.Contains(string(body), "it is back") || !strings.Contains(string(body), "ben")) {
				t.Errorf("the tenant %q is not told its own people's: %s", tenant, body)
			}
		}
		if all, _, err := one.AuditEntries(t.Context(), casefile.AuditFilter{Actor: casefile.OfTheServer}); err != nil || (len(all) == 1) == told {
			t.Errorf("the tenant %q finds %s by who is named (%v)", tenant, fmt.Sprint(all), err)
		}
	}
}
