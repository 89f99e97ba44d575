package view

import (
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/spoken"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// traceFacts are the spans of the evidence with their place in the trace and the time
// that was spent in none of their children.
type traceFacts struct {
	Nodes  []SpanNode
	Ranges []traceRange // one per trace, into nodes
	Ops    []opFact     // by number
	Edges  []EdgeFact   // by number
	// ByEntity are each candidate's nodes, byEdge those of each edge.
	ByEntity, ByEdge [][]int
	// leads is the one operation that a client's operation calls over an edge, -1 for
	// several.
	leads map[lead]int
	// Baseline and incident count traces.
	Baseline, Incident int
}

// traceRange is the part of nodes that one trace fills.
type traceRange struct {
	From, To int
	Baseline bool
	entry    int     // op of the root, -1 when the trace is empty
	Whole    float64 // milliseconds of all its spans' own time
	Timed    bool    // its durations may be compared
	Fails    bool    // a span of it failed
}

// SpanNode is one span.
type SpanNode struct {
	Span     *evidence.Span
	Trace    int
	Rng      int // into ranges
	Parent   int // into nodes, -1 for a root or when the parent is not there
	Entity   int // -1 when the service is no candidate
	Op       int
	Edge     int           // of a client span: the call's edge, else -1
	Self     time.Duration // see attribute
	Children []int         // into nodes, by start
	Failed   bool
	says     spoken.Meaning // of its failure
}

// opFact is one operation of one service.
type opFact struct {
	Entity int
	Name   string
	kind   evidence.SpanKind
	// Self are exclusive times in milliseconds on both sides.
	Self [2][]float64
	// lasted are whole durations of the baseline, in milliseconds; usual is how long
	// they take at times.
	lasted []float64
	usual  float64
}

// side numbers the baseline 0 and the incident 1.
func SideOf(baseline bool) int {
	if baseline {
		return 0
	}
	return 1
}

// measureTraces builds the span trees and the per-operation samples.
func (v *View) measureTraces() {
	total := 0
	for i := range v.Evidence.Traces {
		total += len(v.Evidence.Traces[i].Spans)
	}
	t := &v.Traces
	t.Nodes = make([]SpanNode, 0, total)
	t.leads = map[lead]int{}
	t.ByEntity = make([][]int, len(v.Names))
	fair := v.fairlySampled()
	ops := map[opKey]int{}
	edges := map[edgeKey]int{}
	for i := range v.Evidence.Traces {
		tr := &v.Evidence.Traces[i]
		if len(tr.Spans) == 0 || !v.counts(tr) {
			continue
		}
		from := len(t.Nodes)
		v.addSpans(tr, i, ops)
		v.linkSpans(tr, from)
		r := traceRange{From: from, To: len(t.Nodes), Baseline: tr.Baseline, Timed: !fair || tr.Sampled, entry: -1}
		for j := from; j < r.To; j++ {
			if t.Nodes[j].Parent < 0 && r.entry < 0 {
				r.entry = t.Nodes[j].Op
			}
			r.Fails = r.Fails || t.Nodes[j].Failed
		}
		t.Ranges = append(t.Ranges, r)
		if tr.Baseline {
			t.Baseline++
		} else {
			t.Incident++
		}
		v.measureSpans(from, r.To, SideOf(tr.Baseline), r.Timed, edges)
	}
}

// fairlySampled reports whether both sides have enough traces that were not
// picked for failing or being slow.
func (v *View) fairlySampled() bool {
	var n [2]int
	for i := range v.Evidence.Traces {
		if t := &v.Evidence.Traces[i]; t.Sampled {
			n[SideOf(t.Baseline)]++
		}
	}
	return n[0] >= v.By.View.FairTraces && n[1] >= v.By.View.FairTraces
}

// counts reports whether a trace belongs to either side.
func (v *View) counts(t *gathered.Trace) bool {
	if !t.Baseline && !v.Evidence.Incident.IsZero() {
		if incident, _ := v.Evidence.TraceSide(t.Trace); !incident {
			return false
		}
	}
	return true
}

// lead is a client's operation and the edge of its calls: one name, as an HTTP
// method, serves for many callees.
type lead struct{ op, edge int }

type opKey struct {
	entity  int
	service string
	name    string
}

// addSpans appends a trace's spans as nodes.
func (v *View) addSpans(tr *gathered.Trace, trace int, ops map[opKey]int) {
	t := &v.Traces
	for j := range tr.Spans {

		s := &tr.Spans[j]
		e := v.Entity(s.Service)
		key := opKey{entity: e, name: s.Operation}
		if e < 0 {
			key.service = s.Service
		}
		op, ok := ops[key]
		if !ok {
			op = len(t.Ops)
			ops[key] = op
			t.Ops = append(t.Ops, opFact{Entity: e, Name: s.Operation, kind: s.Kind})
		}
		t.Nodes = append(t.Nodes, SpanNode{Span: s, Trace: trace, Parent: -1, Entity: e, Op: op, Edge: -1, Failed: s.Failed, says: v.saysOf(s)})
	}
}

// saysOf is what a failed span says of its failure. Requests fail alike, so that
// each text is read once.
func (v *View) saysOf(s *evidence.Span) spoken.Meaning {
	if !s.Failed {
		return 0
	}
	text := failureOf(s)
	says, known := v.said[text]
	if !known {
		says = spoken.Says(text)
		v.said[text] = says
	}
	return says | ended(s)
}

// linkSpans gives the nodes from an index on, which are one trace, their parents
// and children.
func (v *View) linkSpans(trace *gathered.Trace, from int) {
	nodes := v.Traces.Nodes
	for j, p := range topology.Parents(trace.Spans) {
		if p < 0 {
			continue
		}
		nodes[from+j].Parent = from + p
		nodes[from+p].Children = append(nodes[from+p].Children, from+j)
	}
}

// measureSpans computes exclusive times and edges of the nodes of one trace;
// timed says whether its durations may be compared.
func (v *View) measureSpans(from, to, sd int, timed bool, edges map[edgeKey]int) {
	t := &v.Traces
	attribute(t.Nodes, from, to)
	for j := from; j < to; j++ {
		n := &t.Nodes[j]
		n.Rng = len(t.Ranges) - 1
		t.Ranges[n.Rng].Whole += Millis(n.Self)
		if n.Entity >= 0 {
			v.Spans[n.Entity][sd]++
			t.ByEntity[n.Entity] = append(t.ByEntity[n.Entity], j)
		}
		slices.SortStableFunc(n.Children, func(a, b int) int { return t.Nodes[a].Span.Start.Compare(t.Nodes[b].Span.Start) })
		if e, ok := v.callEdge(j, edges); ok {
			n.Edge = e
			t.ByEdge[e] = append(t.ByEdge[e], j)
			if len(n.Children) == 1 {
				to := t.Nodes[n.Children[0]].Op
				if known, ok := t.leads[lead{n.Op, e}]; ok && known != to {
					to = -1
				}
				t.leads[lead{n.Op, e}] = to
			}
			v.countCall(j, e, sd)
			if timed && sd == 0 && !n.Failed {
				t.Edges[e].lasted = append(t.Edges[e].lasted, Millis(n.Span.Duration))
			}
			if timed && !v.unsent(n) {
				t.Edges[e].Gap[sd] = append(t.Edges[e].Gap[sd], Millis(n.Self))
			}
			continue
		}
		// Handling a failed call, as waiting before a retry, is no slowness of one's own.
		if !timed || slices.ContainsFunc(n.Children, func(c int) bool { return t.Nodes[c].Failed && t.Nodes[c].Span.Kind == evidence.SpanClient }) {
			continue
		}
		if sd == 0 {
			t.Ops[n.Op].lasted = append(t.Ops[n.Op].lasted, Millis(n.Span.Duration))
		}
		t.Ops[n.Op].Self[sd] = append(t.Ops[n.Op].Self[sd], Millis(n.Self))
	}
}

// attribute gives every moment of a trace to the span that started last among
// those running, which for calls one after another is the time that no child
// covers, and which counts a moment once where spans run side by side. A span
// that merely waits beside the one that works holds nothing.
func attribute(nodes []SpanNode, from, to int) {
	order := make([]int, to-from)
	for i := range order {
		order[i] = from + i
	}
	slices.SortStableFunc(order, func(a, b int) int { return nodes[a].Span.Start.Compare(nodes[b].Span.Start) })
	var running []int
	var at time.Time
	spend := func(until time.Time) {
		for len(running) > 0 && at.Before(until) {
			top := running[len(running)-1]
			end := nodes[top].Span.End()
			if end.After(until) {
				end = until
			}
			if end.After(at) {
				nodes[top].Self += end.Sub(at)
				at = end
			}
			if !nodes[top].Span.End().After(at) {
				running = running[:len(running)-1]
			}
		}
		if until.After(at) {
			at = until // never back: what ended before its children gets none of their time
		}
	}
	for _, i := range order {
		spend(nodes[i].Span.Start)
		running = append(running, i)
	}
	for len(running) > 0 {
		spend(nodes[running[0]].Span.End())
		if len(running) > 0 && !nodes[running[0]].Span.End().After(at) {
			running = slices.DeleteFunc(running, func(i int) bool { return !nodes[i].Span.End().After(at) })
		}
	}
}

func Millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
