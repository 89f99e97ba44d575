package profile

import (
	"cmp"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// numbered is a function that the compiler named after the one that it stands in, by
// a number that changes with whatever is written above it: a literal, a wrapper of a
// go or defer statement, the body of a range over a function.
var numbered = regexp.MustCompile(`^(.+?)(?:\.(?:func|gowrap|deferwrap)|-range)\d+(?:[.-](?:func|gowrap|deferwrap|range)?\d+)*$`)

// outerOf is the function that a numbered one stands in; empty for any other.
func outerOf(name string) string {
	if m := numbered.FindStringSubmatch(name); m != nil {
		return m[1]
	}
	return ""
}

// asNamedNow is a profile of another build with the names that its functions have in
// this one, as far as they can be told; the profile itself where nothing was renamed.
// What has no counterpart keeps its name, and is new or gone.
func (o origins) asNamedNow(before, during *evidence.Profile) *evidence.Profile {
	if before == nil || before.Build == during.Build && during.Build != "" {
		return before
	}
	was, now := o.tally(before, nil), o.tally(during, nil)
	names := renumbered(was, now)
	if before.Build != "" && during.Build != "" { // else they may be of one build
		maps.Copy(names, renamed(was, now))
	}
	if len(names) == 0 {
		return before
	}
	out := *before
	out.Samples = slices.Clone(before.Samples)
	for i := range out.Samples {
		s := &out.Samples[i]
		if !slices.ContainsFunc(s.Stack, func(f evidence.Frame) bool { return names[f.Function] != "" }) {
			continue
		}
		s.Stack = slices.Clone(s.Stack) // stacks may be shared
		for j := range s.Stack {
			s.Stack[j].Function = cmp.Or(names[s.Stack[j].Function], s.Stack[j].Function)
		}
	}
	return &out
}

// renumbered pairs the numbered functions of each function, where their numbers
// differ between the builds. Numbers keep the order in which functions are written, so
// of all pairings in that order the one counts in which what they cost differs least.
func renumbered(was, now counts) map[string]string {
	group := func(c counts) map[string][]string {
		all := map[string][]string{}
		for _, name := range slices.Sorted(maps.Keys(c.byFunction)) {
			if outer := outerOf(name); outer != "" && c.byFunction[name].own {
				all[outer] = append(all[outer], name)
			}
		}
		return all
	}
	names := map[string]string{}
	before, after := group(was), group(now)
	for outer, old := range before {
		fresh := after[outer]
		if slices.Equal(old, fresh) || len(old)*len(fresh) > mostPaired {
			continue
		}
		slices.SortFunc(old, compareNumbers)
		slices.SortFunc(fresh, compareNumbers)
		if len(old) <= len(fresh) {
			for i, j := range aligned(was.costs(old), now.costs(fresh)) {
				names[old[i]] = fresh[j]
			}
		} else {
			for j, i := range aligned(now.costs(fresh), was.costs(old)) {
				names[old[i]] = fresh[j]
			}
		}
	}
	maps.DeleteFunc(names, func(from, to string) bool { return from == to })
	return names
}

// mostPaired bounds the pairs of numbered functions of one function that are looked at.
const mostPaired = 40_000

// compareNumbers orders names by the numbers in them: "f.func2" comes before "f.func10".
func compareNumbers(a, b string) int {
	parts := func(name string) (list []int) {
		for _, n := range numbers.FindAllString(name, -1) {
			x, _ := strconv.Atoi(n) // of the compiler's, which counts from 1
			list = append(list, x)
		}
		return list
	}
	return cmp.Or(slices.Compare(parts(a), parts(b)), cmp.Compare(a, b))
}

var numbers = regexp.MustCompile(`\d+`)

// costs are the parts of a profile that functions take.
func (c *counts) costs(names []string) []float64 {
	total := 0.0
	for _, f := range c.byFunction { // any order
		total += float64(f.value)
	}
	list := make([]float64, len(names))
	for i, name := range names {
		list[i] = float64(c.byFunction[name].value) / max(1, total)
	}
	return list
}

// aligned are the indices in the longer of two lists that those of the shorter go
// with, in order, such that what they differ by adds up to least (sequence alignment,
// Needleman and Wunsch 1970, with free gaps in the longer).
func aligned(short, long []float64) []int {
	// least[i][j] is of the first i of short within the first j of long.
	least := make([][]float64, len(short)+1)
	for i := range least {
		least[i] = make([]float64, len(long)+1)
		for j := range least[i] {
			switch {
			case i == 0:
			case j < i:
				least[i][j] = math.Inf(1)
			default:
				least[i][j] = min(least[i][j-1], least[i-1][j-1]+math.Abs(short[i-1]-long[j-1]))
			}
		}
	}
	out := make([]int, len(short))
	for i, j := len(short), len(long); i > 0; j-- {
		if j == i || least[i][j] < least[i][j-1] {
			i--
			out[i] = j - 1
		}
	}
	return out
}

// byValue sorts functions by what they cost, then by name.
func (c *counts) byValue(names []string) {
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(c.byFunction[b].value, c.byFunction[a].value), cmp.Compare(a, b))
	})
}

// renamed pairs functions that are gone with those that are new in the same file and
// are called by the same functions, the costliest first.
func renamed(was, now counts) map[string]string {
	alone := func(c, other counts) []string {
		var list []string
		for name, f := range c.byFunction {
			if f.own && other.byFunction[name] == nil && outerOf(name) == "" {
				list = append(list, name)
			}
		}
		c.byValue(list)
		return list
	}
	fresh := map[string][]string{}
	for _, name := range alone(now, was) {
		if home := homeOf(now.byFunction[name]); home != "" {
			fresh[home] = append(fresh[home], name)
		}
	}
	names := map[string]string{}
	for _, old := range alone(was, now) {
		if home := homeOf(was.byFunction[old]); len(fresh[home]) > 0 {
			names[old], fresh[home] = fresh[home][0], fresh[home][1:]
		}
	}
	return names
}

// homeOf is the file that a function stands in and who calls it, "" where nobody is
// known to.
func homeOf(c *count) string {
	var names []string
	for _, f := range wayTo(c) {
		names = append(names, cmp.Or(outerOf(f.Function), f.Function))
	}
	if len(names) == 0 {
		return ""
	}
	return slices.MinFunc(slices.Collect(maps.Keys(c.lines)), compareFrames).File + "\n" + strings.Join(names, "\n")
}
