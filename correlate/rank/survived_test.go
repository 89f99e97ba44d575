package rank

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestFailuresThatNobodyFeltExplainLittle: requests of front fail where stock does,
// and are answered well where caps fails, which is more often.
func TestFailuresThatNobodyFeltExplainLittle(t *testing.T) {
	build := func(felt bool) *gathered.Evidence {
		c := &gathered.Evidence{Entities: casetest.Entities("front", "stock", "caps"), Alerting: []string{"front"}, Edges: casetest.EdgesOf("front>stock", "front>caps")}
		for i := range 90 {
			lost, spared := i >= 30 && i%3 == 0, i >= 30 && i%3 != 0
			casetest.AddTrace(c, casetest.TraceID(i), i < 30, casetest.Call{Service: "front", Op: "GET /", Ms: 40, Failed: lost || felt && spared, Calls: []casetest.Call{
				{Service: "stock", Op: "read", At: 5, Ms: 10, Failed: lost}, {Service: "caps", Op: "get", At: 20, Ms: 10, Failed: spared}}})
		}
		return c
	}
	for felt, want := range map[bool]string{true: "caps", false: "stock"} {
		c := build(felt)
		got := wantFirst(t, c, want, report.MechanismError)
		for _, x := range Causes(view.New(c)) {
			for _, term := range x.Terms {
				if says := strings.Contains(term.Why, "40 of these requests were answered well all the same"); term.ID == "error/innermost" && says != (x.Entity.Name == "caps" && !felt) {
					t.Errorf("felt %v: %s says %q (first is %s)", felt, x.Entity.Name, term.Why, got.Entity.Name)
				}
			}
		}
	}
}
