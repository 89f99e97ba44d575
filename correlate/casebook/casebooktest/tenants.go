package casebooktest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// tenantHas fills a tenant's casebook with one of everything, and returns its
// incident.
func tenantHas(t *testing.T, all casebook.Store, one casebook.TenantStore) (id string) {
	t.Helper()
	ctx := t.Context()
	id, err := one.Accept(ctx, alert("g", start), nil)
	if err != nil {
		t.Fatal(err)
	}
	j := next(t, all)
	ref := evidence.CodeRef{Repository: "shop", Path: "a.go", Line: 7, Revision: "r"}
	r := report.Report{Revision: 1, Verdict: report.Verdict{Word: report.Likely},
		Causes: []report.Cause{{Entity: evidence.Entity{Name: "shop"}, Decision: "DEC-1"}},
		Code:   []report.CodeView{{Blame: evidence.Blame{Ref: ref, Lines: []evidence.BlameLine{{Line: 7, Decisions: []string{"DEC-1"}}}}}}}
	if err := all.Finish(ctx, j, r, []byte(`{"verdict":{"word":"Likely"}}`), casebook.Message{Target: "chat", ID: "m-" + id, Body: []byte("hello")}); err != nil {
		t.Fatal(err)
	}
	_, err1 := one.AddNote(ctx, id, casefile.Note{Author: "ann", Text: "note"})
	_, err2 := one.AddFeedback(ctx, id, casefile.Feedback{Author: "ann", Judgment: "confirm", Revision: 1})
	err3 := one.AddChanges(ctx, "ci", []evidence.Change{{ID: "c1", Time: start, Service: "shop", Kind: evidence.ChangeDeploy}})
	err4 := one.AddChecks(ctx, "shop", "ci", []casefile.CheckResult{{ID: "L1-1", ExecutedAt: start}})
	a := asked(id, "shop", casefile.ActionWaiting)
	_, _, err5 := one.ProposeAction(ctx, a, limits, casebook.Message{})
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	return id
}

// actionOf is the ID of the action that tenantHas asked for.
func actionOf(incident string) string { return asked(incident, "shop", "").ID }

// reach is how much of an incident, or of all, one call gives.
type reach func(ctx context.Context, s casebook.TenantStore, id string) (found int, err error)

func sized[T any](list []T, err error) (int, error) { return len(list), err }

func done(err error) (int, error) {
	if err != nil {
		return 0, err
	}
	return 1, nil
}

