package view

import (
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/spoken"
)

// Failure is what failed in one trace, or one line that belongs to none.
type Failure struct {
	Side  int
	Nodes []int // failed spans
	// deepest are those of them that nothing failed below.
	deepest []deepestSpan
	Lines   []int // lines of error severity
	// ChangedPaths are entities that took a way through their code that they never
	// took before, deepest in the trace.
	ChangedPaths []int
}

// deepestSpan is a failed span without a failed span below that was not merely called
// off because another one failed while it ran, and whose failure it is.
type deepestSpan struct{ node, blamed int }

// Failures gathers the failing spans and error lines by trace, traces in the
// case's order, then lines of unknown traces in order of time.
func (v *View) Failures() []Failure {
	var out []Failure
	byTrace := map[string]int{}
	for i, r := range v.Traces.Ranges {
		g := Failure{Side: SideOf(r.Baseline), ChangedPaths: v.ChangedPaths(i)}
		for j := r.From; j < r.To; j++ {
			if v.Traces.Nodes[j].Failed {
				g.Nodes = append(g.Nodes, j)
			}
		}
		g.deepest = v.deepestOf(g.Nodes)
		byTrace[v.Traces.Nodes[r.From].Span.TraceID] = len(out)
		out = append(out, g)
	}
	traced := slices.ContainsFunc(out, func(g Failure) bool { return g.Side == 1 && len(g.Nodes) > 0 })
	for i := range v.Evidence.Logs {
		ln := &v.Evidence.Logs[i]
		t := v.Logs.Line[i]
		if t < 0 || v.Logs.Templates[t].Severity < evidence.SeverityError {
			continue
		}
		j, ok := byTrace[ln.TraceID]
		if ln.TraceID == "" && traced {
			// A line without a trace is of the request that fails while it is written.
			// Where there is none, one that only repeats what a callee answered adds
			// nothing but another count for that callee.
			if j, ok = v.failingThen(out, v.Logs.Templates[t].Entity, ln.Time); !ok && v.failingParty(i) != v.Logs.Templates[t].Entity {
				continue
			}
		} else if ln.TraceID == "" {
			ok = false
		}
		if !ok {
			j = len(out)
			out = append(out, Failure{Side: SideOf(ln.Baseline)})
			if ln.TraceID != "" {
				byTrace[ln.TraceID] = j
			}
		}
		out[j].Lines = append(out[j].Lines, i)
	}
	return slices.DeleteFunc(out, func(g Failure) bool { return len(g.Nodes) == 0 && len(g.Lines) == 0 })
}

// failingThen is the failure with a failed span of an entity around a time,
// the first of several.
func (v *View) failingThen(list []Failure, e int, at time.Time) (int, bool) {
	for j := range list {
		for _, i := range list[j].Nodes {
			if n := &v.Traces.Nodes[i]; n.Entity == e && !at.Before(n.Span.Start.Add(-v.By.Signal.Innermost.Slack)) && !at.After(n.Span.End().Add(v.By.Signal.Innermost.Slack)) {
				return j, true
			}
		}
	}
	return 0, false
}

// Innermost are the entities of a failure below which nothing failed: by the
// span tree where spans failed, else by the call graph and by whom the lines
// name.
func (v *View) Innermost(g Failure) []int {
	var deepest []int
	if len(g.Nodes) > 0 {
		deepest = deepestFailed(g)
	}
	erring := slices.Clone(deepest)
	for _, i := range g.Lines {
		if j := v.Logs.Node[i]; len(deepest) > 0 && (j >= 0 && v.Consequence[j] || v.Logs.Templates[v.Logs.Line[i]].Says.Any(spoken.HungUp)) {
			continue // where spans tell whose failure it is, one who was left waiting adds nobody
		}
		e := v.failingParty(i)
		if w := v.WaitedForBy(e, v.Evidence.Logs[i].Text()); w >= 0 && len(g.Nodes) == 0 {
			e = w
		}
		if !slices.Contains(erring, e) {
			erring = append(erring, e)
		}
	}
	for _, e := range g.ChangedPaths {
		if !slices.Contains(erring, e) && slices.ContainsFunc(erring, func(x int) bool { return v.Reaches(x, e) }) {
			erring = append(erring, e)
		}
	}
	slices.Sort(erring)
	var out []int
	for _, e := range erring {
		if !v.passesOn(e, erring, g) {
			out = append(out, e)
		}
	}
	if len(out) == 0 {
		return erring
	}
	return out
}

