package correlate

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// behaviourPattern finds code that takes another way through itself than
// before: inside one operation, which event follows which. Events are the start
// and end of the span, its log statements and the calls it makes.
//
// It is Nezha's contrast of event patterns (FSE 2023) with two changes. A
// pattern's support is its share among what follows the same first event of the
// same operation, so that more or less traffic changes nothing. And of the
// blocks of a trace that run differently only the deepest is blamed: when a
// callee returns early, its callers stop writing lines too. The two events of
// the pattern that vanished name the region of the code.
func behaviourPattern(v *view) []finding {
	if v.traces.baseline == 0 || v.traces.incident == 0 {
		return nil
	}
	return v.patterns.findings()
}

// event numbers: a start and an end, then templates, then called operations.
const (
	eventStart = 0
	eventEnd   = 1
	eventBase  = 2
)

// patterns counts transitions between events.
type patterns struct {
	v *view
	// lines are the log lines of each node, in order of time.
	lines [][]int
	// next[op][a][b] are how often b followed a, per side.
	next map[patternKey][2]int
	from map[fromKey][2]int
	// loud are the operations that write lines.
	loud map[int]bool
	// detours are the deepest ones of each incident trace, by range.
	detours [][]detour
}

type fromKey struct {
	op, a int
	own   bool
}

type patternKey struct {
	op, a, b int
	own      bool
}

func (k patternKey) from() fromKey { return fromKey{k.op, k.a, k.own} }

func newPatterns(v *view) *patterns {
	p := &patterns{v: v, next: map[patternKey][2]int{}, from: map[fromKey][2]int{}, loud: map[int]bool{}}
	p.lines = make([][]int, len(v.traces.nodes))
	for i, j := range v.logs.node {
		if j >= 0 && v.logs.line[i] >= 0 {
			p.lines[j] = append(p.lines[j], i)
			p.loud[v.traces.nodes[j].op] = true
		}
	}
	return p
}

// events are what happens in a node in order of time: numbers, without
// immediate repetitions, so that a loop that runs longer is no other way. With
// own, calls are left out: what code says between its own statements stays the
// same when a call between them is made elsewhere.
func (p *patterns) events(j int, own bool, buf []int) []int {
	v := p.v
	n := &v.traces.nodes[j]
	children := n.children
	if own {
		children = nil
	}
	buf = append(buf[:0], eventStart)
	add := func(e int) {
		if buf[len(buf)-1] != e {
			buf = append(buf, e)
		}
	}
	li, ci := 0, 0
	lines := p.lines[j]
	for li < len(lines) || ci < len(children) {
		if ci >= len(children) || li < len(lines) && v.c.Logs[lines[li]].Time.Before(v.traces.nodes[children[ci]].span.Start) {
			add(eventBase + v.logs.line[lines[li]])
			li++
			continue
		}
		add(eventBase + len(v.logs.templates) + v.calledOp(children[ci]))
		ci++
	}
	return append(buf, eventEnd)
}

// count counts all transitions of both sides.
func (p *patterns) count() {
	var buf []int
	for j := range p.v.traces.nodes {
		n := &p.v.traces.nodes[j]
		if n.entity < 0 || n.edge >= 0 || p.unread(n) {
			continue
		}
		sd := sideOf(p.v.c.Traces[n.trace].Baseline)
		for _, own := range []bool{true, false} {
			if own && !p.loud[n.op] {
				continue
			}
			buf = p.events(j, own, buf)
			for i := 0; i+1 < len(buf); i++ {
				k := patternKey{n.op, buf[i], buf[i+1], own}
				c := p.next[k]
				c[sd]++
				p.next[k] = c
				f := p.from[k.from()]
				f[sd]++
				p.from[k.from()] = f
			}
		}
	}
}

// unread reports whether a node ran when no lines could be read: that its
// statements are not there says nothing about the way it took.
func (p *patterns) unread(n *spanNode) bool {
	return slices.ContainsFunc(p.v.c.Unread, func(w evidence.Window) bool {
		return w.Contains(n.span.Start) || w.Contains(n.span.End())
	})
}

