package rank

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// TestAnotherSystemsTroubleIsItsOwn has two systems in one backend: front calls
// till; their calls their shelf, which suffers most. A node calls nobody.
func TestAnotherSystemsTroubleIsItsOwn(t *testing.T) {
	build := func(edges ...string) *gathered.Evidence {
		c := &gathered.Evidence{Entities: casetest.Entities("front", "node-3", "shelf", "their", "till"), Alerting: []string{"front"}, Edges: casetest.EdgesOf(edges...)}
		c.Metrics = []gathered.Series{casetest.MetricOf("till", "cpu_usage", 0.3, 0.6, 0.6, 0.6), casetest.MetricOf("shelf", "cpu_usage", 0.1, 0.99, 0.99, 0.99), casetest.MetricOf("node-3", "cpu_usage", 0.1, 0.9, 0.9, 0.9)}
		return c
	}
	apart := build("front>till", "their>shelf")
	if shelf, till := scoreOf(apart, "shelf"), scoreOf(apart, "till"); shelf >= till || shelf > 100 {
		t.Errorf("another system's: got %d points where ours has %d, want next to none", shelf, till)
	}
	joined := build("front>till", "their>shelf", "their>till")
	if shelf := scoreOf(joined, "shelf"); shelf <= scoreOf(apart, "shelf") {
		t.Errorf("joined by a callee of both: got %d points, want more than of a stranger", shelf)
	}
	if node := scoreOf(apart, "node-3"); node <= 100 {
		t.Errorf("without any call: got %d points, want what speaks for it", node)
	}
	if shelf := scoreOf(build("their>shelf"), "shelf"); shelf <= 100 {
		t.Errorf("what alerts has no call: got %d points, want what speaks for it", shelf)
	}
}
