package signal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// nodeTrouble is a node that several residents suffer from.
type nodeTrouble struct {
	Node     string
	Hurt     []int // residents that go bad there and do not call each other, by name
	Strength float64
	Finding  Finding
}

// InfraNode finds machines: entities on one node that do not call each other go
// bad there at once, while replicas of theirs on other nodes stay well. Nothing
// but what they share can do that.
func InfraNode(v *view.View) []nodeTrouble {
	all := v.Placed()
	var names []string
	for n := range all {
		names = append(names, n)
	}
	slices.Sort(names)
	var out []nodeTrouble
	for _, n := range names {
		if len(v.Evidence.Request.Candidates) > 0 && !slices.Contains(v.Evidence.Request.Candidates, n) {
			continue
		}
		if t, ok := troubleAt(v, n, all); ok {
			out = append(out, t)
		}
	}
	return out
}

// nodeTally counts how the residents of one node fare.
type nodeTally struct {
	known, hurt     int // residents of which enough is known, those that go bad
	elsewhere, well int // of the hurt: with replicas on other nodes, with well ones only
	slow, failed    int // spans
	share           float64
	refs            []evidence.Ref
}

// troubleAt weighs one node.
func troubleAt(v *view.View, node string, all view.Nodes) (nodeTrouble, bool) {
	t, n := nodeTrouble{Node: node}, nodeTally{}
	for e := range v.Names { // in order
		r := all[node][e]
		if r == nil {
			continue
		}
		share, ok := r.Bad(v.By)
		if !ok {
			continue
		}
		if n.known++; share < v.By.View.Placed.Hurt {
			continue
		}
		n.hurt++
		n.share += share
		there, well := all.Elsewhere(node, e, v.By)
		n.elsewhere, n.well = n.elsewhere+b2i(there), n.well+b2i(well)
		n.slow, n.failed = n.slow+r.Slow[1], n.failed+r.Failed[1]
		if r.Example >= 0 {
			n.refs = append(n.refs, spanRef(v, r.Example))
		}
		t.Hurt = append(t.Hurt, e)
	}
	t.Hurt = unconnected(v, t.Hurt)
	by := &v.By.Signal.Node
	if len(t.Hurt) < by.Residents || n.well < by.Residents || !stat.MoreThanHalf(n.well, n.elsewhere) || !stat.MoreThanHalf(n.hurt, n.known) {
		return t, false
	}
	// How bad, how many of the residents, how sure of their replicas; few may be
	// chance.
	t.Strength = n.share / float64(n.known) * float64(n.well) / float64(n.elsewhere) * stat.Squash(float64(len(t.Hurt)-1), by.MoreHalf)
	t.Finding = nodeFinding(v, t, n)
	return t, true
}

// unconnected are those of some entities that do not call each other, in order. Those
// that reach the fewest come first: a gateway calls everybody, and would stand
// for all.
func unconnected(v *view.View, list []int) []int {
	reach := map[int]int{}
	for _, e := range list {
		for _, o := range list {
			if o != e && v.Reaches(e, o) {
				reach[e]++
			}
		}
	}
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(reach[a], reach[b]) })
	var out []int
	for _, e := range list {
		if !slices.ContainsFunc(out, func(o int) bool { return v.Reaches(o, e) || v.Reaches(e, o) }) {
			out = append(out, e)
		}
	}
	slices.Sort(out)
	return out
}

func nodeFinding(v *view.View, t nodeTrouble, n nodeTally) Finding {
	list := make([]string, len(t.Hurt))
	for i, e := range t.Hurt {
		list[i] = v.Names[e]
	}
	f := Finding{
		Mechanism: report.MechanismLatency, Strength: t.Strength, Refs: n.refs[:min(len(n.refs), view.MaxRefs)], Seen: n.hurt, Total: n.known, Counts: "entities there fail or slow down",
		Said: fmt.Sprintf("%s fail or slow down on %s and are healthy elsewhere", strings.Join(list, " and "), t.Node),
		Why: fmt.Sprintf("%d of %d entities on %s fail or slow down there, among them %s, which do not call each other; their replicas on other nodes stay healthy",
			n.hurt, n.known, t.Node, strings.Join(list, ", ")),
	}
	if n.failed > n.slow {
		f.Mechanism = report.MechanismError
	}
	return f
}

// ByNode is what a bad machine shows as at its residents.
var ByNode = []report.Mechanism{report.MechanismResource, report.MechanismSaturation, report.MechanismLatency, report.MechanismError, report.MechanismBehaviour, report.MechanismAbsence}