// contrast finds the detours of all incident traces.
func (p *patterns) contrast() {
	p.detours = make([][]detour, len(p.v.traces.ranges))
	for i, r := range p.v.traces.ranges {
		if !r.baseline {
			p.detours[i] = p.deviations(r)
		}
	}
}

// minSupport is the least number of times that the first event of a pattern
// must have been seen on either side (Nezha keeps patterns seen five times).
const minSupport = 5

// rise is how much more often b follows a than before, as a share, discounted
// by how usual that was already, and how many standard errors that is (two
// proportions, smoothed by half an event each); 0 for a rise that chance
// explains. A way never taken before needs less proof than a change in the mix
// of known ways, which a change in the mix of requests brings about.
func (p *patterns) rise(k patternKey) (share, sigma float64) {
	from, next := p.from[k.from()], p.next[k]
	if from[0] < minSupport || from[1] == 0 {
		return 0, 0
	}
	n0, n1 := float64(from[0]), float64(from[1])
	was, is := (float64(next[0])+0.5)/(n0+1), (float64(next[1])+0.5)/(n1+1)
	pooled := (float64(next[0]+next[1]) + 1) / (n0 + n1 + 2)
	sigma = (is - was) / math.Sqrt(pooled*(1-pooled)*(1/n0+1/n1))
	least := minSigma
	if next[0] == 0 {
		least = minSigmaNew
	}
	if sigma < least {
		return 0, 0
	}
	novel := 1 - was/is
	return (is - was) * novel * novel, sigma
}

// minSigma is the least significance of a change in the mix of ways, minSigmaNew
// that of a new one; a case has some hundred patterns.
const (
	minSigma    = 3.5
	minSigmaNew = 2.5
)

// detour is a node that runs differently, with the transition that shows it
// most.
type detour struct {
	node int
	key  patternKey
	rise float64
	// sigma is the significance of the rise.
	sigma float64
}

// deviations are the nodes of a trace with a transition that became more
// frequent, and of them only those without another one below.
func (p *patterns) deviations(r traceRange) []detour {
	v := p.v
	worst := map[int]detour{}
	var buf []int
	for j := r.from; j < r.to; j++ {
		n := &v.traces.nodes[j]
		// What runs differently because something else failed is no way of its own.
		if n.entity < 0 || n.edge >= 0 || v.excused[j] || p.unread(n) {
			continue
		}
		for _, own := range []bool{true, false} {
			if own && !p.loud[n.op] {
				continue
			}
			buf = p.events(j, own, buf)
			for i := 0; i+1 < len(buf); i++ {
				k := patternKey{n.op, buf[i], buf[i+1], own}
				// Own statements come first and win unless calls say clearly more.
				x, sigma := p.rise(k)
				if x > 1.25*worst[j].rise || own && x > worst[j].rise {
					worst[j] = detour{node: j, key: k, rise: x, sigma: sigma}
				}
			}
		}
	}
	// A detour explains those above it that are not much clearer.
	below := map[int]float64{}
	for j, d := range worst {
		for a := v.traces.nodes[j].parent; a >= 0; a = v.traces.nodes[a].parent {
			below[a] = max(below[a], d.rise)
		}
	}
	var out []detour
	for j, d := range worst {
		if below[j] < d.rise/2 {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b detour) int { return cmp.Compare(a.node, b.node) })
	return out
}

// region is the place in the code that a deviation points to: an operation and
// the event after which it took another way.
type region struct {
	op, a    int
	own      bool
	expected int
	instead  int
	weight   float64
	rise     float64
	sigma    float64
	traces   int
	node     int
}

