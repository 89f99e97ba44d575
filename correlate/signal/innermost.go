package signal

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/spoken"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// blameCount is how often an entity was where a failure came from.
type blameCount struct {
	traces [2]int // by side
	// late are those of the incident that tell of nothing but a wait that somebody
	// gave up.
	late int
	// survived are those of the incident that whoever alerts did not feel, where
	// requests of theirs fail.
	survived int
	// node and line are an example of the incident, -1 for none.
	node, line int
	ops        map[int]int // failing operations of the incident, by count
	templates  map[int]int
	told       map[int]int // what its callers write of it in the same traces
}

// ErrorInnermost finds where failures come from: in each failing trace the
// deepest entity that failed by its spans or its log lines, below which nothing
// failed. Callers that pass an error on fail too, and louder; the emitter is
// the one to blame.
func ErrorInnermost(v *view.View) []Finding {
	blame := make([]blameCount, len(v.Names))
	for i := range blame {
		blame[i] = blameCount{node: -1, line: -1, ops: map[int]int{}, templates: map[int]int{}, told: map[int]int{}}
	}
	failing := asked(v).failing
	for _, g := range failures(v) {
		lost := failing && survived(v, g)
		for _, e := range innermost(v, g) {
			b := &blame[e]
			b.traces[g.side]++
			if g.side == 1 {
				b.note(v, e, g)
				b.late += b2i(givenUp(v, e, g))
				b.survived += b2i(lost)
			}
		}
	}
	return blameFindings(v, blame)
}

// note keeps examples of a failure.
func (b *blameCount) note(v *view.View, e int, g failure) {
	for _, i := range g.nodes {
		n := &v.Traces.Nodes[i]
		if n.Entity == e || n.Edge >= 0 && v.Traces.Edges[n.Edge].Callee == e {
			b.ops[n.Op]++
			if b.node < 0 {
				b.node = i
			}
		}
	}
	for _, i := range g.lines {
		switch t := v.Logs.Line[i]; {
		case v.Logs.Templates[t].Entity == e:
			b.templates[t]++
			if b.line < 0 {
				b.line = i
			}
		case len(g.nodes) > 0 && slices.Contains(v.Callees[v.Logs.Templates[t].Entity], e):
			b.told[t]++
		}
	}
}

// failure is what failed in one trace, or one line that belongs to none.
type failure struct {
	side  int
	nodes []int // failed spans
	lines []int // lines of error severity
	// changedPaths are entities that took a way through their code that they never
	// took before, deepest in the trace.
	changedPaths []int
}

// failures gathers the failing spans and error lines by trace, traces in the
// case's order, then lines of unknown traces in order of time.
func failures(v *view.View) []failure {
	var out []failure
	byTrace := map[string]int{}
	for i, r := range v.Traces.Ranges {
		g := failure{side: view.SideOf(r.Baseline), changedPaths: changedPaths(v, i)}
		for j := r.From; j < r.To; j++ {
			if v.Traces.Nodes[j].Failed {
				g.nodes = append(g.nodes, j)
			}
		}
		byTrace[v.Traces.Nodes[r.From].Span.TraceID] = len(out)
		out = append(out, g)
	}
	traced := slices.ContainsFunc(out, func(g failure) bool { return g.side == 1 && len(g.nodes) > 0 })
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
			if j, ok = failingThen(v, out, v.Logs.Templates[t].Entity, ln.Time); !ok && failingParty(v, i) != v.Logs.Templates[t].Entity {
				continue
			}
		} else if ln.TraceID == "" {
			ok = false
		}
		if !ok {
			j = len(out)
			out = append(out, failure{side: view.SideOf(ln.Baseline)})
			if ln.TraceID != "" {
				byTrace[ln.TraceID] = j
			}
		}
		out[j].lines = append(out[j].lines, i)
	}
	return slices.DeleteFunc(out, func(g failure) bool { return len(g.nodes) == 0 && len(g.lines) == 0 })
}

// failingThen is the failure with a failed span of an entity around a time,
// the first of several.
func failingThen(v *view.View, list []failure, e int, at time.Time) (int, bool) {
	for j := range list {
		for _, i := range list[j].nodes {
			if n := &v.Traces.Nodes[i]; n.Entity == e && !at.Before(n.Span.Start.Add(-v.By.Signal.Innermost.Slack)) && !at.After(n.Span.End().Add(v.By.Signal.Innermost.Slack)) {
				return j, true
			}
		}
	}
	return 0, false
}

