package correlate

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// repeatedCalls finds operations that call the same thing more often per run
// than before: a query in a loop, a retry. The caller is to blame, however much
// time passes in the callee.
func repeatedCalls(v *view) []finding {
	type key struct{ op, callee int }
	type tally struct {
		calls, most [2]int
		node        int
	}
	runs := map[int][2]int{}
	tallies := map[key]*tally{}
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
			t := tallies[key{n.op, op}]
			if t == nil {
				t = &tally{node: -1}
				tallies[key{n.op, op}] = t
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
	best := map[int]finding{}
	keys := make([]key, 0, len(tallies))
	for k := range tallies {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a.op, b.op), cmp.Compare(a.callee, b.callee)) })
	for _, k := range keys {
		t, r := tallies[k], runs[k.op]
		if t.node < 0 || r[1] == 0 {
			continue
		}
		is, was, trust := float64(t.calls[1])/float64(r[1]), 1.0, 0.5
		if r[0] >= minCalls {
			was, trust = float64(t.calls[0])/float64(r[0]), float64(r[1])/float64(r[1]+2)
		}
		// Without a baseline only a long run of the same call is telling.
		if extra := is - 1.5*was; extra >= 2 {
			e := v.traces.ops[k.op].entity
			f := finding{
				entity: e, mechanism: MechanismBehaviour, strength: trust * stat.Squash(extra, 5),
				said: fmt.Sprintf("%s calls %s %s times per request instead of %s", v.names[e], v.traces.ops[k.callee].name, amount(is, ""), amount(was, "")),
				why:  fmt.Sprintf("%s of %s calls %s %.1f times per run instead of %.1f", v.traces.ops[k.op].name, v.names[e], v.traces.ops[k.callee].name, is, was),
				loci: []Locus{{Kind: LocusSpan, Name: v.traces.ops[k.op].name}, {Kind: LocusSpan, Name: v.traces.ops[k.callee].name}},
				seen: t.calls[1], total: t.calls[0] + t.calls[1],
			}
			f.refs = append(f.refs, v.spanRef(t.node))
			if f.strength > best[e].strength {
				best[e] = f
			}
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
