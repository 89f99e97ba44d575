package signal

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// absenceSilent finds entities that fell silent: their series stopped, their
// spans vanished from traces that still call them, or their callers cannot
// connect. A dead process sends no evidence of its own death, so that an engine
// that scores only what is there never blames it.
func absenceSilent(v *view.View) []Finding {
	var out []Finding
	for e := range v.Names {
		f := Finding{Entity: e, Mechanism: report.MechanismAbsence}
		if s, why := seriesStopped(v, e); s > f.Strength {
			f.Strength, f.Why = s, why
		}
		if s, why, refs := unanswered(v, e); s > f.Strength {
			f.Strength, f.Why, f.Refs, f.Loci = s, why, refs, clientLoci(v, e)
		}
		if f.Strength > 0 {
			out = append(out, f)
		}
	}
	return out
}

// seriesStopped is how much of an entity's series ended while others went on.
func seriesStopped(v *view.View, e int) (strength float64, why string) {
	stopped, all := 0, 0
	for _, i := range v.ByEnt[e] {
		m := v.Metrics[i].Series
		if len(m.Baseline) < view.MinBaseline {
			continue
		}
		all++
		if len(m.Incident) == 0 {
			stopped++
		}
	}
	if stopped == 0 || stopped < all || !othersGoOn(v, e) {
		return 0, ""
	}
	return float64(stopped) / float64(stopped+1), fmt.Sprintf("all %d series of %s stop at the onset while others go on", stopped, v.Names[e])
}

// othersGoOn reports whether most series of other entities have samples in the
// incident, so that silence is not the collector's.
func othersGoOn(v *view.View, e int) bool {
	live, all := 0, 0
	for i := range v.Metrics {
		f := &v.Metrics[i]
		if f.Entity != e && len(f.Series.Baseline) >= view.MinBaseline {
			all++
			if len(f.Series.Incident) > 0 {
				live++
			}
		}
	}
	return all > 0 && 2*live > all
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
	if v.Spans[e] == [2]int{} {
		return refused(v, e, calls, failed, worst)
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
	return gain * stat.Squash(float64(open[1]), 2), fmt.Sprintf("%d of %d calls to %s get no answer from it, instead of %d of %d before", open[1], calls[1], v.Names[e], open[0], calls[0]), gapRefs(v, worst)
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
	if is-was < 0.25 {
		return 0, "", nil
	}
	// A tenth of all calls failing earns half: the window may have begun before
	// the outage did.
	return stat.Squash(is-was, 0.1) * stat.Squash(float64(failed[1]), 2),
		fmt.Sprintf("%d of %d calls to %s fail, instead of %d of %d before", failed[1], calls[1], v.Names[e], failed[0], calls[0]), gapRefs(v, edge)
}
