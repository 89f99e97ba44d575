package compose

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// longestPath bounds the calls of a failure's path.
const longestPath = 12

// failurePath is how a failure gets from the first cause to who alerts: the
// shortest chain of calls, each called by the next, of equal ones that with the
// first names in order. It is nil where the one is the other or no chain is known.
func failurePath(c *gathered.Evidence, causes []report.Cause, alerting string) []string {
	if len(causes) == 0 || causes[0].Entity.Name == alerting || alerting == "" {
		return nil
	}
	callers := map[string][]string{}
	for _, e := range c.Edges {
		if e.Caller != e.Callee && !slices.Contains(callers[e.Callee], e.Caller) {
			callers[e.Callee] = append(callers[e.Callee], e.Caller)
		}
	}
	seen := map[string]bool{causes[0].Entity.Name: true}
	paths := [][]string{{causes[0].Entity.Name}}
	for len(paths) > 0 && len(paths[0]) < longestPath {
		path := paths[0]
		paths = paths[1:]
		next := callers[path[len(path)-1]]
		slices.Sort(next)
		for _, name := range next {
			longer := append(slices.Clone(path), name)
			if name == alerting {
				return longer
			}
			if !seen[name] {
				seen[name] = true
				paths = append(paths, longer)
			}
		}
	}
	return nil
}
