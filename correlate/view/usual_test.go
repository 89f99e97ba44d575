package view

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/spoken"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// TestWhatIsMeasuredOnceIsWhatEachSpanWouldFind holds the deepest spans of failing
// requests, and who took the time of calls that were never sent, to what their
// definitions say of each span by itself, in requests whose calls end in any order.
func TestWhatIsMeasuredOnceIsWhatEachSpanWouldFind(t *testing.T) {
	off, spent := 0, 0
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		names := []string{"front", "a", "b", "c"}
		ev := &gathered.Evidence{Entities: casetest.Entities(names...), Alerting: []string{"front"}}
		for i := range 12 {
			bad := i >= 10
			root := casetest.Call{Service: "front", Op: "GET /", Ms: 100, Failed: bad}
			for range 12 {
				call := casetest.Call{Service: "front", Op: "ask", At: float64(r.IntN(20)), Ms: float64(1 + r.IntN(4)), Kind: "client", Peer: names[1+r.IntN(3)]}
				if bad {
					call.Ms *= 3
				}
				if bad && r.IntN(3) > 0 {
					call.Failed, call.Text = true, []string{"context canceled", "context deadline exceeded", "boom"}[r.IntN(3)]
					if r.IntN(2) == 0 {
						call.Ms = .01
					}
				}
				root.Calls = append(root.Calls, call)
			}
			casetest.AddTrace(ev, fmt.Sprintf("%032x", i+1), !bad, root)
		}
		v := New(ev)
		for _, g := range v.Failures() {
			var got, want []int
			for _, d := range g.deepest {
				got = append(got, d.node)
			}
			want, dropped := deepestByDefinition(v, g.Nodes)
			off += dropped
			if !slices.Equal(got, want) {
				t.Errorf("seed %d: the deepest are %v, want %v", seed, got, want)
			}
			for _, i := range g.Nodes {
				if !v.unsent(&v.Traces.Nodes[i]) {
					continue
				}
				got, want := v.spentBefore(i), spentByDefinition(v, i)
				if want >= 0 {
					spent++
				}
				if got != want {
					t.Errorf("seed %d: the time of span %d went to %d, want %d", seed, i, got, want)
				}
			}
		}
	}
	if off == 0 || spent == 0 {
		t.Errorf("%d spans were called off and the time of %d was spent: nothing was compared", off, spent)
	}
}

func deepestByDefinition(v *View, failed []int) (out []int, dropped int) {
	nodes := v.Traces.Nodes
	leaves := slices.DeleteFunc(slices.Clone(failed), func(i int) bool {
		return slices.ContainsFunc(failed, func(o int) bool { return nodes[o].Parent == i })
	})
	for _, i := range leaves {
		n := &nodes[i]
		if n.Says().Any(spoken.HungUp) && slices.ContainsFunc(leaves, func(o int) bool {
			end := nodes[o].Span.End()
			return !nodes[o].Says().Any(spoken.HungUp|spoken.GaveUp) && !end.Before(n.Span.Start) && !end.After(n.Span.End())
		}) {
			dropped++
			continue
		}
		out = append(out, i)
	}
	return out, dropped
}

func spentByDefinition(v *View, node int) int {
	nodes := v.Traces.Nodes
	over := map[int]time.Duration{}
	for _, c := range nodes[nodes[node].Parent].Children {
		e := nodes[c].Edge
		if e < 0 || nodes[c].Span.End().After(nodes[node].Span.Start) || v.Traces.Edges[e].Callee < 0 || len(v.Traces.Edges[e].lasted) < v.By.View.Calls.Least {
			continue
		}
		usual := time.Duration(stat.Quantile(v.Traces.Edges[e].lasted, v.By.View.Waiting.UsualQuantile) * float64(time.Millisecond))
		over[v.Traces.Edges[e].Callee] += max(0, nodes[c].Span.Duration-usual)
	}
	who := -1
	for e := range v.Names {
		if over[e] > 0 && (who < 0 || over[e] > over[who]) {
			who = e
		}
	}
	return who
}
