package correlate

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
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
func repeatedCalls(v *view) []finding {
	tallies, runs := v.tallyCalls()
	keys := make([]calledPair, 0, len(tallies))
	for k := range tallies {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b calledPair) int { return cmp.Or(cmp.Compare(a.op, b.op), cmp.Compare(a.callee, b.callee)) })
	best := map[int]finding{}
	for _, k := range keys {
		if f, ok := v.moreCalls(k, tallies[k], runs[k.op]); ok && f.strength > best[f.entity].strength {
			best[f.entity] = f
		}
	}
	var out []finding
	for e := range v.names {
		if f, ok := best[e]; ok {
			out = append(out, f)
		}
	}
	return out
}

// tallyCalls counts the runs of every operation on both sides, and what they call.
func (v *view) tallyCalls() (tallies map[calledPair]*callTally, runs map[int][2]int) {
	tallies, runs = map[calledPair]*callTally{}, map[int][2]int{}
	for j := range v.traces.nodes {
		n := &v.traces.nodes[j]
		if n.entity < 0 || n.edge >= 0 {
			continue
		}
		sd := sideOf(v.c.Traces[n.trace].Baseline)
		r := runs[n.op]
		r[sd]++
		runs[n.op] = r
		per := map[int]int{}
		for _, c := range n.children {
			per[v.calledOp(c)]++
		}
		for op, calls := range per {
			k := calledPair{n.op, op}
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
func (v *view) moreCalls(k calledPair, t *callTally, r [2]int) (finding, bool) {
	if t.node < 0 || r[1] == 0 {
		return finding{}, false
	}
	is, was, trust := float64(t.calls[1])/float64(r[1]), 1.0, 0.5
	if r[0] >= minCalls {
		was, trust = float64(t.calls[0])/float64(r[0]), float64(r[1])/float64(r[1]+2)
	}
	extra := is - 1.5*was
	if extra < 2 { // without a baseline only a long run of the same call is telling
		return finding{}, false
	}
	e, caller, callee := v.traces.ops[k.op].entity, v.traces.ops[k.op].name, v.traces.ops[k.callee].name
	return finding{
		entity: e, mechanism: MechanismBehaviour, strength: trust * stat.Squash(extra, 5),
		said: fmt.Sprintf("%s calls %s %s times per request instead of %s", v.names[e], callee, amount(is, ""), amount(was, "")),
		why:  fmt.Sprintf("%s of %s calls %s %.1f times per run instead of %.1f", caller, v.names[e], callee, is, was),
		loci: []Locus{{Kind: LocusSpan, Name: caller}, {Kind: LocusSpan, Name: callee}},
		refs: []evidence.Ref{v.spanRef(t.node)},
		seen: t.calls[1], total: t.calls[0] + t.calls[1],
	}, true
}

// calledOp is what a child span runs: the callee's operation where the child is
// but the client's side of a call. A client's operation that always leads to the
// same operation stands for it when the callee's span is missing.
func (v *view) calledOp(c int) int {
	n := &v.traces.nodes[c]
	if n.edge < 0 {
		return n.op
	}
	if len(n.children) == 1 {
		return v.traces.nodes[n.children[0]].op
	}
	if op, ok := v.traces.leads[n.op]; ok && op >= 0 {
		return op
	}
	return n.op
}
