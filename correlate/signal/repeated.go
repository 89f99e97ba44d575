package signal

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// calledPair is an operation and one that it calls.
type calledPair struct{ op, callee int }

// callTally is how often an operation calls another.
type callTally struct {
	calls, most [2]int
	node        int // the run of the incident with most calls, -1 for none
}

// repeatedCalls finds operations that call the same thing more often per run
// than before: a query in a loop, a retry. The caller is to blame, however much
// time passes in the callee.
func repeatedCalls(v *view.View) []Finding {
	tallies, runs := tallyCalls(v)
	keys := make([]calledPair, 0, len(tallies))
	for k := range tallies {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b calledPair) int { return cmp.Or(cmp.Compare(a.op, b.op), cmp.Compare(a.callee, b.callee)) })
	best := map[int]Finding{}
	for _, k := range keys {
		if f, ok := moreCalls(v, k, tallies[k], runs[k.op]); ok && f.Strength > best[f.Entity].Strength {
			best[f.Entity] = f
		}
	}
	var out []Finding
	for e := range v.Names {
		if f, ok := best[e]; ok {
			out = append(out, f)
		}
	}
	return out
}

// tallyCalls counts the runs of every operation on both sides, and what they call.
func tallyCalls(v *view.View) (tallies map[calledPair]*callTally, runs map[int][2]int) {
	tallies, runs = map[calledPair]*callTally{}, map[int][2]int{}
	for j := range v.Traces.Nodes {
		n := &v.Traces.Nodes[j]
		if n.Entity < 0 || n.Edge >= 0 {
			continue
		}
		sd := view.SideOf(v.Evidence.Traces[n.Trace].Baseline)
		r := runs[n.Op]
		r[sd]++
		runs[n.Op] = r
		per := map[int]int{}
		for _, c := range n.Children {
			per[v.CalledOp(c)]++
		}
		for op, calls := range per {
			k := calledPair{n.Op, op}
			t := tallies[k]
			if t == nil {
				t = &callTally{node: -1}
				tallies[k] = t
			}
			t.calls[sd] += calls
			if calls > t.most[sd] || t.node < 0 {
				t.most[sd] = max(t.most[sd], calls)
				if sd == 1 {
					t.node = j
				}
			}
		}
	}
	return tallies, runs
}

// moreCalls is the finding about one operation that calls another more often
// than before; r are its runs on both sides.
func moreCalls(v *view.View, k calledPair, t *callTally, r [2]int) (Finding, bool) {
	if t.node < 0 || r[1] == 0 {
		return Finding{}, false
	}
	by, compared := &v.By.Signal.Repeated, r[0] >= v.By.View.Calls.Least
	is, was, trust := float64(t.calls[1])/float64(r[1]), 1.0, by.Uncompared
	if compared {
		was, trust = float64(t.calls[0])/float64(r[0]), float64(r[1])/(float64(r[1])+by.Doubt)
	}
	extra := is - by.Times*was
	if extra < by.Extra { // without a baseline only a long run of the same call is telling
		return Finding{}, false
	}
	said, why := fmt.Sprintf("instead of %s", wording.Amount(was, "")), fmt.Sprintf("instead of %.1f", was)
	if !compared {
		said, why = uncompared, uncompared
	}
	strength, unchecked := trust*stat.Squash(extra, by.ExtraHalf), 0.0
	if !compared {
		unchecked = strength // it may have been so for ever
	}
	e, caller, callee := v.Traces.Ops[k.op].Entity, v.Traces.Ops[k.op].Name, v.Traces.Ops[k.callee].Name
	return Finding{
		Entity: e, Mechanism: report.MechanismBehaviour, Strength: strength, Unchecked: unchecked,
		Said: fmt.Sprintf("%s makes %s calls of %q per request, %s", v.Names[e], wording.Amount(is, ""), callee, said),
		Why:  fmt.Sprintf("%s of %s calls %s %.1f times per run, %s", caller, v.Names[e], callee, is, why),
		Loci: []report.Locus{{Kind: report.LocusSpan, Name: caller}, {Kind: report.LocusSpan, Name: callee}},
		Refs: []evidence.Ref{spanRef(v, t.node)},
		Seen: t.calls[1], Total: t.calls[0] + t.calls[1], Counts: "calls read are of the incident",
	}, true
}
