package page

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestEveryEntityStandsOnTheMapOnce draws any graph of calls, rings included.
func TestEveryEntityStandsOnTheMapOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &report.ServiceMap{}
		n := rapid.IntRange(1, 12).Draw(t, "entities")
		name := func(i int) string { return fmt.Sprintf("svc-%d", i) }
		for i := range n {
			m.Nodes = append(m.Nodes, report.MapNode{Entity: name(i), Alerting: i == 0, Rank: i})
		}
		for range rapid.IntRange(1, 30).Draw(t, "calls") {
			m.Edges = append(m.Edges, evidence.Edge{Caller: name(rapid.IntRange(0, n-1).Draw(t, "caller")), Callee: name(rapid.IntRange(0, n-1).Draw(t, "callee"))})
		}
		r := reportOf()
		r.Map = m
		c := built(r).Map
		taken, seen := map[string]bool{}, map[string]bool{}
		high, err := strconv.Atoi(c.View[strings.LastIndex(c.View, " ")+1:])
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range c.Boxes {
			x, y, w := number(t, b.X), number(t, b.Y), number(t, b.Width)
			if x < 0 || x+w > mapWidth || y < 0 || y+mapHigh > high {
				t.Fatalf("%+v lies outside %s", b, c.View)
			}
			if taken[b.X+","+b.Y] || seen[b.Full] {
				t.Fatalf("%+v is not alone in its place, or stands twice", b)
			}
			taken[b.X+","+b.Y], seen[b.Full] = true, true
		}
		if len(c.Boxes) != n || len(c.Lines) != len(m.Edges) {
			t.Fatalf("got %d boxes and %d lines for %d entities and %d calls", len(c.Boxes), len(c.Lines), n, len(m.Edges))
		}
	})
}

func number(t *rapid.T, s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCallersStandAboveWhatTheyCall(t *testing.T) {
	r := reportOf()
	r.Map = &report.ServiceMap{
		Nodes: []report.MapNode{{Entity: "front", Alerting: true}, {Entity: "stock", Rank: 1}, {Entity: "cart", Hit: 1}},
		Edges: []evidence.Edge{{Caller: "cart", Callee: "stock"}, {Caller: "front", Callee: "cart"}},
	}
	var got []string
	for _, b := range built(r).Map.Boxes {
		got = append(got, b.Name+" "+b.Word)
	}
	if s := strings.Join(got, ", "); s != "front alerts, cart hit, stock first cause" {
		t.Errorf("got %s", s)
	}
	if text := built(r).Map.Text; text != "cart (hit) calls stock (first cause); front (alerts) calls cart (hit)" {
		t.Errorf("in words: %q", text)
	}
}

func TestTheMapSaysHowCallsGoAndLeadsOn(t *testing.T) {
	r, rate := reportOf(), 3.0
	r.Map = &report.ServiceMap{
		Nodes:    []report.MapNode{{Entity: "edge", Alerting: true}, {Entity: "a&b", Rank: 2}, {Entity: "far", Rank: 9}},
		Edges:    []evidence.Edge{{Caller: "edge", Callee: "a&b"}, {Caller: "a&b", Callee: "far"}},
		Measured: []report.MeasuredCalls{{Caller: "edge", Callee: "a&b", Before: &report.CallsSide{Calls: 9, Median: .134}, Since: report.CallsSide{Calls: 4, Median: 1.5432, Failed: .25, Rate: &rate}}},
	}
	c := built(r).Map
	if len(c.Labels) != 1 || c.Labels[0].Text != "3/s, 1.5"+nbsp+"s" || c.Labels[0].Fails != "25"+nbsp+"% fail" || c.Labels[0].Class != "bad" {
		t.Errorf("got labels %+v", c.Labels)
	}
	if len(c.Calls) != 1 || c.Calls[0] != "edge → a&b: 3/s, 1.5"+nbsp+"s, 25"+nbsp+"% fail, before 134"+nbsp+"ms (4"+nbsp+"calls sampled)" {
		t.Errorf("got %q", c.Calls)
	}
	for i, want := range []string{"/?q=edge", "#cause-2", "/?q=far"} {
		if c.Boxes[i].URL != want {
			t.Errorf("%s leads to %s, want %s", c.Boxes[i].Full, c.Boxes[i].URL, want)
		}
	}
}

// TestLabelsOfTheMapTouchNoOther draws calls between two rows, of which some fail: their
// labels have a line more and stand a little higher.
func TestLabelsOfTheMapTouchNoOther(t *testing.T) {
	bad, well := report.CallsSide{Calls: 4, Median: 1.5, Failed: .25}, report.CallsSide{Calls: 4, Median: .1}
	for _, c := range []struct {
		name  string
		calls []report.CallsSide // from the one caller to each of its callees
		want  string             // texts of the labels
	}{
		{"one", []report.CallsSide{well}, "100"},
		{"bad and well", []report.CallsSide{bad, well, well}, "1.5 100"},
		{"well before bad", []report.CallsSide{well, bad, well}, "1.5"},
		{"well ones far from each other", []report.CallsSide{well, well, well}, "100 100"},
	} {
		r := reportOf()
		r.Map = &report.ServiceMap{Nodes: []report.MapNode{{Entity: "edge", Alerting: true}}}
		for i, x := range c.calls {
			callee := fmt.Sprintf("svc-%d", i)
			r.Map.Nodes = append(r.Map.Nodes, report.MapNode{Entity: callee, Hit: 1})
			r.Map.Edges = append(r.Map.Edges, evidence.Edge{Caller: "edge", Callee: callee})
			r.Map.Measured = append(r.Map.Measured, report.MeasuredCalls{Caller: "edge", Callee: callee, Since: x})
		}
		m := built(r).Map
		var got []string
		for i, l := range m.Labels {
			got = append(got, strings.Split(l.Text, nbsp)[0])
			for _, o := range m.Labels[:i] {
				if o.middle == l.middle && max(o.x-l.x, l.x-o.x) < labelApart {
					t.Errorf("%s: %+v touches %+v", c.name, l, o)
				}
			}
		}
		if s := strings.Join(got, " "); s != c.want || len(m.Calls) != len(c.calls) {
			t.Errorf("%s: got the labels %q and %d calls in words, want %q and %d", c.name, s, len(m.Calls), c.want, len(c.calls))
		}
	}
}