// failingParty is whose failure a line tells of: the callee that it names, unless
// the caller could not get through for reasons of its own, else the writer.
func (v *View) failingParty(line int) int {
	t := &v.Logs.Templates[v.Logs.Line[line]]
	if t.Names >= 0 && slices.Contains(v.Callees[t.Entity], t.Names) {
		if t.Names == v.resolver || !t.Says.Any(spoken.NotSent|spoken.NoWay|spoken.Misasked) {
			return t.Names
		}
	}
	return t.Entity
}

// ChangedPaths are the entities of one trace that clearly took a new way.
func (v *View) ChangedPaths(trace int) []int {
	var out []int
	for _, d := range v.Patterns.PathChanges[trace] {
		if e := v.Traces.Ops[d.Key.Op].Entity; d.Rise >= v.By.Signal.Innermost.Rise && !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

// passesOn reports whether another erring entity is what this one's failure
// comes from.
func (v *View) passesOn(e int, erring []int, g Failure) bool {
	for _, other := range erring {
		if other == e {
			continue
		}
		if v.Reaches(e, other) && !v.Reaches(other, e) {
			return true
		}
		for _, i := range g.Lines {
			t := &v.Logs.Templates[v.Logs.Line[i]]
			if t.Entity == e && t.Names == other && !v.Reaches(other, e) {
				return true
			}
		}
	}
	return false
}

// deepestFailed are the entities of failed spans without a failed span below, or
// those that such a span waited for in vain.
func deepestFailed(g Failure) []int {
	var out []int
	for _, d := range g.deepest {
		if !slices.Contains(out, d.blamed) {
			out = append(out, d.blamed)
		}
	}
	return out
}

// deepestOf are the deepest of a trace's failed spans.
func (v *View) deepestOf(failed []int) []deepestSpan {
	nodes := v.Traces.Nodes
	above := map[int]bool{}
	for _, i := range failed {
		for p := nodes[i].Parent; p >= 0 && !above[p]; p = nodes[p].Parent {
			above[p] = true
		}
	}
	var deepest []int
	var ends []time.Time // of those that failed by themselves
	for _, i := range failed {
		if above[i] || nodes[i].Entity < 0 {
			continue
		}
		deepest = append(deepest, i)
		if !nodes[i].Says().Any(spoken.HungUp | spoken.GaveUp) {
			ends = append(ends, nodes[i].Span.End())
		}
	}
	slices.SortFunc(ends, time.Time.Compare)
	var out []deepestSpan
	for _, i := range deepest {
		n := &nodes[i]
		next, _ := slices.BinarySearchFunc(ends, n.Span.Start, time.Time.Compare)
		calledOff := n.Says().Any(spoken.HungUp) && next < len(ends) && !ends[next].After(n.Span.End())
		if !calledOff {
			out = append(out, deepestSpan{i, v.Blamed(i)})
		}
	}
	return out
}

// AllBeyond reports whether all spans that show a failure at an entity tell of
// somebody whom it called and of whom nothing is known.
func (v *View) AllBeyond(e int, g Failure) bool {
	seen := false
	for _, d := range g.deepest {
		if d.blamed != e {
			continue
		}
		if !v.Beyond(d.node) {
			return false
		}
		seen = true
	}
	return seen
}

// GivenUp reports whether all that shows a failure at an entity is that somebody
// did not wait for its answer: by the spans that failed because of it, else by
// the lines.
func (v *View) GivenUp(e int, g Failure) bool {
	const late = spoken.HungUp | spoken.GaveUp
	seen := false
	for _, d := range g.deepest {
		if d.blamed != e {
			continue
		}
		says := v.Traces.Nodes[d.node].Says()
		if !says.Any(late) || says.Any(spoken.NotSent) || v.Impatient(d.node) {
			return false
		}
		seen = true
	}
	if seen || len(g.Nodes) > 0 && len(g.Lines) == 0 {
		return seen
	}
	for _, i := range g.Lines {
		t := &v.Logs.Templates[v.Logs.Line[i]]
		if t.Entity != e && t.Names != e && v.WaitedForBy(t.Entity, v.Evidence.Logs[i].Text()) != e {
			continue
		}
		if !t.Says.Any(late) || t.Says.Any(spoken.NotSent) {
			return false
		}
		seen = true
	}
	return seen
}

// Survived reports whether whoever alerts answered a request well in which something
// failed: a failure that nobody who asks for an explanation felt. Where their part of
// the request is not known, it is not.
func (v *View) Survived(g Failure) bool {
	if len(g.Nodes) == 0 {
		return false
	}
	r := v.Traces.Ranges[v.Traces.Nodes[g.Nodes[0]].Rng]
	seen := false
	for i := r.From; i < r.To; i++ {
		n := &v.Traces.Nodes[i]
		if n.Entity < 0 || !v.Alerting[n.Entity] {
			continue
		}
		if n.Failed {
			return false
		}
		seen = true
	}
	return seen
}