// reaches is every call of a tenant's casebook that gives or changes something, by
// method. Who has nothing finds nothing by any of them.
var reaches = map[string]reach{
	"Incident": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		_, err := s.Incident(ctx, id)
		return done(err)
	},
	"Incidents": func(ctx context.Context, s casebook.TenantStore, _ string) (int, error) {
		l, _, err := s.Incidents(ctx, casefile.IncidentFilter{})
		return len(l), err
	},
	"Facets": func(ctx context.Context, s casebook.TenantStore, _ string) (int, error) {
		return sized(s.Facets(ctx, casefile.IncidentFilter{}))
	},
	"Report": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		_, err := s.Report(ctx, id, 0)
		return done(err)
	},
	"Revisions": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		return sized(s.Revisions(ctx, id))
	},
	"Notes": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		return sized(s.Notes(ctx, id))
	},
	"AddNote": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		_, err := s.AddNote(ctx, id, casefile.Note{Author: "x", Text: "x"})
		return done(err)
	},
	"Feedback": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		return sized(s.Feedback(ctx, id))
	},
	"Judged": func(ctx context.Context, s casebook.TenantStore, _ string) (int, error) { return sized(s.Judged(ctx)) },
	"Hot":    func(ctx context.Context, s casebook.TenantStore, _ string) (int, error) { return sized(s.Hot(ctx, 5)) },
	"LinesOf": func(ctx context.Context, s casebook.TenantStore, _ string) (int, error) {
		return sized(s.LinesOf(ctx, "DEC-1", 5))
	},
	"Attributed": func(ctx context.Context, s casebook.TenantStore, _ string) (int, error) {
		m, err := s.Attributed(ctx)
		return len(m), err
	},
	"Changes": func(ctx context.Context, s casebook.TenantStore, _ string) (int, error) {
		return sized(s.Changes(ctx, evidence.Window{Start: start, End: start.Add(time.Second)}))
	},
	"Checks": func(ctx context.Context, s casebook.TenantStore, _ string) (int, error) {
		return sized(s.Checks(ctx, "shop"))
	},
	"Pending": func(ctx context.Context, s casebook.TenantStore, _ string) (int, error) {
		m, err := s.Pending(ctx)
		return m["chat"], err
	},
	"Bundle": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		_, err := s.Bundle(ctx, id, 0)
		return done(err)
	},
	"SetState": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		_, err := s.SetState(ctx, id, casefile.Acknowledge, "x")
		return done(err)
	},
	"SetLead": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		_, err := s.SetLead(ctx, id, "x", "x")
		return done(err)
	},
	"Tell": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		return done(s.Tell(ctx, id, casebook.Message{Target: "told", ID: id, Body: []byte("x")}))
	},
	"UndoNote": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		n, err := s.AddNote(ctx, id, casefile.Note{Author: "x", Text: "a slip"})
		if err == nil {
			err = s.UndoNote(ctx, id, n.ID, "x", "x")
		}
		return done(err)
	},
	"UndoFeedback": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		f, err := s.AddFeedback(ctx, id, casefile.Feedback{Author: "x", Judgment: "reject", Revision: 1})
		if err == nil {
			err = s.UndoFeedback(ctx, id, f.ID, "x", "x")
		}
		return done(err)
	},
	"Rerun": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		return done(s.Rerun(ctx, id, "x", evidence.Window{}))
	},
	"Revisit": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		return done(s.Revisit(ctx, id, start, casefile.WhyBack))
	},
	"CheckHistory": func(ctx context.Context, s casebook.TenantStore, _ string) (int, error) {
		return sized(s.CheckHistory(ctx, "shop", 5))
	},
	"AuditEntries": func(ctx context.Context, s casebook.TenantStore, _ string) (int, error) {
		l, _, err := s.AuditEntries(ctx, casefile.AuditFilter{})
		return len(l), err
	},
	"AddFeedback": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		_, err := s.AddFeedback(ctx, id, casefile.Feedback{Author: "x", Judgment: "confirm", Revision: 1})
		return done(err)
	},
	"ClaimBundle": func(ctx context.Context, s casebook.TenantStore, _ string) (int, error) {
		b, _, err := s.ClaimBundle(ctx)
		return len(b.Incident), err
	},
	"Action": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		_, err := s.Action(ctx, actionOf(id))
		return done(err)
	},
	"Actions": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		return sized(s.Actions(ctx, id))
	},
	"NewestActions": func(ctx context.Context, s casebook.TenantStore, _ string) (int, error) {
		return sized(s.NewestActions(ctx, 5))
	},
	"MoveAction": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		_, err := s.MoveAction(ctx, actionOf(id), casebook.ActionStep{Move: casefile.MoveRefuse, By: "x"}, casebook.Message{})
		return done(err)
	},
	"ProposeAction": func(ctx context.Context, s casebook.TenantStore, id string) (int, error) {
		_, _, err := s.ProposeAction(ctx, asked(id, "other", casefile.ActionDry), limits, casebook.Message{})
		return done(err)
	},
	"Due": func(ctx context.Context, s casebook.TenantStore, _ string) (int, error) {
		m, ok, err := s.Due(ctx, "chat")
		if ok && string(m.Body) != "hello" {
			err = fmt.Errorf("got %+v", m)
		}
		return len(m.Body), err
	},
}

// leftOut is what the table above leaves out: tested beside it, or about what its
// caller was given, or not of one tenant's data.
var leftOut = []string{"Accept", "AcceptRecorded", "ActionsStopped", "AddAudit", "AddChanges", "AddChecks", "DropBundle", "ExpireActions", "Forget", "ForgetDueBundles", "KeptBundles", "PostponeBundle", "Prune", "PublishComplete", "RecordBundleNow", "Room", "SettleBundle", "Settled", "Similar", "Waiting"}

