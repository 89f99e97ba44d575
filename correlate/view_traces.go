package correlate

import (
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// traceFacts are the spans of a case with their place in the trace and the time
// that was spent in none of their children.
type traceFacts struct {
	nodes  []spanNode
	ranges []traceRange // one per trace, into nodes
	ops    []opFact     // by number
	edges  []edgeFact   // by number
	// byEntity are each candidate's nodes, byEdge those of each edge.
	byEntity, byEdge [][]int
	// leads is the one operation that a client's operation calls, -1 for several.
	leads map[int]int
	// baseline and incident count traces.
	baseline, incident int
}

// traceRange is the part of nodes that one trace fills.
type traceRange struct {
	from, to int
	baseline bool
	entry    int     // op of the root, -1 when the trace is empty
	whole    float64 // milliseconds of all its spans' own time
}

// spanNode is one span.
type spanNode struct {
	span     *evidence.Span
	trace    int
	rng      int // into ranges
	parent   int // into nodes, -1 for a root or when the parent is not there
	entity   int // -1 when the service is no candidate
	op       int
	edge     int           // of a client span: the call's edge, else -1
	self     time.Duration // see attribute
	children []int         // into nodes, by start
	failed   bool
}

// opFact is one operation of one service.
type opFact struct {
	entity int
	name   string
	kind   evidence.SpanKind
	// self are exclusive times in milliseconds on both sides.
	self [2][]float64
	// lasted are whole durations of the baseline, in milliseconds.
	lasted []float64
}

// side numbers the baseline 0 and the incident 1.
func sideOf(baseline bool) int {
	if baseline {
		return 0
	}
	return 1
}

// measureTraces builds the span trees and the per-operation samples.
func (v *view) measureTraces() {
	total := 0
	for i := range v.c.Traces {
		total += len(v.c.Traces[i].Spans)
	}
	t := &v.traces
	t.nodes = make([]spanNode, 0, total)
	t.leads = map[int]int{}
	t.byEntity = make([][]int, len(v.names))
	fair := v.fairlySampled()
	ops := map[opKey]int{}
	edges := map[edgeKey]int{}
	byID := map[string]int{}
	for i := range v.c.Traces {
		tr := &v.c.Traces[i]
		if len(tr.Spans) == 0 || !v.counts(tr) {
			continue
		}
		from := len(t.nodes)
		clear(byID)
		v.addSpans(tr, i, ops, byID)
		v.linkSpans(from, byID)
		r := traceRange{from: from, to: len(t.nodes), baseline: tr.Baseline, entry: -1}
		for j := from; j < r.to; j++ {
			if t.nodes[j].parent < 0 {
				r.entry = t.nodes[j].op
				break
			}
		}
		t.ranges = append(t.ranges, r)
		if tr.Baseline {
			t.baseline++
		} else {
			t.incident++
		}
		v.measureSpans(from, r.to, sideOf(tr.Baseline), !fair || tr.Sampled, edges)
	}
}

// fairTraces is the least number of unbiased traces per side with which the
// picked ones can be left out of comparisons of durations.
const fairTraces = 10

// fairlySampled reports whether both sides have enough traces that were not
// picked for failing or being slow.
func (v *view) fairlySampled() bool {
	var n [2]int
	for i := range v.c.Traces {
		if t := &v.c.Traces[i]; t.Sampled {
			n[sideOf(t.Baseline)]++
		}
	}
	return n[0] >= fairTraces && n[1] >= fairTraces
}

// counts reports whether a trace belongs to either side.
func (v *view) counts(t *CaseTrace) bool {
	if !t.Baseline && !v.c.Incident.IsZero() {
		if incident, _ := v.c.traceSide(t.Trace); !incident {
			return false
		}
	}
	return true
}

type opKey struct {
	entity  int
	service string
	name    string
}

// addSpans appends a trace's spans as nodes.
func (v *view) addSpans(tr *CaseTrace, trace int, ops map[opKey]int, byID map[string]int) {
	t := &v.traces
	for j := range tr.Spans {
		s := &tr.Spans[j]
		e := v.entity(s.Service)
		key := opKey{entity: e, name: s.Operation}
		if e < 0 {
			key.service = s.Service
		}
		op, ok := ops[key]
		if !ok {
			op = len(t.ops)
			ops[key] = op
			t.ops = append(t.ops, opFact{entity: e, name: s.Operation, kind: s.Kind})
		}
		if _, dup := byID[s.SpanID]; !dup {
			byID[s.SpanID] = len(t.nodes)
		}
		t.nodes = append(t.nodes, spanNode{span: s, trace: trace, parent: -1, entity: e, op: op, edge: -1, failed: spanFailed(s)})
	}
}

// linkSpans finds the parents and children of the nodes from the given one on.
func (v *view) linkSpans(from int, byID map[string]int) {
	nodes := v.traces.nodes
	for j := from; j < len(nodes); j++ {
		if nodes[j].span.ParentID == "" {
			continue
		}
		// A span may not be its own ancestor: only parents that come earlier in
		// the trace's order or start no later are believed.
		p, ok := byID[nodes[j].span.ParentID]
		if !ok || p == j || (p > j && nodes[p].span.Start.After(nodes[j].span.Start)) || descends(nodes, p, j) {
			continue
		}
		nodes[j].parent = p
		nodes[p].children = append(nodes[p].children, j)
	}
}

// descends reports whether node a lies below node b.
func descends(nodes []spanNode, a, b int) bool {
	for steps := 0; a >= 0 && steps < len(nodes); steps++ {
		if a == b {
			return true
		}
		a = nodes[a].parent
	}
	return false
}

// measureSpans computes exclusive times and edges of the nodes of one trace;
// timed says whether its durations may be compared.
func (v *view) measureSpans(from, to, sd int, timed bool, edges map[edgeKey]int) {
	t := &v.traces
	attribute(t.nodes, from, to)
	for j := from; j < to; j++ {
		n := &t.nodes[j]
		n.rng = len(t.ranges) - 1
		t.ranges[n.rng].whole += millis(n.self)
		if n.entity >= 0 {
			v.spans[n.entity][sd]++
			t.byEntity[n.entity] = append(t.byEntity[n.entity], j)
		}
		slices.SortStableFunc(n.children, func(a, b int) int { return t.nodes[a].span.Start.Compare(t.nodes[b].span.Start) })
		if e, ok := v.callEdge(j, edges); ok {
			n.edge = e
			t.byEdge[e] = append(t.byEdge[e], j)
			if len(n.children) == 1 {
				to := t.nodes[n.children[0]].op
				if known, ok := t.leads[n.op]; ok && known != to {
					to = -1
				}
				t.leads[n.op] = to
			}
			v.countCall(j, e, sd)
			if timed {
				t.edges[e].gap[sd] = append(t.edges[e].gap[sd], millis(n.self))
			}
			continue
		}
		// Handling a failed call, as waiting before a retry, is no slowness of one's own.
		if !timed || slices.ContainsFunc(n.children, func(c int) bool { return t.nodes[c].failed && t.nodes[c].span.Kind == evidence.SpanClient }) {
			continue
		}
		if sd == 0 {
			t.ops[n.op].lasted = append(t.ops[n.op].lasted, millis(n.span.Duration))
		}
		t.ops[n.op].self[sd] = append(t.ops[n.op].self[sd], millis(n.self))
	}
}

// attribute gives every moment of a trace to the span that started last among
// those running, which for calls one after another is the time that no child
// covers, and which counts a moment once where spans run side by side. A span
// that merely waits beside the one that works holds nothing.
func attribute(nodes []spanNode, from, to int) {
	order := make([]int, to-from)
	for i := range order {
		order[i] = from + i
	}
	slices.SortStableFunc(order, func(a, b int) int { return nodes[a].span.Start.Compare(nodes[b].span.Start) })
	var running []int
	var at time.Time
	spend := func(until time.Time) {
		for len(running) > 0 && at.Before(until) {
			top := running[len(running)-1]
			end := nodes[top].span.End()
			if end.After(until) {
				end = until
			}
			if end.After(at) {
				nodes[top].self += end.Sub(at)
				at = end
			}
			if !nodes[top].span.End().After(at) {
				running = running[:len(running)-1]
			}
		}
		at = until
	}
	for _, i := range order {
		spend(nodes[i].span.Start)
		running = append(running, i)
	}
	for len(running) > 0 {
		spend(nodes[running[0]].span.End())
		if len(running) > 0 && !nodes[running[0]].span.End().After(at) {
			running = slices.DeleteFunc(running, func(i int) bool { return !nodes[i].span.End().After(at) })
		}
	}
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// spanFailed reports whether a span says that it failed: by its status, else by
// an HTTP status of the 500s, else by an exception that escaped it.
func spanFailed(s *evidence.Span) bool {
	if s.Failed {
		return true
	}
	for _, a := range []string{"http.response.status_code", "http.status_code"} {
		if code := s.Attributes[a]; len(code) == 3 && code[0] == '5' {
			return true
		}
	}
	for _, e := range s.Events {
		if e.Name == "exception" && strings.EqualFold(e.Attributes["exception.escaped"], "true") {
			return true
		}
	}
	return false
}
