package casebooktest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
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

func testIncidentsThatBeginTogetherNameEachOther(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	names := map[string]string{}
	add := func(name, service string, after time.Duration, r report.Report) string {
		id := accept(t, b, named(name, "Rule "+name, service, "critical", start.Add(after)))
		finish(t, b, next(t, b), r)
		names[id] = name
		return id
	}
	mine := add("mine", "shop", 0, caused("etcd", report.MechanismError))
	soon := add("soon", "shop", 20*time.Second, caused("etcd", report.MechanismError))
	add("five before", "shop", -5*time.Minute, caused("cart", report.MechanismLatency))
	add("nothing found", "shop", 9*time.Minute, caused("", ""))
	add("at once", "shop", 100*time.Millisecond, caused("cart", report.MechanismError))
	add("another service", "till", 20*time.Second, caused("cart", report.MechanismError))
	add("too late", "shop", 11*time.Minute, caused("cart", report.MechanismError))
	for id, want := range map[string][]string{
		mine: {"nothing found: same service, alerted 9 min after", "soon: same service, alerted 20 s after, same cause",
			"at once: same service, alerted at the same time, another cause", "five before: same service, alerted 5 min before, another cause"},
		soon: {"nothing found: same service, alerted 9 min after", "at once: same service, alerted 20 s before, another cause",
			"mine: same service, alerted 20 s before, same cause", "five before: same service, alerted 5 min before, another cause"},
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
