package profile

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
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
	maps.Copy(names, renamed(was, now))
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
// differ between the builds: the one that cost most with the one that costs most,
// and so on. Which is which is not told by a profile; what all of them cost is.
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
		if slices.Equal(old, fresh) {
			continue
		}
		was.byValue(old)
		now.byValue(fresh)
		for i := range min(len(old), len(fresh)) {
			if old[i] != fresh[i] {
				names[old[i]] = fresh[i]
			}
		}
	}
	return names
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
	fresh := alone(now, was)
	names := map[string]string{}
	for _, old := range alone(was, now) {
		at := slices.IndexFunc(fresh, func(name string) bool {
			return sameHome(was.byFunction[old], now.byFunction[name])
		})
		if at >= 0 {
			names[old] = fresh[at]
			fresh = slices.Delete(fresh, at, at+1)
		}
	}
	return names
}

// sameHome reports whether two functions stand in one file and are called by the same
// functions.
func sameHome(a, b *count) bool {
	fileOf := func(c *count) string { return slices.MinFunc(slices.Collect(maps.Keys(c.lines)), compareFrames).File }
	callers := func(c *count) string {
		var names []string
		for _, f := range wayTo(c) {
			names = append(names, cmp.Or(outerOf(f.Function), f.Function))
		}
		return strings.Join(names, "\n")
	}
	by := callers(a)
	return by != "" && by == callers(b) && fileOf(a) == fileOf(b)
}
