package correlate

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// view is a Case indexed for the signals: entities by number, spans with their
// exclusive time, metrics with their deviation, log templates with their
// counts. It is built once per ranking in time near-linear in the events, is
// never written to afterwards but for the memory of reaches, and holds pointers
// into the Case.
type view struct {
	c     *Case
	names []string // candidates, sorted
	kinds []evidence.EntityKind
	index map[string]int

	alerting map[int]bool
	callees  [][]int // by caller, ascending
	callers  [][]int // by callee, ascending
	// distance is the number of calls from an alerting entity downwards, -1 when
	// no path is known. linked is false when nothing is known about who calls
	// whom, so that "not on the path" means nothing.
	distance []int
	linked   bool
	below    []map[int]bool // entities that an entity calls, directly or through others

	metrics []metricFact
	byEnt   [][]int // metrics by entity
	// target is the alerting series that moved most, nil when none is known.
	target *metricFact

	spans    [][2]int // number of spans by entity and side
	traces   traceFacts
	logs     logFacts
	patterns *patterns
	excused  []bool // by node, see excuse
}

// newView indexes a case.
func newView(c *Case) *view {
	v := &view{c: c, index: make(map[string]int, len(c.Entities)), alerting: map[int]bool{}}
	for _, e := range sortedEntities(c) {
		v.index[e.Name] = len(v.names)
		v.names = append(v.names, e.Name)
		v.kinds = append(v.kinds, e.Kind)
	}
	for _, name := range c.Alerting {
		if i, ok := v.index[name]; ok {
			v.alerting[i] = true
		}
	}
	v.spans = make([][2]int, len(v.names))
	v.measureTraces()
	v.connect()
	v.measureMetrics()
	v.findShared()
	v.target = v.findTarget()
	v.measureLogs()
	v.patterns = newPatterns(v)
	v.patterns.count()
	v.excuse()
	v.patterns.contrast()
	return v
}

// sortedEntities are the candidates by name, so that nothing depends on the
// order in which they were handed over.
func sortedEntities(c *Case) []evidence.Entity {
	es := slices.Clone(c.Entities)
	slices.SortFunc(es, func(a, b evidence.Entity) int {
		switch {
		case a.Name < b.Name:
			return -1
		case a.Name > b.Name:
			return 1
		}
		return 0
	})
	return slices.CompactFunc(es, func(a, b evidence.Entity) bool { return a.Name == b.Name })
}

// entity is the number of a candidate, -1 for a name that is none.
func (v *view) entity(name string) int {
	if i, ok := v.index[name]; ok {
		return i
	}
	return -1
}

// connect builds the call graph from the case's edges and the traces, and
// walks it from the alerting entities.
func (v *view) connect() {
	n := len(v.names)
	v.callees, v.callers = make([][]int, n), make([][]int, n)
	add := func(a, b int) {
		if a < 0 || b < 0 || a == b || slices.Contains(v.callees[a], b) {
			return
		}
		v.callees[a] = append(v.callees[a], b)
		v.callers[b] = append(v.callers[b], a)
		v.linked = true
	}
	for _, e := range v.c.Edges {
		add(v.entity(e.Caller), v.entity(e.Callee))
	}
	for _, e := range v.traces.edges {
		add(e.caller, e.callee)
	}
	for i := range v.callees {
		slices.Sort(v.callees[i])
		slices.Sort(v.callers[i])
	}
	v.distance = make([]int, n)
	var queue []int
	for i := range v.distance {
		v.distance[i] = -1
		if v.alerting[i] {
			v.distance[i] = 0
			queue = append(queue, i)
		}
	}
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		for _, j := range v.callees[i] {
			if v.distance[j] < 0 {
				v.distance[j] = v.distance[i] + 1
				queue = append(queue, j)
			}
		}
	}
}

// reaches reports whether a calls b, directly or through others.
func (v *view) reaches(a, b int) bool {
	if v.below == nil {
		v.below = make([]map[int]bool, len(v.names))
	}
	if v.below[a] == nil {
		seen := map[int]bool{}
		stack := []int{a}
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, j := range v.callees[i] {
				if !seen[j] {
					seen[j] = true
					stack = append(stack, j)
				}
			}
		}
		v.below[a] = seen
	}
	return v.below[a][b]
}
