package casebooktest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// caused is a report whose first cause is an entity by a mechanism; no entity is a
// report without a cause.
func caused(entity string, by report.Mechanism) (r report.Report) {
	if entity != "" {
		r.Causes = []report.Cause{{Entity: evidence.Entity{Name: entity}, Mechanism: by}}
	}
	return r
}

// adding returns what takes an incident of a service in, so long after the start, and
// ends it with a report. It notes its name under its ID.
func adding(t *testing.T, b casebook.Store, names map[string]string) func(name, service string, after time.Duration, r report.Report) string {
	return func(name, service string, after time.Duration, r report.Report) string {
		id := accept(t, b, named(name, "Rule "+name, service, "critical", start.Add(after)))
		finish(t, b, next(t, b), r)
		names[id] = name
		return id
	}
}

func testIncidentsThatBeginTogetherNameEachOther(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	names := map[string]string{}
	add := adding(t, b, names)
	mine := add("mine", "shop", 0, caused("etcd", report.MechanismError))
	soon := add("soon", "shop", 20*time.Second, caused("etcd", report.MechanismError))
	add("five before", "shop", -5*time.Minute, caused("cart", report.MechanismLatency))
	add("nothing found", "shop", 9*time.Minute, caused("", ""))
	add("at once", "shop", 100*time.Millisecond, caused("cart", report.MechanismError))
	add("another service", "till", 20*time.Second, caused("cart", report.MechanismError))
	add("too late", "shop", 11*time.Minute, caused("cart", report.MechanismError))
	for id, want := range map[string][]string{
		mine: {"soon: same service, alerted 20 s after, same cause", "nothing found: same service, alerted 9 min after",
			"at once: same service, alerted at the same time, another cause", "five before: same service, alerted 5 min before, another cause"},
		soon: {"mine: same service, alerted 20 s before, same cause", "nothing found: same service, alerted 9 min after",
			"at once: same service, alerted 20 s before, another cause", "five before: same service, alerted 5 min before, another cause"},
	} {
		got, err := b.Similar(t.Context(), id, 4)
		if err != nil {
			t.Fatal(err)
		}
		var rows []string
		for _, s := range got {
			rows = append(rows, names[s.ID]+": "+s.Because)
		}
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Errorf("beside %s: %s", names[id], diff)
		}
	}
}

// testWhatBeganBesideCrowdsOutNothing has a service that alerts every minute, and
// earlier incidents with the same decision and commit.
func testWhatBeganBesideCrowdsOutNothing(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	names := map[string]string{}
	add := adding(t, b, names)
	decided, committed, both := caused("etcd", report.MechanismError), caused("cart", report.MechanismError), caused("pool", report.MechanismError)
	decided.Causes[0].Decision, both.Causes[0].Decision = "ADR-1", "ADR-1"
	for _, r := range []*report.Report{&committed, &both} {
		r.Causes[0].Trigger, r.Causes[0].Commits = report.TriggerCode, []report.CommitScore{{SHA: "5d41402abc4b2a76b9719d911017c592ae5d4140"}}
	}
	add("decided", "till", -48*time.Hour, decided)
	add("committed", "till", -24*time.Hour, committed)
	add("near with the cause", "shop", -3*time.Minute, both)
	for n := range 6 {
		add(fmt.Sprint("near ", n), "shop", time.Duration(n)*time.Minute, caused(fmt.Sprint("other ", n), report.MechanismError))
	}
	mine := add("mine", "shop", 7*time.Minute, both)
	for limit, want := range map[int][]string{
		5: {"near with the cause: service decision", "near 5: service", "decided: decision", "committed: commit", "near 4: service"},
		9: {"near with the cause: service decision", "near 5: service", "decided: decision", "committed: commit", "near 4: service", "near 3: service", "near 2: service", "near 1: service", "near 0: service"},
	} {
		got, err := b.Similar(t.Context(), mine, limit)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, alikeRows(names, got)); diff != "" {
			t.Errorf("of %d: %s", limit, diff)
		}
	}
}

// alikeRows are rows by name and by what they share.
func alikeRows(names map[string]string, all []casefile.Similar) (rows []string) {
	for _, s := range all {
		row := names[s.ID] + ":"
		for _, a := range s.Alike {
			row += " " + string(a)
		}
		rows = append(rows, row)
	}
	return rows
}

// testBesideHoldsInBothDirections folds one alert of a service into another's
// investigation, and has a third begin a little later.
func testBesideHoldsInBothDirections(t *testing.T, open Open) {
	var c clock
	b := open(t, folding(&c))
	ids, names := map[string]string{}, map[string]string{}
	for _, x := range []struct {
		name  string
		after time.Duration
	}{{"leader", 0}, {"member", time.Minute}, {"later", 5 * time.Minute}} {
		id := accept(t, b, named(x.name, "Rule "+x.name, "shop", "critical", start.Add(x.after)))
		ids[x.name], names[id] = id, x.name
	}
	if i := incident(t, b, ids["member"]); i.FoldedInto != ids["leader"] {
		t.Fatalf("the member is folded into %q", i.FoldedInto)
	}
	for name, want := range map[string][]string{
		"leader": {"member: together", "later: service"}, "member": {"leader: together"}, "later": {"leader: service"},
	} {
		got, err := b.Similar(t.Context(), ids[name], 5)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, alikeRows(names, got)); diff != "" {
			t.Errorf("beside %s: %s", name, diff)
		}
	}
}

func testOneRuleThatFiresTwiceMakesNoTwoCausesAlike(t *testing.T, open Open) {
	for name, c := range map[string]struct {
		before, now report.Report
		want        string
	}{
		"neither cause nor entity":  {before: caused("etcd", report.MechanismError), now: caused("cart", report.MechanismError)},
		"the entity":                {before: caused("etcd", report.MechanismLatency), now: caused("etcd", report.MechanismError), want: "same alert group and entity, another mechanism"},
		"the cause":                 {before: caused("etcd", report.MechanismError), now: caused("etcd", report.MechanismError), want: "same cause"},
		"no cause was found before": {before: caused("", ""), now: caused("etcd", report.MechanismError), want: "same alert group, no cause to compare"},
		"no cause is known yet":     {before: caused("etcd", report.MechanismError), now: caused("", ""), want: "same alert group, no cause to compare"},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t, casebook.Options{})
			first := alert("g", start)
			accept(t, b, first)
			finish(t, b, next(t, b), c.before)
			accept(t, b, resolved(first, start.Add(time.Minute)))
			id := accept(t, b, alert("g", start.Add(time.Hour)))
			finish(t, b, next(t, b), c.now)
			got, err := b.Similar(t.Context(), id, 5)
			if err != nil {
				t.Fatal(err)
			}
			said := ""
			for _, s := range got {
				said += s.Because
			}
			if said != c.want {
				t.Errorf("got %q, want %q", said, c.want)
			}
		})
	}
}
