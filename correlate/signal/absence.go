package signal

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// absenceSilent finds entities that fell silent: their series or their lines
// stopped, their spans vanished from traces that still call them, or their callers
// cannot connect. A dead process sends no evidence of its own death, so that an engine
// that scores only what is there never blames it.
func absenceSilent(v *view.View) []Finding {
	var out []Finding
	gone, mute := stopped(v), quiet(v)
	for e := range v.Names {
		f := Finding{Entity: e, Mechanism: report.MechanismAbsence}
		if g, ok := gone[e]; ok {
			f = g
		}
		if q, ok := mute[e]; ok && q.Strength > f.Strength {
			f = q
		}
		if s, why, refs := unanswered(v, e); s > f.Strength {
			f = Finding{Entity: e, Mechanism: report.MechanismAbsence, Strength: s, Why: why, Refs: refs, Loci: clientLoci(v, e)}
		}
		if f.Strength > 0 {
			out = append(out, f)
		}
	}
	return out
}

// unanswered is how many more calls to an entity end without a span of its own
// than before.
func unanswered(v *view.View, e int) (strength float64, why string, refs []evidence.Ref) {
	var calls, open, failed [2]int
	worst := -1
	for i := range v.Traces.Edges {
		ed := &v.Traces.Edges[i]
		if ed.Callee != e {
			continue
		}
		for sd := range calls {
			calls[sd] += ed.Calls[sd]
			open[sd] += ed.Unanswered[sd]
			failed[sd] += ed.Failed[sd]
		}
		if ed.Unanswered[1] > 0 {
			worst = i
		}
	}
	if calls[1] == 0 || open[1] == 0 || worst < 0 {
		return 0, "", nil
	}
	if failed[1] > 0 && !endingOf(v, e).gone(calls[1], v) {
		return 0, "", nil
	}
	if v.Spans[e] == [2]int{} {
		return refused(v, e, calls, failed, worst)
	}
	was := float64(open[0]) / float64(max(1, calls[0]))
	is := float64(open[1]) / float64(calls[1])
	gain := is - was
	if gain <= v.By.Signal.Absence.Gain {
		return 0, "", nil
	}
	// An unanswered call that also failed is a connection error; one that did
	// not may be a sampled-out span.
	gain *= atLeast(v.By.Signal.Absence.UnfailedLeast, float64(failed[1])/float64(max(1, calls[1])))
	return trustIn(v, calls[0]) * gain * stat.Squash(float64(open[1]), v.By.Signal.CallsHalf), fmt.Sprintf("%d of %d calls to %s get no answer from it, %s", open[1], calls[1], v.Names[e], insteadOf(open[0], calls[0])), gapRefs(v, worst)
}

// clientLoci are the operations by which others call an entity, the one that
// fails most first.
func clientLoci(v *view.View, e int) []report.Locus {
	failed := map[int]int{}
	for i := range v.Traces.Nodes {
		n := &v.Traces.Nodes[i]
		if n.Failed && n.Edge >= 0 && v.Traces.Edges[n.Edge].Callee == e {
			failed[n.Op]++
		}
	}
	if op := mostCounted(failed); op >= 0 {
		return []report.Locus{{Kind: report.LocusSpan, Name: v.Traces.Ops[op].Name, Text: "as its callers see it"}}
	}
	return nil
}

// refused is how surely a dependency without spans of its own, as a database, is
// gone: nearly all calls to it fail that did not before.
func refused(v *view.View, e int, calls, failed [2]int, edge int) (strength float64, why string, refs []evidence.Ref) {
	was := (float64(failed[0]) + 0.5) / float64(calls[0]+1)
	is := float64(failed[1]) / float64(calls[1])
	if is-was < v.By.Signal.Absence.Refused {
		return 0, "", nil
	}
	return trustIn(v, calls[0]) * stat.Squash(is-was, v.By.Signal.Absence.RefusedHalf) * stat.Squash(float64(failed[1]), v.By.Signal.CallsHalf),
		fmt.Sprintf("%d of %d calls to %s fail, %s", failed[1], calls[1], v.Names[e], insteadOf(failed[0], calls[0])), gapRefs(v, edge)
}
