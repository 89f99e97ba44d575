package view

import (
	"cmp"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/spoken"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// event numbers: a start and an end, then templates, then called operations.
const (
	EventStart = 0
	EventEnd   = 1
	EventBase  = 2
)

// Patterns counts transitions between events.
type Patterns struct {
	V *View
	// lines are the log lines of each node, in order of time.
	lines [][]int
	// next[op][a][b] are how often b followed a, per side.
	Next map[patternKey][2]int
	From map[FromKey][2]int
	// loud are the operations that write lines.
	loud map[int]bool
	// PathChanges are the deepest ones of each incident trace, by range.
	PathChanges [][]pathChange
}

type FromKey struct {
	Op, A int
	Own   bool
}

type patternKey struct {
	Op, a, B int
	own      bool
}

func (k patternKey) From() FromKey { return FromKey{k.Op, k.a, k.own} }

func newPatterns(v *View) *Patterns {
	p := &Patterns{V: v, Next: map[patternKey][2]int{}, From: map[FromKey][2]int{}, loud: map[int]bool{}}
	p.lines = make([][]int, len(v.Traces.Nodes))
	for i, j := range v.Logs.Node {
		if j >= 0 && v.Logs.Line[i] >= 0 {
			p.lines[j] = append(p.lines[j], i)
			p.loud[v.Traces.Nodes[j].Op] = true
		}
	}
	return p
}

// events are what happens in a node in order of time: numbers, without
// immediate repetitions, so that a loop that runs longer is no other way. With
// own, calls are left out: what code says between its own statements stays the
// same when a call between them is made elsewhere.
func (p *Patterns) events(j int, own bool, buf []int) []int {
	v := p.V
	n := &v.Traces.Nodes[j]
	children := n.Children
	if own {
		children = nil
	}
	buf = append(buf[:0], EventStart)
	add := func(e int) {
		if buf[len(buf)-1] != e {
			buf = append(buf, e)
		}
	}
	li, ci := 0, 0
	lines := p.lines[j]
	for li < len(lines) || ci < len(children) {
		if ci >= len(children) || li < len(lines) && v.Evidence.Logs[lines[li]].Time.Before(v.Traces.Nodes[children[ci]].Span.Start) {
			add(EventBase + v.Logs.Line[lines[li]])
			li++
			continue
		}
		add(EventBase + len(v.Logs.Templates) + v.CalledOp(children[ci]))
		ci++
	}
	return append(buf, EventEnd)
}

// Takes reports whether in a node one event directly follows another; own leaves
// calls out.
func (p *Patterns) Takes(node int, own bool, a, b int) bool {
	list := p.events(node, own, nil)
	for i := 0; i+1 < len(list); i++ {
		if list[i] == a && list[i+1] == b {
			return true
		}
	}
	return false
}

// count counts all transitions of both sides.
func (p *Patterns) count() {
	var buf []int
	for j := range p.V.Traces.Nodes {
		n := &p.V.Traces.Nodes[j]
		if n.Entity < 0 || n.Edge >= 0 || p.unread(n) {
			continue
		}
		sd := SideOf(p.V.Evidence.Traces[n.Trace].Baseline)
		for _, own := range []bool{true, false} {
			if own && !p.loud[n.Op] {
				continue
			}
			buf = p.events(j, own, buf)
			for i := 0; i+1 < len(buf); i++ {
				k := patternKey{n.Op, buf[i], buf[i+1], own}
				c := p.Next[k]
				c[sd]++
				p.Next[k] = c
				f := p.From[k.From()]
				f[sd]++
				p.From[k.From()] = f
			}
		}
	}
}

// unread reports whether a node ran when no lines could be read: that its
// statements are not there says nothing about the way it took.
func (p *Patterns) unread(n *SpanNode) bool {
	if end := p.V.Evidence.Survey.End; !end.IsZero() && n.Span.End().After(end) {
		return true
	}
	return slices.ContainsFunc(p.V.Evidence.Unread, func(w evidence.Window) bool {
		return w.Contains(n.Span.Start) || w.Contains(n.Span.End())
	})
}

// leftAlone reports whether a node tells that whoever asked it did not wait: by its
// own failure, or by a line of it. What it does then says something of its caller's
// patience and nothing of its own code; that it took long, its own time tells.
func (p *Patterns) leftAlone(j int) bool {
	n := &p.V.Traces.Nodes[j]
	if n.Span.Kind == evidence.SpanServer && n.says.Any(spoken.HungUp) {
		return true
	}
	return slices.ContainsFunc(p.lines[j], func(i int) bool {
		t := &p.V.Logs.Templates[p.V.Logs.Line[i]]
		return t.Entity == n.Entity && t.Names < 0 && t.Says.Any(spoken.HungUp)
	})
}

// contrast finds the detours of all incident traces.
func (p *Patterns) contrast() {
	p.PathChanges = make([][]pathChange, len(p.V.Traces.Ranges))
	for i, r := range p.V.Traces.Ranges {
		if !r.Baseline {
			p.PathChanges[i] = p.deviations(r)
		}
	}
}

// rise is how much more often b follows a than before, as a share, discounted
// by how usual that was already, and how many standard errors that is (two
// proportions, smoothed by half an event each); 0 for a rise that chance
// explains. A way never taken before needs less proof than a change in the mix
// of known ways, which a change in the mix of requests brings about.
func (p *Patterns) rise(k patternKey) (share, sigma float64) {
	from, next := p.From[k.From()], p.Next[k]
	if from[0] < p.V.By.View.Patterns.Support || from[1] == 0 {
		return 0, 0
	}
	gain, sigma := stat.Proportions(next[1], from[1], next[0], from[0])
	least := p.V.By.View.Patterns.Sigma
	if next[0] == 0 {
		least = p.V.By.View.Patterns.New
	}
	if sigma < least {
		return 0, 0
	}
	novel := gain / stat.Share(next[1], from[1])
	return gain * novel * novel, sigma
}

// pathChange is a node that runs differently, with the transition that shows it
// most.
type pathChange struct {
	Node int
	Key  patternKey
	Rise float64
	// Sigma is the significance of the rise.
	Sigma float64
}

// deviations are the nodes of a trace with a transition that became more
// frequent, and of them only those without another one below.
func (p *Patterns) deviations(r traceRange) []pathChange {
	v := p.V
	worst := map[int]pathChange{}
	var buf []int
	for j := r.From; j < r.To; j++ {
		n := &v.Traces.Nodes[j]
		// What runs differently because something else failed is no way of its own.
		// Nor is that of one who found that nobody waits for its answer any more.
		if n.Entity < 0 || n.Edge >= 0 || v.Consequence[j] || p.unread(n) || p.leftAlone(j) {
			continue
		}
		for _, own := range []bool{true, false} {
			if own && !p.loud[n.Op] {
				continue
			}
			buf = p.events(j, own, buf)
			for i := 0; i+1 < len(buf); i++ {
				k := patternKey{n.Op, buf[i], buf[i+1], own}
				// Own statements come first and win unless calls say clearly more.
				x, sigma := p.rise(k)
				if x > v.By.View.Patterns.Clearer*worst[j].Rise || own && x > worst[j].Rise {
					worst[j] = pathChange{Node: j, Key: k, Rise: x, Sigma: sigma}
				}
			}
		}
	}
	// A pathChange explains those above it that are not much clearer.
	below := map[int]float64{}
	for j, d := range worst {
		for a := v.Traces.Nodes[j].Parent; a >= 0; a = v.Traces.Nodes[a].Parent {
			below[a] = max(below[a], d.Rise)
		}
	}
	var out []pathChange
	for j, d := range worst {
		if below[j] < v.By.View.Patterns.Below*d.Rise {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b pathChange) int { return cmp.Compare(a.Node, b.Node) })
	return out
}

// CalledOp is what a child span runs: the callee's operation where the child is
// but the client's side of a call. A client's operation that always leads to the
// same operation stands for it when the callee's span is missing.
func (v *View) CalledOp(c int) int {
	n := &v.Traces.Nodes[c]
	if n.Edge < 0 {
		return n.Op
	}
	if len(n.Children) == 1 {
		return v.Traces.Nodes[n.Children[0]].Op
	}
	if op, ok := v.Traces.leads[lead{n.Op, n.Edge}]; ok && op >= 0 {
		return op
	}
	return n.Op
}
