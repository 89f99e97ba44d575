package view

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/kube"
	"github.com/wherefore-dev/wherefore/correlate/spoken"
	"github.com/wherefore-dev/wherefore/correlate/topology"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// View is the evidence indexed for the signals: entities by number, spans with their
// exclusive time, metrics with their deviation, log templates with their
// counts. It is built once per ranking in time near-linear in the events, is
// never written to afterwards but for the memory of who is reached, and holds pointers
// into the Case.
type View struct {
	Evidence *gathered.Evidence
	By       *weights.Set // what it is weighed by
	Names    []string     // candidates, sorted
	Kinds    []evidence.EntityKind
	index    map[string]int

	Alerting map[int]bool
	Callees  [][]int // by caller, ascending
	Callers  [][]int // by callee, ascending
	// Distance is the number of calls from an alerting entity downwards, -1 when
	// no path is known. linked is false when nothing is known about who calls
	// whom, so that "not on the path" means nothing.
	Distance []int
	Linked   bool
	Calls    *topology.Graph
	// resolver is what resolves the names of the cluster, where the platform says
	// that it is in trouble, else -1.
	resolver int

	Metrics []Metric
	ByEnt   [][]int // metrics by entity
	// Target is the alerting series that moved most, nil when none is known.
	Target *Metric

	Spans       [][2]int // number of spans by entity and side
	Traces      traceFacts
	Logs        logFacts
	Patterns    *Patterns
	Consequence []bool // by node, see markConsequences

	said map[string]spoken.Meaning // what failed spans say, by their text
	// spenders are who took the time of spans with calls that were never sent, by node.
	spenders map[int][]spender
}

// New indexes the evidence.
func New(c *gathered.Evidence) *View {
	v := &View{Evidence: c, By: c.By(), index: make(map[string]int, len(c.Entities)), Alerting: map[int]bool{}, said: map[string]spoken.Meaning{}, resolver: -1}
	for _, e := range sortedEntities(c) {
		v.index[e.Name] = len(v.Names)
		v.Names = append(v.Names, e.Name)
		v.Kinds = append(v.Kinds, e.Kind)
	}
	for i := range c.States {
		if e := v.Entity(c.States[i].Workload); v.resolver < 0 && kube.Resolves(c.States[i].Workload) {
			v.resolver = e
		}
	}
	for _, name := range c.Alerting {
		if i, ok := v.index[name]; ok {
			v.Alerting[i] = true
		}
	}
	v.Spans = make([][2]int, len(v.Names))
	v.measureTraces()
	v.measureUsual()
	v.connect()
	v.measureMetrics()
	v.findShared()
	v.Target = v.findTarget()
	v.measureLogs()
	v.Patterns = newPatterns(v)
	v.Patterns.count()
	v.markConsequences()
	v.Patterns.contrast()
	return v
}

// sortedEntities are the candidates by name, so that nothing depends on the
// order in which they were handed over.
func sortedEntities(c *gathered.Evidence) []evidence.Entity {
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

// Entity is the number of a candidate, -1 for a name that is none.
func (v *View) Entity(name string) int {
	if i, ok := v.index[name]; ok {
		return i
	}
	return -1
}

// connect builds the call graph from the case's edges and the traces, and
// walks it from the alerting entities.
func (v *View) connect() {
	n := len(v.Names)
	v.Callees, v.Callers = make([][]int, n), make([][]int, n)
	add := func(a, b int) {
		if a < 0 || b < 0 || a == b || slices.Contains(v.Callees[a], b) {
			return
		}
		v.Callees[a] = append(v.Callees[a], b)
		v.Callers[b] = append(v.Callers[b], a)
		v.Linked = true
	}
	calls := slices.Clone(v.Evidence.Edges)
	for _, e := range v.Traces.Edges {
		if e.Callee >= 0 {
			calls = append(calls, evidence.Edge{Caller: v.Names[e.Caller], Callee: v.Names[e.Callee]})
		}
	}
	v.Calls = topology.NewGraph(calls)
	for _, e := range calls {
		add(v.Entity(e.Caller), v.Entity(e.Callee))
	}
	for i := range v.Callees {
		slices.Sort(v.Callees[i])
		slices.Sort(v.Callers[i])
	}
	below := v.Calls.Below(v.alerting()...)
	v.Distance = make([]int, n)
	for i, name := range v.Names {
		v.Distance[i] = -1
		if d, ok := below[name]; ok {
			v.Distance[i] = d
		}
	}
}

// alerting are the names of the entities that alert, in their order.
func (v *View) alerting() []string {
	var list []string
	for i, name := range v.Names {
		if v.Alerting[i] {
			list = append(list, name)
		}
	}
	return list
}

// Joined tells which entities any way of calls, whatever its direction, joins to
// one that alerts; nil where no alerting entity has a call, since then nobody
// knows.
func (v *View) Joined() []bool {
	var from []string
	for e, name := range v.Names {
		if v.Alerting[e] && len(v.Callees[e])+len(v.Callers[e]) > 0 {
			from = append(from, name)
		}
	}
	if len(from) == 0 {
		return nil
	}
	around := v.Calls.Around(from...)
	joined := make([]bool, len(v.Names))
	for e, name := range v.Names {
		_, joined[e] = around[name]
	}
	return joined
}

// Reaches reports whether a calls b, directly or through others.
func (v *View) Reaches(a, b int) bool { return v.Calls.Reaches(v.Names[a], v.Names[b]) }