// findings blames entities by the regions of the deepest deviations.
func (p *patterns) findings() []finding {
	regions := map[fromKey]*region{}
	for i := range p.v.traces.ranges {
		for _, d := range p.detours[i] {
			k := d.key.from()
			g := regions[k]
			if g == nil {
				g = &region{op: k.op, a: k.a, own: k.own, expected: p.expected(k), instead: d.key.b, node: d.node}
				regions[k] = g
			}
			g.weight += d.rise
			g.sigma = max(g.sigma, d.sigma)
			g.rise = max(g.rise, d.rise)
			g.traces++
		}
	}
	per := map[int][]*region{}
	total := 0.0
	for _, g := range regions {
		e := p.v.traces.ops[g.op].entity
		per[e] = append(per[e], g)
	}
	for e := range p.v.names {
		slices.SortFunc(per[e], func(a, b *region) int {
			return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(p.v.traces.ops[a.op].name, p.v.traces.ops[b.op].name), cmp.Compare(a.a, b.a), cmp.Compare(b2i(b.own), b2i(a.own)))
		})
		for _, g := range per[e] {
			total += g.weight
		}
	}
	var out []finding
	for e := range p.v.names {
		if len(per[e]) > 0 && total > 0 {
			out = append(out, p.finding(e, per[e], total))
		}
	}
	return out
}

// expected is the event that used to follow most and lost most.
func (p *patterns) expected(k fromKey) int {
	best, lost := -1, 0.0
	from := p.from[k]
	for key, n := range p.next {
		if key.from() != k {
			continue
		}
		l := float64(n[0])/float64(max(1, from[0])) - float64(n[1])/float64(max(1, from[1]))
		if best < 0 || l > lost || l == lost && key.b < best {
			best, lost = key.b, l
		}
	}
	return best
}

func (p *patterns) finding(e int, gs []*region, total float64) finding {
	v := p.v
	sum := 0.0
	for _, g := range gs {
		sum += g.weight
	}
	top := gs[0]
	share := sum / total
	f := finding{
		entity: e, mechanism: MechanismBehaviour,
		strength: share * 1.2 * stat.Squash(top.rise, 0.2) * stat.Squash(top.sigma-minSigma/2, minSigma/2),
		said:     fmt.Sprintf("%s takes another way: after %s now comes %s, not %s", v.names[e], p.eventName(top.op, top.a), p.eventName(top.op, top.instead), p.eventName(top.op, top.expected)),
		why: fmt.Sprintf("in %s of %s, after %s used to come %s; now it is %s instead (%d runs, the deepest that differ in their traces)",
			v.traces.ops[top.op].name, v.names[e], p.eventName(top.op, top.a), p.eventName(top.op, top.expected), p.eventName(top.op, top.instead), top.traces),
		seen: top.traces, total: p.from[fromKey{op: top.op, a: top.a, own: top.own}][1],
		refs: []evidence.Ref{v.spanRef(top.node)},
	}
	region := []int{top.a, top.expected}
	if top.expected == eventEnd && top.instead != eventStart {
		region = []int{top.instead, top.a} // nothing is missing: what came in between says more
	}
	for _, ev := range region {
		f.loci = append(f.loci, p.eventLocus(top.op, ev))
	}
	if v.traces.nodes[top.node].failed || p.isError(top.instead) {
		f.mechanism = MechanismError // it fails on the new way
	}
	return f
}

// isError reports whether an event is a line of error severity.
func (p *patterns) isError(ev int) bool {
	t := ev - eventBase
	return t >= 0 && t < len(p.v.logs.templates) && p.v.logs.templates[t].severity >= evidence.SeverityError
}

// eventName is an event in words.
func (p *patterns) eventName(op, ev int) string {
	l := p.eventLocus(op, ev)
	return l.Name
}

// eventLocus is where an event stands.
func (p *patterns) eventLocus(op, ev int) Locus {
	v := p.v
	switch {
	case ev == eventStart:
		return Locus{Kind: LocusSpan, Name: v.traces.ops[op].name + " start"}
	case ev == eventEnd:
		return Locus{Kind: LocusSpan, Name: v.traces.ops[op].name + " end"}
	case ev < eventBase+len(v.logs.templates):
		return v.templateLocus(ev - eventBase)
	}
	return Locus{Kind: LocusSpan, Name: v.traces.ops[ev-eventBase-len(v.logs.templates)].name + " start"}
}