// innermost are the entities of a failure below which nothing failed: by the
// span tree where spans failed, else by the call graph and by whom the lines
// name.
func innermost(v *view.View, g failure) []int {
	var deepest []int
	if len(g.nodes) > 0 {
		deepest = deepestFailed(v, g)
	}
	erring := slices.Clone(deepest)
	for _, i := range g.lines {
		if j := v.Logs.Node[i]; len(deepest) > 0 && (j >= 0 && v.Consequence[j] || v.Logs.Templates[v.Logs.Line[i]].Says.Any(spoken.HungUp)) {
			continue // where spans tell whose failure it is, one who was left waiting adds nobody
		}
		e := failingParty(v, i)
		if w := v.WaitedForBy(e, v.Evidence.Logs[i].Text()); w >= 0 && len(g.nodes) == 0 {
			e = w
		}
		if !slices.Contains(erring, e) {
			erring = append(erring, e)
		}
	}
	for _, e := range g.changedPaths {
		if !slices.Contains(erring, e) && slices.ContainsFunc(erring, func(x int) bool { return v.Reaches(x, e) }) {
			erring = append(erring, e)
		}
	}
	slices.Sort(erring)
	var out []int
	for _, e := range erring {
		if !passesOn(v, e, erring, g) {
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
func failingParty(v *view.View, line int) int {
	t := &v.Logs.Templates[v.Logs.Line[line]]
	if t.Names >= 0 && slices.Contains(v.Callees[t.Entity], t.Names) {
		if !t.Says.Any(spoken.NotSent | spoken.NoWay | spoken.Misasked) {
			return t.Names
		}
	}
	return t.Entity
}

// changedPaths are the entities of one trace that clearly took a new way, other
// than that of noticing that who asked has gone.
func changedPaths(v *view.View, trace int) []int {
	var out []int
	for _, d := range v.Patterns.PathChanges[trace] {
		if t := d.Key.B - view.EventBase; t >= 0 && t < len(v.Logs.Templates) && v.Logs.Templates[t].Says.Any(spoken.HungUp) {
			continue
		}
		if e := v.Traces.Ops[d.Key.Op].Entity; d.Rise >= v.By.Signal.Innermost.Rise && !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

// passesOn reports whether another erring entity is what this one's failure
// comes from.
func passesOn(v *view.View, e int, erring []int, g failure) bool {
	for _, other := range erring {
		if other == e {
			continue
		}
		if v.Reaches(e, other) && !v.Reaches(other, e) {
			return true
		}
		for _, i := range g.lines {
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
func deepestFailed(v *view.View, g failure) []int {
	var out []int
	for _, i := range deepestNodes(v, g) {
		if e := v.Blamed(i); !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

// deepestNodes are the failed spans without a failed span below that are not
// merely called off because another one failed while they ran.
func deepestNodes(v *view.View, g failure) []int {
	nodes := v.Traces.Nodes
	above := map[int]bool{}
	for _, i := range g.nodes {
		for p := nodes[i].Parent; p >= 0 && !above[p]; p = nodes[p].Parent {
			above[p] = true
		}
	}
	var deepest, out []int
	for _, i := range g.nodes {
		if !above[i] && nodes[i].Entity >= 0 {
			deepest = append(deepest, i)
		}
	}
	for _, i := range deepest {
		n := &nodes[i]
		if !n.Says().Any(spoken.HungUp) || !slices.ContainsFunc(deepest, func(o int) bool {
			end := nodes[o].Span.End()
			return !nodes[o].Says().Any(spoken.HungUp|spoken.GaveUp) && !end.Before(n.Span.Start) && !end.After(n.Span.End())
		}) {
			out = append(out, i)
		}
	}
	return out
}

// givenUp reports whether all that shows a failure at an entity is that somebody
// did not wait for its answer: by the spans that failed because of it, else by
// the lines.
func givenUp(v *view.View, e int, g failure) bool {
	const late = spoken.HungUp | spoken.GaveUp
	seen := false
	for _, i := range deepestNodes(v, g) {
		if v.Blamed(i) != e {
			continue
		}
		says := v.Traces.Nodes[i].Says()
		if !says.Any(late) || says.Any(spoken.NotSent) || v.Impatient(i) {
			return false
		}
		seen = true
	}
	if seen || len(g.nodes) > 0 && len(g.lines) == 0 {
		return seen
	}
	for _, i := range g.lines {
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

// blameFindings turns counts into findings: the share of the failures beyond
// the baseline's rate, with less trust in few.
func blameFindings(v *view.View, blame []blameCount) []Finding {
	watched, requests := v.Watched(), requests(v)
	ratio := float64(watched[1]) / float64(max(1, watched[0]))
	total := 0.0
	excess := make([]float64, len(blame))
	clear := make([]float64, len(blame))
	for e, b := range blame {
		// One standard deviation and some events more may be chance.
		n := float64(b.traces[0])
		normal := ratio * (n + math.Sqrt(n) + v.By.Signal.Innermost.Chance)
		excess[e] = max(0, float64(b.traces[1])-normal) * b.felt(v)
		clear[e] = max(0, 1-normal/max(1, float64(b.traces[1])))
		total += excess[e]
	}
	var out []Finding
	for e, b := range blame {
		if excess[e] <= 0 {
			continue
		}
		share, normal := excess[e]/total, normalOf(v, b.node >= 0)
		_, quoted := b.reason(v)
		f := Finding{
			Entity: e, Mechanism: failsAs(v, e),
			Strength: trustIn(v, normal) * share * clear[e] * clear[e] * stat.Squash(excess[e]/float64(max(1, requests[1])), v.By.Signal.Innermost.CommonHalf),
			Said:     fmt.Sprintf("%d failures start at %s%s, %s", b.traces[1], v.Names[e], quoted, upFrom(b.traces[0], normal)),
			Why: fmt.Sprintf("%d of the failures during the incident start at %s%s, with nothing failing below it (%.0f %% of all beyond the normal rate; %s)",
				b.traces[1], v.Names[e], quoted, 100*share, upFrom(b.traces[0], normal)) + b.survivedWords(),
			Seen: b.traces[1], Total: b.traces[0] + b.traces[1],
		}
		if float64(b.late) >= v.By.Signal.Innermost.Late*float64(b.traces[1]) {
			// Nothing failed but somebody's patience.
			f.Mechanism = report.MechanismLatency
			f.Said = fmt.Sprintf("%s answers too late: %d of %d requests give up the wait%s, %s", v.Names[e], b.traces[1], requests[1], quoted, upFromOf(b.traces[0], requests[0], normal))
			f.Why += fmt.Sprintf("; %d of them are somebody giving up the wait for an answer", b.late)
		}
		illustrate(v, &f, &b)
		out = append(out, f)
	}
	return out
}

// failsAs is the mechanism of failures that start at an entity: what belongs to
// somebody else fails outside.
func failsAs(v *view.View, e int) report.Mechanism {
	if v.Kinds[e] == evidence.KindExternal {
		return report.MechanismExternal
	}
	return report.MechanismError
}

// requests counts the distinct requests seen per side: traces, traces known
// from lines only, and lines that belong to none.
func requests(v *view.View) [2]int {
	var n [2]int
	seen := make(map[string]bool, len(v.Traces.Ranges))
	for _, r := range v.Traces.Ranges {
		seen[v.Traces.Nodes[r.From].Span.TraceID] = true
		n[view.SideOf(r.Baseline)]++
	}
	for i := range v.Evidence.Logs {
		id := v.Evidence.Logs[i].TraceID
		if id == "" || !seen[id] {
			n[view.SideOf(v.Evidence.Logs[i].Baseline)]++
		}
		if id != "" {
			seen[id] = true
		}
	}
	return n
}

// reason is the new statement that says in most of the failing requests why they
// fail, the entity's own before its callers', and how it is quoted; -1 for none.
func (b *blameCount) reason(v *view.View) (template int, quoted string) {
	t := mostCounted(b.templates)
	if t < 0 {
		t = mostCounted(b.told)
	}
	if t < 0 || b.node < 0 || v.Logs.Templates[t].Count[0] > 0 && rateGain(v, t) < v.By.Signal.Pattern.New {
		return -1, ""
	}
	return t, fmt.Sprintf(" (%q)", wording.Excerpt(v.Evidence.Logs[v.Logs.Templates[t].Line].Said()))
}

// illustrate adds references and loci of a blamed entity's failures.
func illustrate(v *view.View, f *Finding, b *blameCount) {
	if t := mostCounted(b.templates); t >= 0 {
		f.Loci = append(f.Loci, templateLocus(v, t))
	}
	if op := mostCounted(b.ops); op >= 0 {
		f.Loci = append(f.Loci, report.Locus{Kind: report.LocusSpan, Name: v.Traces.Ops[op].Name})
	}
	if b.node >= 0 {
		f.Refs = append(f.Refs, spanRef(v, b.node))
		if t, _ := b.reason(v); t >= 0 && b.line < 0 {
			f.Refs = append(f.Refs, lineRef(v, v.Logs.Templates[t].Line))
		}
	} else if t := mostCounted(b.templates); t >= 0 {
		f.Elsewhere = tellsOfOthers(v, t) && v.Logs.Templates[t].Names != f.Entity
		// Only lines tell of these failures, so that what they say is the finding.
		f.Said += fmt.Sprintf(": %q", wording.Excerpt(v.Evidence.Logs[v.Logs.Templates[t].Line].Said()))
	}
	if b.line >= 0 {
		f.Refs = append(f.Refs, lineRef(v, b.line))
	}
}

// mostCounted is the key with the highest count, the smaller of equals; -1 when
// there is none.
func mostCounted(counts map[int]int) int {
	best := -1
	for k, n := range counts {
		if best < 0 || n > counts[best] || n == counts[best] && k < best {
			best = k
		}
	}
	return best
}

// templateLocus is where a statement stands: by the place in code of its first
// line in the incident, where that is known, and by what it says.
func templateLocus(v *view.View, t int) report.Locus {
	f := &v.Logs.Templates[t]
	ln := &v.Evidence.Logs[f.Line]
	name := f.Template
	if ln.Caller.File != "" && ln.Caller.Line > 0 {
		if at := ln.Caller.File + ":" + strconv.Itoa(ln.Caller.Line); !strings.Contains(name, at) {
			name = at + " " + name
		}
	}
	return report.Locus{Kind: report.LocusLog, Name: name, Text: wording.Excerpt(ln.Said())}
}

func lineRef(v *view.View, i int) evidence.Ref {
	ln := &v.Evidence.Logs[i]
	return evidence.Ref{Kind: evidence.RefLog, ID: ln.SpanID, TraceID: ln.TraceID, Service: ln.Service, Time: ln.Time, Text: wording.Excerpt(ln.Said()), By: ln.Brought()}
}
