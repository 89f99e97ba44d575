package profile

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// Bounds of the tree that a report carries: a page shows no more.
const (
	mostNodes = 300
	mostDepth = 40
)

// shownPart is the part of the larger whole below which a function is left out: it would
// be narrower than a pixel or two.
const shownPart = 0.005

// flame is two profiles as one tree of calls, from the entry inwards; nil where
// neither has a stack. Recursion counts once.
func (o origins) flame(before, during *evidence.Profile) *report.FlameNode {
	root := &grow{below: map[string]*grow{}}
	for i, p := range []*evidence.Profile{before, during} {
		if p == nil {
			continue
		}
		for j := range p.Samples {
			root.add(o, p.Samples[j].Stack, i, p.Samples[j].Value)
		}
	}
	if len(root.below) == 0 {
		return nil
	}
	f := &folder{amounts: [2]*evidence.Profile{before, during}, left: mostNodes}
	f.least = shownPart * max(amount(before, root.value[0]), amount(during, root.value[1]))
	return f.node("all", root, mostDepth)
}

// grow is a node while the tree is built.
type grow struct {
	value [2]int64 // before, during
	own   bool
	below map[string]*grow
}

func (g *grow) add(o origins, stack []evidence.Frame, side int, value int64) {
	g.value[side] += value
	for _, f := range slices.Backward(stack) {
		n := g.below[f.Function]
		if n == nil {
			n = &grow{below: map[string]*grow{}}
			g.below[f.Function] = n
		}
		n.own = n.own || o.own(f)
		n.value[side] += value
		g = n
	}
}

// folder turns the tree into what a report carries, the largest branches first until
// its nodes are used up.
type folder struct {
	amounts [2]*evidence.Profile
	least   float64
	left    int
}

func (f *folder) node(name string, g *grow, depth int) *report.FlameNode {
	f.left--
	n := &report.FlameNode{Name: name, Was: amount(f.amounts[0], g.value[0]), Now: amount(f.amounts[1], g.value[1]), Own: g.own}
	type child struct {
		name string
		*grow
		size float64
	}
	var children []child
	for name, c := range g.below { // sorted below
		if size := max(amount(f.amounts[0], c.value[0]), amount(f.amounts[1], c.value[1])); size >= f.least {
			children = append(children, child{name, c, size})
		}
	}
	slices.SortFunc(children, func(a, b child) int { return cmp.Or(cmp.Compare(b.size, a.size), cmp.Compare(a.name, b.name)) })
	for _, c := range children {
		if f.left > 0 && depth > 0 {
			n.Below = append(n.Below, f.node(c.name, c.grow, depth-1))
		}
	}
	return n
}

// notes say what limits a comparison.
func notes(before, during *evidence.Profile, by *weights.Profile) []string {
	var list []string
	if p := during.Nameless; p > 0 && p > during.Total-p {
		list = append(list, fmt.Sprintf("%.0f %% of the profile has no names of functions: the binary was stripped of them, or the profile was taken without", 100*float64(p)/float64(during.Total)))
	}
	list = append(list, during.Notes...)
	if before == nil {
		return list
	}
	if b, d := processes(before), processes(during); b != d {
		list = append(list, fmt.Sprintf("before is of %d of its processes and during of %d: amounts of before are shown as if it were of %d too", b, d, d))
	}
	if before.Build != "" && during.Build != "" && before.Build != during.Build {
		list = append(list, "the two profiles are of different builds: functions are compared by name, lines are those of the newer one")
	}
	if during.Kind.Timed() && math.Max(before.Duration.Seconds(), during.Duration.Seconds()) > by.Lengths*math.Min(before.Duration.Seconds(), during.Duration.Seconds()) {
		list = append(list, "the two profiles are of very different lengths")
	}
	return list
}
