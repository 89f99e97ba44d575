package correlate

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func traceID(i int) string { return fmt.Sprintf("%032x", i+1) }

func workloadEntity() evidence.Entity {
	return evidence.Entity{Name: evidence.Workload, Kind: evidence.KindWorkload}
}

func edgesOf(pairs ...string) []evidence.Edge {
	var es []evidence.Edge
	for _, p := range pairs {
		a, b, _ := strings.Cut(p, ">")
		es = append(es, evidence.Edge{Caller: a, Callee: b})
	}
	return es
}

// addLines appends lines a few seconds apart on one side.
func addLines(c *Case, service string, baseline bool, n int, body string) {
	for i := range n {
		at := onset0.Add(time.Duration(i+1) * 5 * time.Second)
		if baseline {
			at = onset0.Add(-time.Duration(n-i) * 5 * time.Second)
		}
		c.Logs = append(c.Logs, CaseLog{LogLine: evidence.LogLine{Time: at, Service: service, Body: body}, Baseline: baseline, Template: body})
	}
}

// scoreOf is the score of an entity's best cause.
func scoreOf(c *Case, entity string) int {
	for _, x := range rankCauses(c) {
		if x.Entity.Name == entity {
			return x.Score
		}
	}
	return 0
}

// mixedCase has something of everything.
func mixedCase(rename func(string) string, shuffle bool) *Case {
	c := &Case{Alerting: []string{rename("front")}}
	for _, n := range []string{"front", "cart", "stock", "price", "idle"} {
		c.Entities = append(c.Entities, evidence.Entity{Name: rename(n), Kind: evidence.KindService})
	}
	if shuffle {
		slices.Reverse(c.Entities)
	}
	for i := range 30 {
		bad := i >= 15
		leaf := call{service: rename("stock"), op: "read", at: 10, ms: 10 + float64(i%4), failed: bad && i%3 == 0}
		if bad {
			leaf.ms += 40
			leaf.logs = []string{"ERROR cannot read"}
		}
		addTrace(c, traceID(i), !bad, call{service: rename("front"), op: "GET /", ms: 90 + leaf.ms, failed: leaf.failed, calls: []call{
			{service: rename("cart"), op: "add", at: 5, ms: 20 + leaf.ms, failed: leaf.failed, calls: []call{leaf}},
			{service: rename("price"), op: "quote", at: 30 + leaf.ms, ms: 10 + float64(i%3)}}})
	}
	for i, n := range []string{"front", "cart", "stock", "price", "idle"} {
		c.Metrics = append(c.Metrics, metricOf(rename(n), "cpu_usage", 0.2, 0.25+0.1*float64(i), 0.3, 0.31))
	}
	return c
}

// ranking is the order of entities and their scores, with names put back.
func ranking(c *Case, back func(string) string) []string {
	var out []string
	for _, x := range rankCauses(c) {
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
