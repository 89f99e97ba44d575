package rank

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/signal"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// blameNodes makes causes of the nodes that are in trouble, and takes back from
// their residents what the node explains.
func blameNodes(v *view.View, terms [][]scoredTerm) []report.Cause {
	var out []report.Cause
	for _, t := range signal.InfraNode(v) {
		scored, ok := scoreFinding(v, "infra/node", t.Finding)
		if !ok {
			continue
		}
		c := report.Cause{Entity: evidence.Entity{Name: t.Node, Kind: evidence.KindNode}, Mechanism: t.Finding.Mechanism, Trigger: report.TriggerInfra}
		c.Add(scored.term)
		for _, e := range t.Hurt {
			terms[e] = takeBack(terms[e], v.By.Rank.Node*t.Strength, signal.ByNode, func(m report.Mechanism) report.Term {
				return report.Term{ID: "explain/node", Refs: t.Finding.Refs, By: scored.term.By, Why: fmt.Sprintf("%s is healthy on other nodes: %s, where others fail or slow down too, explains the %s", v.Names[e], t.Node, m)}
			})
			c.Loci = append(c.Loci, report.Locus{Kind: report.LocusSpan, Name: v.Names[e], Text: "on " + t.Node})
		}
		out = append(out, c)
	}
	return out
}
