package view

import (
	"cmp"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// callCounts are the calls that brought something of an entity, with how much.
type callCounts map[evidence.CallID]int

// sorted are the calls that brought most first.
func (c callCounts) sorted() []evidence.CallID {
	list := make([]evidence.CallID, 0, len(c))
	for id := range c { // sorted below
		list = append(list, id)
	}
	slices.SortFunc(list, func(a, b evidence.CallID) int {
		return cmp.Or(cmp.Compare(c[b], c[a]), cmp.Compare(a.Row, b.Row), cmp.Compare(a.Query, b.Query))
	})
	return list
}

// CallsOf are the calls that brought what was seen of an entity in "traces" or
// "logs", those that brought most of it first.
func (v *View) CallsOf(e int, source string) []evidence.CallID {
	counts := callCounts{}
	switch source {
	case "traces":
		last := -1
		for _, i := range v.Traces.ByEntity[e] {
			if t := v.Traces.Nodes[i].Trace; t != last {
				last = t
				for _, id := range v.Evidence.Traces[t].By {
					counts[id]++
				}
			}
		}
	case "logs":
		for i, t := range v.Logs.Line {
			if l := &v.Evidence.Logs[i]; t >= 0 && v.Logs.Templates[t].Entity == e && l.By != nil {
				counts[*l.By]++
			}
		}
	}
	return counts.sorted()
}
