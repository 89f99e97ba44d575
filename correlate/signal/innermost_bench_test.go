package signal

import (
	"fmt"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// calledOff is a request that fans out to so many calls over twenty services, which
// are all called off, after a hundred requests that went well.
func calledOff(calls int) *gathered.Evidence {
	names := []string{"front"}
	for i := range 20 {
		names = append(names, fmt.Sprintf("leaf%d", i))
	}
	ev := &gathered.Evidence{Entities: casetest.Entities(names...), Alerting: []string{"front"}}
	for i := range 101 {
		bad := i == 100
		root := casetest.Call{Service: "front", Op: "GET /", Ms: 2000, Failed: bad}
		n := 20
		if bad {
			n = calls
		}
		for j := range n {
			leaf := casetest.Call{Service: "front", Op: "ask", At: float64(j) / 100, Ms: 1, Kind: "client", Failed: bad, Peer: names[1+j%20]}
			if bad {
				leaf.Text = "context canceled"
				if j%3 == 0 {
					leaf.Text, leaf.Ms = "context deadline exceeded", .1
				}
			}
			root.Calls = append(root.Calls, leaf)
		}
		casetest.AddTrace(ev, casetest.TraceID(i), !bad, root)
	}
	return ev
}

// BenchmarkErrorInnermost weighs a request of 1,250 calls that were called off, and
// one of 5,000: it is to take four times as long and not sixteen.
func BenchmarkErrorInnermost(b *testing.B) {
	for _, calls := range []int{1250, 5000} {
		b.Run(fmt.Sprint(calls), func(b *testing.B) {
			v := view.New(calledOff(calls))
			for b.Loop() {
				ErrorInnermost(v)
			}
		})
	}
}
