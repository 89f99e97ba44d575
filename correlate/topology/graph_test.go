package topology

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func graphOf(calls ...string) *Graph {
	var list []evidence.Edge
	for _, c := range calls {
		a, b, _ := strings.Cut(c, ">")
		list = append(list, evidence.Edge{Caller: a, Callee: b})
	}
	return NewGraph(list)
}

func TestWhoIsReachedFromWhom(t *testing.T) {
	g := graphOf("web>shop", "shop>stock", "shop>till", "till>ledger", "ledger>till", "stock>db", "web>shop", "job>db", "self>self")
	for _, c := range []struct {
		from, to string
		want     bool
		way      string
	}{
		{"web", "shop", true, "shop web"},
		{"web", "db", true, "db stock shop web"},
		{"shop", "web", false, ""},
		{"till", "ledger", true, "ledger till"},
		{"ledger", "till", true, "till ledger"},
		{"till", "till", false, "till"}, // a circle of calls is no call of itself
		{"self", "self", false, "self"},
		{"web", "job", false, ""},
		{"nobody", "web", false, ""},
	} {
		if got := g.Reaches(c.from, c.to); got != c.want {
			t.Errorf("%s reaches %s: got %v, want %v", c.from, c.to, got, c.want)
		}
		if got := strings.Join(g.Way([]string{c.from}, c.to), " "); got != c.way {
			t.Errorf("from %s to %s: got %q, want %q", c.from, c.to, got, c.way)
		}
	}
	for name, want := range map[string]bool{"web": true, "job": true, "shop": false, "db": false, "self": false, "nobody": false} {
		if got := g.IsEntry(name); got != want {
			t.Errorf("%s is an entry: got %v, want %v", name, got, want)
		}
	}
}

func TestDistancesAreInCalls(t *testing.T) {
	g := graphOf("web>shop", "shop>stock", "stock>db", "web>db", "job>db")
	if got, want := g.Below("shop", "web"), map[string]int{"web": 0, "shop": 0, "stock": 1, "db": 1}; !maps.Equal(got, want) {
		t.Errorf("below: got %v, want %v", got, want)
	}
	if got, want := g.Around("stock"), map[string]int{"stock": 0, "shop": 1, "db": 1, "web": 2, "job": 2}; !maps.Equal(got, want) {
		t.Errorf("around: got %v, want %v", got, want)
	}
}

func TestTheWayDoesNotHangOnTheOrderOfCalls(t *testing.T) {
	calls := []string{"web>b", "web>a", "a>db", "b>db"}
	for range len(calls) {
		if got := graphOf(calls...).Way([]string{"web"}, "db"); !slices.Equal(got, []string{"db", "a", "web"}) {
			t.Errorf("%v: got %v, want the first by name", calls, got)
		}
		calls = append(calls[1:], calls[0])
	}
}
