package rank

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// first is the first cause of a case, with the whole ranking in the failure.
func first(t *testing.T, c *gathered.Evidence) report.Cause {
	t.Helper()
	causes := Causes(view.New(c))
	if len(causes) == 0 {
		t.Fatal("got no cause at all")
	}
	return causes[0]
}

func wantFirst(t *testing.T, c *gathered.Evidence, entity string, m report.Mechanism) report.Cause {
	t.Helper()
	got := first(t, c)
	if got.Entity.Name != entity || got.Mechanism != m {
		for _, x := range Causes(view.New(c)) {
			t.Logf("%s %s %d", x.Entity.Name, x.Mechanism, x.Score)
			for _, term := range x.Terms {
				t.Logf("    %5d %s %s", term.Points, term.ID, term.Why)
			}
		}
		t.Errorf("first cause: got %s/%s, want %s/%s", got.Entity.Name, got.Mechanism, entity, m)
	}
	return got
}

func TestStarvedServiceIsBlamedAndNotItsLouderCaller(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("front", "stock"), Alerting: []string{"front"}, Edges: []evidence.Edge{{Caller: "front", Callee: "stock"}}}
	c.Metrics = []gathered.Series{
		casetest.MetricOf("stock", "cpu_usage_ratio", 0.2, 0.9, 0.95, 0.97),
		casetest.MetricOf("stock", "latency_p90_ms", 20, 300, 320, 310),
		casetest.MetricOf("front", "latency_p90_ms", 60, 400, 420, 410),
	}
	got := wantFirst(t, c, "stock", report.MechanismResource)
	if got.Loci[0].Name != "cpu_usage_ratio" {
		t.Errorf("first locus: got %s, want cpu_usage_ratio", got.Loci[0].Name)
	}
}

func TestScoreIsTheSumOfItsTerms(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("front", "stock"), Alerting: []string{"front"}, Edges: []evidence.Edge{{Caller: "front", Callee: "stock"}}}
	c.Metrics = []gathered.Series{casetest.MetricOf("stock", "errors_total", 1, 40, 50), casetest.MetricOf("front", "errors_total", 1, 60, 70)}
	for _, x := range Causes(view.New(c)) {
		sum := 0
		for _, term := range x.Terms {
			sum += term.Points
		}
		if sum != x.Score {
			t.Errorf("%s: got score %d, want the sum of its terms %d", x.Entity.Name, x.Score, sum)
		}
	}
}

func TestEveryCandidateIsRankedOnceBeforeFurtherCauses(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("a", "b", "silent")}
	c.Metrics = []gathered.Series{casetest.MetricOf("a", "cpu_usage", 1, 9, 9, 9), casetest.MetricOf("a", "request_errors", 1, 90, 90, 90)}
	causes := Causes(view.New(c))
	seen := map[string]bool{}
	for i, x := range causes {
		if x.Rank != i+1 {
			t.Errorf("rank of cause %d: got %d", i, x.Rank)
		}
		if i < 3 && seen[x.Entity.Name] {
			t.Errorf("%s comes a second time before all candidates were named", x.Entity.Name)
		}
		seen[x.Entity.Name] = true
	}
	if len(seen) != 3 {
		t.Errorf("got %d entities, want all 3", len(seen))
	}
}
