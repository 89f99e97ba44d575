package casebook

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
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
