package rank

import (
	"slices"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// replica is one entity's copy on one node, and whether it goes bad.
type replica struct {
	entity, node string
	slow, fails  bool
}

// onNodes is a system whose requests each touch one replica of one entity; chain
// says that every entity calls the next one of the list.
func onNodes(replicas []replica, chain bool) *gathered.Evidence {
	c := &gathered.Evidence{Alerting: []string{"edge"}, Entities: casetest.Entities("edge")}
	for i, r := range replicas {
		c.Entities = append(c.Entities, casetest.Entities(r.entity)...)
		c.Edges = append(c.Edges, evidence.Edge{Caller: "edge", Callee: r.entity})
		if chain && i+1 < len(replicas) {
			c.Edges = append(c.Edges, evidence.Edge{Caller: r.entity, Callee: replicas[i+1].entity})
		}
	}
	id := 0
	for _, baseline := range []bool{true, false} {
		for _, r := range replicas {
			for range 12 {
				ms := 10.0
				if r.slow && !baseline {
					ms = 300
				}
				failed := r.fails && !baseline
				id++
				casetest.AddTrace(c, casetest.TraceID(id), baseline, casetest.Call{Service: "edge", Op: "GET /", Ms: ms + 5, Failed: failed,
					Calls: []casetest.Call{{Service: r.entity, Op: "do", At: 1, Ms: ms, Failed: failed}}})
				spans := c.Traces[len(c.Traces)-1].Spans
				spans[0].Resource = map[string]string{"k8s.node.name": "node-0"}
				spans[1].Resource = map[string]string{"k8s.node.name": r.node}
			}
		}
	}
	return c
}

// pairOf is an entity on two nodes that is slow on the first or not.
func pairOf(entity string, slow bool) []replica {
	return []replica{{entity: entity, node: "node-1", slow: slow}, {entity: entity, node: "node-2"}}
}

func joined(change func(*replica), parts ...[]replica) []replica {
	var all []replica
	for _, p := range parts {
		all = append(all, p...)
	}
	for i := range all {
		change(&all[i])
	}
	return all
}

func TestANodeIsTheCauseOfWhatItsResidentsShare(t *testing.T) {
	asIs := func(*replica) {}
	two := [][]replica{pairOf("cart", true), pairOf("stock", true)}
	alone := []replica{{entity: "cart", node: "node-1", slow: true}, {entity: "stock", node: "node-1", slow: true}, {entity: "price", node: "node-2"}}
	for _, c := range []struct {
		name     string
		replicas []replica
		chain    bool
		want     report.Mechanism // of the node, empty for anything but a node
	}{
		{"two that do not call each other are slow on one node", joined(asIs, two...), false, report.MechanismLatency},
		{"three fail there", joined(func(r *replica) { r.fails = r.node == "node-1" }, pairOf("cart", false), pairOf("stock", false), pairOf("price", false)), false, report.MechanismError},
		{"one of them alone", joined(asIs, pairOf("cart", true), pairOf("stock", false)), false, ""},
		{"their replicas elsewhere are as slow", joined(func(r *replica) { r.slow = true }, two...), false, ""},
		{"everything runs on one host", joined(func(r *replica) { r.node = "node-1" }, two...), false, ""},
		{"they have no replica elsewhere", alone, false, ""},
		{"one calls the other", joined(asIs, two...), true, ""},
		{"two of six residents", joined(asIs, append(two, pairOf("a", false), pairOf("b", false), pairOf("c", false), pairOf("d", false))...), false, ""},
	} {
		cs := onNodes(c.replicas, c.chain)
		got := first(t, cs)
		switch isNode := got.Entity.Kind == evidence.KindNode; {
		case c.want == "" && isNode:
			t.Errorf("%s: got %s first, want no node", c.name, got.Entity.Name)
		case c.want != "" && (!isNode || got.Entity.Name != "node-1" || got.Mechanism != c.want || got.Trigger != report.TriggerInfra):
			t.Errorf("%s: got %s %s/%s %s first, want node-1/%s", c.name, got.Entity.Kind, got.Entity.Name, got.Mechanism, got.Trigger, c.want)
			for _, x := range Causes(view.New(cs)) {
				t.Logf("%s %s %d %v", x.Entity.Name, x.Mechanism, x.Score, x.Terms)
			}
		}
	}
}

func TestWhatResidentsShowIsExplainedByTheirNode(t *testing.T) {
	c := onNodes(joined(func(*replica) {}, pairOf("cart", true), pairOf("stock", true)), false)
	said := map[string]bool{}
	for _, cause := range Causes(view.New(c)) {
		for _, term := range cause.Terms {
			if term.ID == "explain/node" && term.Points < 0 && strings.Contains(term.Why, "node-1") {
				said[cause.Entity.Name] = true
			}
		}
	}
	if len(said) != 2 || !said["cart"] || !said["stock"] {
		t.Errorf("explained by their node: got %v, want cart and stock", said)
	}
	c.Request.Candidates = []string{"cart", "edge", "stock"}
	for _, cause := range Causes(view.New(c)) {
		if cause.Entity.Kind == evidence.KindNode {
			t.Errorf("%s was ranked, want the given candidates only", cause.Entity.Name)
		}
	}
}

func TestAGatewayAmongTheResidentsHidesNoNode(t *testing.T) {
	c := onNodes(slices.Concat(pairOf("api", true), pairOf("cart", true), pairOf("stock", true)), false)
	c.Edges = append(c.Edges, evidence.Edge{Caller: "api", Callee: "cart"}, evidence.Edge{Caller: "api", Callee: "stock"})
	wantFirst(t, c, "node-1", report.MechanismLatency)
}