func testTenantsAreOutOfEachOthersReach(t *testing.T, open Open) {
	b := open(t, casebook.Options{Evidence: casebook.Evidence{Keep: true}})
	tenants := map[string]casebook.TenantStore{"default": b, "acme": b.For("acme"), "bolt": b.For("bolt")}
	ids := map[string]string{}
	for _, name := range []string{"default", "acme"} {
		ids[name] = tenantHas(t, b, tenants[name])
	}
	if ids["default"] == ids["acme"] {
		t.Fatalf("the same alert of two tenants is one incident, %s", ids["acme"])
	}
	methods := reflect.TypeFor[casebook.TenantStore]()
	for i := range methods.NumMethod() {
		name := methods.Method(i).Name
		call, tried := reaches[name]
		if !tried {
			if !slices.Contains(leftOut, name) {
				t.Errorf("nobody says what %s gives of another tenant", name)
			}
			continue
		}
		// A tenant who has nothing finds nothing of others, by name or in a list.
		for _, id := range ids {
			if n, err := call(t.Context(), tenants["bolt"], id); n != 0 || err != nil && !errors.Is(err, evidence.ErrNotFound) {
				t.Errorf("%s gives a stranger %d (%v)", name, n, err)
			}
		}
	}
	for name, call := range reaches {
		for tenant, id := range ids {
			if n, err := call(t.Context(), tenants[tenant], id); n == 0 || err != nil {
				t.Errorf("%s gives %s nothing of its own (%v)", name, tenant, err)
			}
		}
	}
	for tenant, id := range ids { // each has one, also where both have
		if l, _, err := tenants[tenant].Incidents(t.Context(), casefile.IncidentFilter{}); len(l) != 1 || l[0].ID != id || err != nil {
			t.Errorf("%s lists %v (%v)", tenant, l, err)
		}
		if alike, err := tenants[tenant].Similar(t.Context(), id, 5); len(alike) != 0 || err != nil {
			t.Errorf("%s is like %v (%v), which is another tenant's", id, alike, err)
		}
	}
}

func testNothingInAnAlertMakesItAnotherTenants(t *testing.T, open Open) {
	b := open(t, casebook.Options{Fold: time.Hour})
	acme := b.For("acme")
	own, err := acme.Accept(t.Context(), alert("g", start), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*evidence.Alert){
		"the tenant":              func(a *evidence.Alert) { a.Tenant = "acme" },
		"a receiver like a row's": func(a *evidence.Alert) { a.Receiver = "acme\x1fwh" },
		"zeros":                   func(a *evidence.Alert) { a.Receiver = "acme\x00wh" },
	} {
		a := alert("g", start)
		change(&a)
		id := accept(t, b, a)
		if id == own {
			t.Errorf("%s: the alert is of the other's incident", name)
		}
		if i, err := b.Incident(t.Context(), id); err != nil || i.FoldedInto == own {
			t.Errorf("%s: got %+v (%v)", name, i, err)
		}
	}
	if i, err := acme.Incident(t.Context(), own); err != nil || i.Members != 0 {
		t.Errorf("got %+v (%v)", i, err)
	}
	if l, _, err := acme.Incidents(t.Context(), casefile.IncidentFilter{}); len(l) != 1 || err != nil {
		t.Errorf("got %d incidents (%v), want its own", len(l), err)
	}
}

// reportsOf drains a queue in which all investigations of the others are ahead, and
// says in which order one tenant's came, what each was about, and how many of others
// were begun before its last.
func reportsOf(t *testing.T, b casebook.Store, tenant evidence.Tenant, n int) (order []string, before int) {
	t.Helper()
	for len(order) < n {
		j := next(t, b)
		finish(t, b, j, report.Report{})
		if j.Tenant != tenant {
			before++
			continue
		}
		order = append(order, fmt.Sprintf("%s with %d alerts", j.Alert.GroupKey, len(j.Alert.Instances)))
	}
	return order, before
}

