package compose

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestTheMapHoldsWhatTheIncidentConcerns(t *testing.T) {
	c := &gathered.Evidence{Alerting: []string{"front"}, Edges: casetest.EdgesOf("cart>stock", "front>cart", "front>quiet", "stock>store", "weather>wind")}
	causes := []report.Cause{{Entity: evidence.Entity{Name: "stock"}, Score: 9}, {Entity: evidence.Entity{Name: "wind"}}}
	want := &report.ServiceMap{
		Nodes: []report.MapNode{{Entity: "front", Alerting: true}, {Entity: "stock", Rank: 1}, {Entity: "cart", Hit: 1}},
		Edges: casetest.EdgesOf("cart>stock", "front>cart"), // the way to the first cause, and nothing that is quiet
	}
	if d := cmp.Diff(want, serviceMap(c, []string{"stock", "cart", "front"}, causes, []string{"cart"})); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	c.Edges = casetest.EdgesOf("weather>wind")
	if got := serviceMap(c, nil, causes, []string{"cart"}); got != nil {
		t.Errorf("without calls between them got %+v, want none", got)
	}
}

func TestTheMapIsBounded(t *testing.T) {
	c := &gathered.Evidence{Alerting: []string{"front"}}
	var hit []string
	for i := range 3 * mapNodes {
		name := fmt.Sprintf("svc-%02d", i)
		hit = append(hit, name)
		c.Edges = append(c.Edges, evidence.Edge{Caller: "front", Callee: name})
	}
	m := serviceMap(c, nil, nil, hit)
	if len(m.Nodes) != mapNodes || len(m.Edges) != mapNodes-1 || m.Nodes[0].Entity != "front" {
		t.Errorf("got %d nodes and %d edges from %s, want %d around the alerting one", len(m.Nodes), len(m.Edges), m.Nodes[0].Entity, mapNodes)
	}
}
