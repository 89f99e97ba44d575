package correlate

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// absenceSilent finds entities that fell silent: their series stopped, their
// spans vanished from traces that still call them, or their callers cannot
// connect. A dead process sends no evidence of its own death, so that an engine
// that scores only what is there never blames it.
func absenceSilent(v *view) []finding {
	var out []finding
	for e := range v.names {
		f := finding{entity: e, mechanism: MechanismAbsence}
		if s, why := v.seriesStopped(e); s > f.strength {
			f.strength, f.why = s, why
		}
		if s, why, refs := v.unanswered(e); s > f.strength {
			f.strength, f.why, f.refs, f.loci = s, why, refs, v.clientLoci(e)
		}
		if f.strength > 0 {
			out = append(out, f)
		}
	}
	return out
}

// seriesStopped is how much of an entity's series ended while others went on.
func (v *view) seriesStopped(e int) (strength float64, why string) {
	stopped, all := 0, 0
	for _, i := range v.byEnt[e] {
		m := v.metrics[i].m
		if len(m.Baseline) < minBaseline {
			continue
		}
		all++
		if len(m.Incident) == 0 {
			stopped++
		}
	}
	if stopped == 0 || stopped < all || !v.othersGoOn(e) {
		return 0, ""
	}
	return float64(stopped) / float64(stopped+1), fmt.Sprintf("all %d series of %s stop at the onset while others go on", stopped, v.names[e])
}

// othersGoOn reports whether most series of other entities have samples in the
// incident, so that silence is not the collector's.
func (v *view) othersGoOn(e int) bool {
	live, all := 0, 0
	for i := range v.metrics {
		f := &v.metrics[i]
		if f.entity != e && len(f.m.Baseline) >= minBaseline {
			all++
			if len(f.m.Incident) > 0 {
				live++
			}
		}
	}
	return all > 0 && 2*live > all
}

// unanswered is how many more calls to an entity end without a span of its own
// than before.
func (v *view) unanswered(e int) (strength float64, why string, refs []evidence.Ref) {
	var calls, open, failed [2]int
	worst := -1
	for i := range v.traces.edges {
		ed := &v.traces.edges[i]
		if ed.callee != e {
			continue
		}
		for sd := range calls {
			calls[sd] += ed.calls[sd]
			open[sd] += ed.unanswered[sd]
			failed[sd] += ed.failed[sd]
		}
		if ed.unanswered[1] > 0 {
			worst = i
		}
	}
	if calls[1] == 0 || open[1] == 0 || worst < 0 {
		return 0, "", nil
	}
	if v.spans[e] == [2]int{} {
		return v.refused(e, calls, failed, worst)
	}
	was := float64(open[0]) / float64(max(1, calls[0]))
	is := float64(open[1]) / float64(calls[1])
	gain := is - was
	if gain <= 0.05 {
		return 0, "", nil
	}
	// An unanswered call that also failed is a connection error; one that did
	// not may be a sampled-out span.
	gain *= 0.3 + 0.7*float64(failed[1])/float64(max(1, calls[1]))
	return gain * stat.Squash(float64(open[1]), 2), fmt.Sprintf("%d of %d calls to %s get no answer from it, instead of %d of %d before", open[1], calls[1], v.names[e], open[0], calls[0]), v.gapRefs(worst)
}

// clientLoci are the operations by which others call an entity, the one that
// fails most first.
func (v *view) clientLoci(e int) []Locus {
	failed := map[int]int{}
	for i := range v.traces.nodes {
		n := &v.traces.nodes[i]
		if n.failed && n.edge >= 0 && v.traces.edges[n.edge].callee == e {
			failed[n.op]++
		}
	}
	if op := mostCounted(failed); op >= 0 {
		return []Locus{{Kind: LocusSpan, Name: v.traces.ops[op].name, Text: "as its callers see it"}}
	}
	return nil
}

// refused is how surely a dependency without spans of its own, as a database, is
// gone: nearly all calls to it fail that did not before.
func (v *view) refused(e int, calls, failed [2]int, edge int) (strength float64, why string, refs []evidence.Ref) {
	was := (float64(failed[0]) + 0.5) / float64(calls[0]+1)
	is := float64(failed[1]) / float64(calls[1])
	if is-was < 0.25 {
		return 0, "", nil
	}
	// A tenth of all calls failing earns half: the window may have begun before
	// the outage did.
	return stat.Squash(is-was, 0.1) * stat.Squash(float64(failed[1]), 2),
		fmt.Sprintf("%d of %d calls to %s fail, instead of %d of %d before", failed[1], calls[1], v.names[e], failed[0], calls[0]), v.gapRefs(edge)
}
