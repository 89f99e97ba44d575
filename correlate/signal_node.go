package correlate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// nodeTrouble is a node that several residents suffer from.
type nodeTrouble struct {
	node     string
	hurt     []int // residents that go bad there and do not call each other, by name
	strength float64
	finding  finding
}

// infraNode finds machines: entities on one node that do not call each other go
// bad there at once, while replicas of theirs on other nodes stay well. Nothing
// but what they share can do that.
func (v *view) infraNode() []nodeTrouble {
	all := v.placed()
	var names []string
	for n := range all {
		names = append(names, n)
	}
	slices.Sort(names)
	var out []nodeTrouble
	for _, n := range names {
		if len(v.c.Request.Candidates) > 0 && !slices.Contains(v.c.Request.Candidates, n) {
			continue
		}
		if t, ok := v.troubleAt(n, all); ok {
			out = append(out, t)
		}
	}
	return out
}

// census counts how the residents of one node fare.
type census struct {
	known, hurt     int // residents of which enough is known, those that go bad
	elsewhere, well int // of the hurt: with replicas on other nodes, with well ones only
	slow, failed    int // spans
	share           float64
	refs            []evidence.Ref
}

// troubleAt weighs one node.
func (v *view) troubleAt(node string, all nodes) (nodeTrouble, bool) {
	t, n := nodeTrouble{node: node}, census{}
	for e := range v.names { // in order
		r := all[node][e]
		if r == nil {
			continue
		}
		share, ok := r.bad()
		if !ok {
			continue
		}
		if n.known++; share < hurtShare {
			continue
		}
		n.hurt++
		n.share += share
		there, well := all.elsewhere(node, e)
		n.elsewhere, n.well = n.elsewhere+b2i(there), n.well+b2i(well)
		n.slow, n.failed = n.slow+r.slow[1], n.failed+r.failed[1]
		if r.example >= 0 {
			n.refs = append(n.refs, v.spanRef(r.example))
		}
		t.hurt = append(t.hurt, e)
	}
	t.hurt = v.unconnected(t.hurt)
	if len(t.hurt) < 2 || n.well < 2 || 2*n.well <= n.elsewhere || 2*n.hurt <= n.known {
		return t, false
	}
	// How bad, how many of the residents, how sure of their replicas; two may be
	// chance, three hardly are.
	t.strength = n.share / float64(n.known) * float64(n.well) / float64(n.elsewhere) * stat.Squash(float64(len(t.hurt)-1), 0.25)
	t.finding = v.nodeFinding(t, n)
	return t, true
}

// unconnected are those of some entities that do not call each other, in order. Those
// that reach the fewest come first: a gateway calls everybody, and would stand
// for all.
func (v *view) unconnected(list []int) []int {
	reach := map[int]int{}
	for _, e := range list {
		for _, o := range list {
			if o != e && v.reaches(e, o) {
				reach[e]++
			}
		}
	}
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(reach[a], reach[b]) })
	var out []int
	for _, e := range list {
		if !slices.ContainsFunc(out, func(o int) bool { return v.reaches(o, e) || v.reaches(e, o) }) {
			out = append(out, e)
		}
	}
	slices.Sort(out)
	return out
}

func (v *view) nodeFinding(t nodeTrouble, n census) finding {
	list := make([]string, len(t.hurt))
	for i, e := range t.hurt {
		list[i] = v.names[e]
	}
	f := finding{
		mechanism: MechanismLatency, strength: t.strength, refs: n.refs[:min(len(n.refs), maxRefs)], seen: n.hurt, total: n.known,
		said: fmt.Sprintf("%s go bad on %s and are well elsewhere", strings.Join(list, " and "), t.node),
		why: fmt.Sprintf("%d of %d entities on %s go bad there, among them %s, which do not call each other; their replicas on other nodes stay well",
			n.hurt, n.known, t.node, strings.Join(list, ", ")),
	}
	if n.failed > n.slow {
		f.mechanism = MechanismError
	}
	return f
}

// blameNodes makes causes of the nodes that are in trouble, and takes back from
// their residents what the node explains.
func (v *view) blameNodes(terms [][]scoredTerm) []Cause {
	var out []Cause
	for _, t := range v.infraNode() {
		scored, ok := scoreFinding("infra/node", t.finding)
		if !ok {
			continue
		}
		c := Cause{Entity: evidence.Entity{Name: t.node, Kind: evidence.KindNode}, Mechanism: t.finding.mechanism, Trigger: TriggerInfra}
		c.add(scored.term)
		for _, e := range t.hurt {
			terms[e] = takeBack(terms[e], 0.8*t.strength, byNode, func(m Mechanism) Term {
				return Term{ID: "explain/node", Refs: t.finding.refs, Why: fmt.Sprintf("%s is well on other nodes: %s, where others go bad too, explains the %s", v.names[e], t.node, m)}
			})
			c.Loci = append(c.Loci, Locus{Kind: LocusSpan, Name: v.names[e], Text: "on " + t.node})
		}
		out = append(out, c)
	}
	return out
}

// byNode is what a bad machine shows as at its residents.
var byNode = []Mechanism{MechanismResource, MechanismSaturation, MechanismLatency, MechanismError, MechanismBehaviour, MechanismAbsence}
