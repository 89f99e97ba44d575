package rank

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// scoreOf is the score of an entity's best cause.
func scoreOf(c *gathered.Evidence, entity string) int {
	for _, x := range Causes(view.New(c)) {
		if x.Entity.Name == entity {
			return x.Score
		}
	}
	return 0
}

// mixedCase has something of everything.
func mixedCase(rename func(string) string, shuffle bool) *gathered.Evidence {
	c := &gathered.Evidence{Alerting: []string{rename("front")}}
	for _, n := range []string{"front", "cart", "stock", "price", "idle"} {
		c.Entities = append(c.Entities, evidence.Entity{Name: rename(n), Kind: evidence.KindService})
	}
	if shuffle {
		slices.Reverse(c.Entities)
	}
	for i := range 30 {
		bad := i >= 15
		leaf := casetest.Call{Service: rename("stock"), Op: "read", At: 10, Ms: 10 + float64(i%4), Failed: bad && i%3 == 0}
		if bad {
			leaf.Ms += 40
			leaf.Logs = []string{"ERROR cannot read"}
		}
		casetest.AddTrace(c, casetest.TraceID(i), !bad, casetest.Call{Service: rename("front"), Op: "GET /", Ms: 90 + leaf.Ms, Failed: leaf.Failed, Calls: []casetest.Call{
			{Service: rename("cart"), Op: "add", At: 5, Ms: 20 + leaf.Ms, Failed: leaf.Failed, Calls: []casetest.Call{leaf}},
			{Service: rename("price"), Op: "quote", At: 30 + leaf.Ms, Ms: 10 + float64(i%3)}}})
	}
	for i, n := range []string{"front", "cart", "stock", "price", "idle"} {
		c.Metrics = append(c.Metrics, casetest.MetricOf(rename(n), "cpu_usage", 0.2, 0.25+0.1*float64(i), 0.3, 0.31))
	}
	return c
}

// ranking is the order of entities and their scores, with names put back.
func ranking(c *gathered.Evidence, back func(string) string) []string {
	var out []string
	for _, x := range Causes(view.New(c)) {
		out = append(out, fmt.Sprintf("%s %s %d", back(x.Entity.Name), x.Mechanism, x.Score))
	}
	return out
}

func TestRanksDoNotDependOnNamesOrOrder(t *testing.T) {
	same := func(s string) string { return s }
	names := map[string]string{"front": "zeta", "cart": "yps", "stock": "xeno", "price": "wolf", "idle": "vega"}
	back := map[string]string{}
	for a, b := range names {
		back[b] = a
	}
	want := ranking(mixedCase(same, false), same)
	if diff := cmp.Diff(want, ranking(mixedCase(same, true), same)); diff != "" {
		t.Errorf("candidates in another order (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, ranking(mixedCase(func(s string) string { return names[s] }, false), func(s string) string { return back[s] })); diff != "" {
		t.Errorf("entities renamed (-want +got):\n%s", diff)
	}
	for range 5 {
		if diff := cmp.Diff(want, ranking(mixedCase(same, false), same)); diff != "" {
			t.Fatalf("a second ranking differs (-first +second):\n%s", diff)
		}
	}
}