func testAStormOfOneTenantLeavesTheOthersOrder(t *testing.T, open Open) {
	var orders [][]string
	for _, storm := range []int{0, 60} {
		var c clock
		o := c.options()
		o.Fold = 2 * time.Minute
		b := open(t, o)
		noisy, calm := b.For("noisy"), b.For("calm")
		for n := range storm {
			a := of(fmt.Sprint("receiver ", n%30), fmt.Sprint("storm ", n), []string{"critical", "warning", "info"}[n%3], start)
			a.Labels["service"], a.Instances[0].Labels = fmt.Sprint("s", n), map[string]string{"service": fmt.Sprint("s", n)}
			if _, err := noisy.Accept(t.Context(), a, nil); err != nil {
				t.Fatal(err)
			}
		}
		c.advance(time.Second)
		for n, severity := range []string{"info", "warning", "critical", "error", "critical", "warning"} {
			a := of("wh", fmt.Sprint("calm ", n), severity, start)
			a.Labels["service"], a.Instances[0].Labels = fmt.Sprint("s", n/2), map[string]string{"service": fmt.Sprint("s", n/2)}
			if _, err := calm.Accept(t.Context(), a, nil); err != nil {
				t.Fatal(err)
			}
			c.advance(time.Second)
		}
		got, before := reportsOf(t, b, "calm", 4)
		orders = append(orders, got)
		if before > 5 {
			t.Errorf("%d investigations of the storm were begun before the last of the others, want at most one each", before)
		}
	}
	if diff := cmp.Diff(orders[0], orders[1]); diff != "" {
		t.Error("a storm of another tenant changes the order or what is folded: ", diff)
	}
}

// testTenantsTakeTurns has one tenant's investigations hang.
func testTenantsTakeTurns(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	hanging, other := b.For("hanging"), b.For("other")
	for n := range 4 {
		for _, s := range []casebook.TenantStore{hanging, other} {
			if _, err := s.Accept(t.Context(), alert(fmt.Sprint("g", n), start), nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	var got []string
	for range 6 {
		j := next(t, b)
		got = append(got, string(j.Tenant))
		if j.Tenant == "other" { // the former's never end
			finish(t, b, j, report.Report{})
		}
	}
	if n := strings.Count(strings.Join(got, " "), "other"); n != 4 {
		t.Errorf("got the investigations of %q, want all of the tenant whose own end", got)
	}
	if j := next(t, b); j.Tenant != "hanging" {
		t.Errorf("got one of %s, want the others' once nothing else is due", j.Tenant)
	}
}

func testWhatWaitsOfOneTenantRefusesNoOther(t *testing.T, open Open) {
	b := open(t, casebook.Options{QueueLimit: 2})
	full, other := b.For("full"), b.For("other")
	for n := range 2 {
		if _, err := full.Accept(t.Context(), alert(fmt.Sprint("g", n), start), nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := full.Accept(t.Context(), alert("one more", start), nil); !errors.Is(err, casebook.ErrOverloaded) {
		t.Errorf("got %v, want ErrOverloaded", err)
	}
	if err := full.Room(t.Context()); !errors.Is(err, casebook.ErrOverloaded) {
		t.Errorf("got %v, want ErrOverloaded", err)
	}
	for name, s := range map[string]casebook.TenantStore{"another": other, "the unnamed": b} {
		if _, err := s.Accept(t.Context(), alert("g", start), nil); err != nil {
			t.Errorf("%s tenant is refused for it: %v", name, err)
		}
		if n, err := s.Waiting(t.Context()); n != 1 || err != nil {
			t.Errorf("%s: got %d (%v) waiting", name, n, err)
		}
	}
}

func testRetentionIsATenantsOwn(t *testing.T, open Open) {
	var c clock
	o := c.options()
	o.Evidence.Keep = true
	b := open(t, o)
	large, small := b.For("large"), b.For("small")
	kept := tenantHas(t, b, small)
	c.advance(time.Minute)
	gone := tenantHas(t, b, large)
	for tenant, id := range map[casebook.TenantStore]string{large: gone, small: kept} {
		if _, err := tenant.SetState(t.Context(), id, casefile.Resolve, "ann"); err != nil {
			t.Fatal(err)
		}
	}
	c.advance(time.Hour)
	p, err := large.Prune(t.Context(), casebook.Retention{Bytes: 1, Audit: time.Minute, Changes: time.Minute})
	if err != nil || p.Incidents != 1 || p.Changes != 1 {
		t.Errorf("got %+v (%v)", p, err)
	}
	if _, err := large.Incident(t.Context(), gone); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("got %v, want it dropped", err)
	}
	for _, method := range []string{"Incident", "Report", "Notes", "Changes", "AuditEntries", "Pending", "Bundle"} {
		if n, err := reaches[method](t.Context(), small, kept); n == 0 || err != nil {
			t.Errorf("%s gives nothing (%v) after another tenant's retention", method, err)
		}
	}
}
