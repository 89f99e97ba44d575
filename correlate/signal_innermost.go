package correlate

import (
	"fmt"
	"math"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// blameCount is how often an entity was where a failure came from.
type blameCount struct {
	traces [2]int // by side
	// node and line are an example of the incident, -1 for none.
	node, line int
	ops        map[int]int // failing operations of the incident, by count
	templates  map[int]int
}

// errorInnermost finds where failures come from: in each failing trace the
// deepest entity that failed by its spans or its log lines, below which nothing
// failed. Callers that pass an error on fail too, and louder; the emitter is
// the one to blame.
func errorInnermost(v *view) []finding {
	blame := make([]blameCount, len(v.names))
	for i := range blame {
		blame[i] = blameCount{node: -1, line: -1, ops: map[int]int{}, templates: map[int]int{}}
	}
	for _, g := range v.failures() {
		for _, e := range v.innermost(g) {
			b := &blame[e]
			b.traces[g.side]++
			if g.side == 1 {
				b.note(v, e, g)
			}
		}
	}
	return v.blameFindings(blame)
}

// note keeps examples of a failure.
func (b *blameCount) note(v *view, e int, g failure) {
	for _, i := range g.nodes {
		if n := &v.traces.nodes[i]; n.entity == e {
			b.ops[n.op]++
			if b.node < 0 {
				b.node = i
			}
		}
	}
	for _, i := range g.lines {
		if t := v.logs.line[i]; t >= 0 && v.logs.templates[t].entity == e {
			b.templates[t]++
			if b.line < 0 {
				b.line = i
			}
		}
	}
}

// failure is what failed in one trace, or one line that belongs to none.
type failure struct {
	side  int
	nodes []int // failed spans
	lines []int // lines of error severity
	// strays are entities that took a way through their code that they never
	// took before, deepest in the trace.
	strays []int
}

// failures gathers the failing spans and error lines by trace, traces in the
// case's order, then lines of unknown traces in order of time.
func (v *view) failures() []failure {
	var out []failure
	byTrace := map[string]int{}
	for i, r := range v.traces.ranges {
		g := failure{side: sideOf(r.baseline), strays: v.strays(i)}
		for j := r.from; j < r.to; j++ {
			if v.traces.nodes[j].failed {
				g.nodes = append(g.nodes, j)
			}
		}
		byTrace[v.traces.nodes[r.from].span.TraceID] = len(out)
		out = append(out, g)
	}
	traced := slices.ContainsFunc(out, func(g failure) bool { return g.side == 1 && len(g.nodes) > 0 })
	for i := range v.c.Logs {
		ln := &v.c.Logs[i]
		t := v.logs.line[i]
		if t < 0 || v.logs.templates[t].severity < evidence.SeverityError {
			continue
		}
		// Where traces show the failures, a line outside them that only repeats
		// what a callee answered adds nothing but another count for that callee.
		if traced && ln.TraceID == "" && v.spokenOf(i) != v.logs.templates[t].entity {
			continue
		}
		j, ok := byTrace[ln.TraceID]
		if !ok || ln.TraceID == "" {
			j = len(out)
			out = append(out, failure{side: sideOf(ln.Baseline)})
			if ln.TraceID != "" {
				byTrace[ln.TraceID] = j
			}
		}
		out[j].lines = append(out[j].lines, i)
	}
	return slices.DeleteFunc(out, func(g failure) bool { return len(g.nodes) == 0 && len(g.lines) == 0 })
}

// innermost are the entities of a failure below which nothing failed: by the
// span tree where spans failed, else by the call graph and by whom the lines
// name.
func (v *view) innermost(g failure) []int {
	var deepest []int
	if len(g.nodes) > 0 {
		deepest = v.deepestFailed(g)
	}
	erring := slices.Clone(deepest)
	for _, i := range g.lines {
		if j := v.logs.node[i]; j >= 0 && v.excused[j] && len(deepest) > 0 {
			continue
		}
		e := v.spokenOf(i)
		if w := v.waitedForBy(e, v.c.Logs[i].Body); w >= 0 && len(g.nodes) == 0 {
			e = w
		}
		if !slices.Contains(erring, e) {
			erring = append(erring, e)
		}
	}
	for _, e := range g.strays {
		if !slices.Contains(erring, e) && slices.ContainsFunc(erring, func(x int) bool { return v.reaches(x, e) }) {
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

// spokenOf is whose failure a line tells of: the callee that it names, unless
// the caller could not get through for reasons of its own, else the writer.
func (v *view) spokenOf(line int) int {
	t := &v.logs.templates[v.logs.line[line]]
	if t.names >= 0 && slices.Contains(v.callees[t.entity], t.names) {
		if text := lowerBody(v, t.line); !containsAny(text, ownFault) && !containsAny(text, boundaryWords) {
			return t.names
		}
	}
	return t.entity
}

// strays are the entities of one trace that clearly took a new way.
func (v *view) strays(trace int) []int {
	var out []int
	for _, d := range v.patterns.detours[trace] {
		if e := v.traces.ops[d.key.op].entity; d.rise >= clearRise && !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

// clearRise is the rise from which a new way explains failures above it.
const clearRise = 0.2

// passesOn reports whether another erring entity is what this one's failure
// comes from.
func (v *view) passesOn(e int, erring []int, g failure) bool {
	for _, other := range erring {
		if other == e {
			continue
		}
		if v.reaches(e, other) && !v.reaches(other, e) {
			return true
		}
		for _, i := range g.lines {
			t := &v.logs.templates[v.logs.line[i]]
			if t.entity == e && t.names == other && !v.reaches(other, e) {
				return true
			}
		}
	}
	return false
}

// deepestFailed are the entities of failed spans without a failed span below, or
// those that such a span waited for in vain.
func (v *view) deepestFailed(g failure) []int {
	nodes := v.traces.nodes
	above := map[int]bool{}
	for _, i := range g.nodes {
		for p := nodes[i].parent; p >= 0 && !above[p]; p = nodes[p].parent {
			above[p] = true
		}
	}
	var out []int
	for _, i := range g.nodes {
		e := nodes[i].entity
		if above[i] || e < 0 {
			continue
		}
		if o := v.origin(i); o >= 0 {
			e = o
		}
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

// blameFindings turns counts into findings: the share of the failures beyond
// the baseline's rate, with less trust in few.
func (v *view) blameFindings(blame []blameCount) []finding {
	watched, requests := v.watched(), v.requests()
	ratio := float64(watched[1]) / float64(max(1, watched[0]))
	total := 0.0
	excess := make([]float64, len(blame))
	clear := make([]float64, len(blame))
	for e, b := range blame {
		// One standard deviation and one event more may be chance.
		n := float64(b.traces[0])
		normal := ratio * (n + math.Sqrt(n) + 1)
		excess[e] = max(0, float64(b.traces[1])-normal)
		clear[e] = max(0, 1-normal/max(1, float64(b.traces[1])))
		total += excess[e]
	}
	var out []finding
	for e, b := range blame {
		if excess[e] <= 0 {
			continue
		}
		share := excess[e] / total
		f := finding{
			entity: e, mechanism: MechanismError,
			strength: share * clear[e] * clear[e] * stat.Squash(excess[e]/float64(max(1, requests[1])), commonShare),
			said:     fmt.Sprintf("%d failures start at %s, %s", b.traces[1], v.names[e], upFrom(b.traces[0])),
			why: fmt.Sprintf("%d of the failures during the incident start at %s, with nothing failing below it (%.0f %% of all beyond the normal rate; %d before)",
				b.traces[1], v.names[e], 100*share, b.traces[0]),
			seen: b.traces[1], total: b.traces[0] + b.traces[1],
		}
		v.illustrate(&f, &b)
		out = append(out, f)
	}
	return out
}

// commonShare is the share of requests at which failures earn half: usual
// objectives allow one in a hundred to one in a thousand, and alerts fire at a
// few times that.
const commonShare = 0.05

// requests counts the distinct requests seen per side: traces, traces known
// from lines only, and lines that belong to none.
func (v *view) requests() [2]int {
	var n [2]int
	seen := make(map[string]bool, len(v.traces.ranges))
	for _, r := range v.traces.ranges {
		seen[v.traces.nodes[r.from].span.TraceID] = true
		n[sideOf(r.baseline)]++
	}
	for i := range v.c.Logs {
		id := v.c.Logs[i].TraceID
		if id == "" || !seen[id] {
			n[sideOf(v.c.Logs[i].Baseline)]++
		}
		if id != "" {
			seen[id] = true
		}
	}
	return n
}

// illustrate adds references and loci of a blamed entity's failures.
func (v *view) illustrate(f *finding, b *blameCount) {
	if t := mostCounted(b.templates); t >= 0 {
		f.loci = append(f.loci, v.templateLocus(t))
	}
	if op := mostCounted(b.ops); op >= 0 {
		f.loci = append(f.loci, Locus{Kind: LocusSpan, Name: v.traces.ops[op].name})
	}
	if b.node >= 0 {
		f.refs = append(f.refs, v.spanRef(b.node))
	}
	if b.line >= 0 {
		f.refs = append(f.refs, v.lineRef(b.line))
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

func (v *view) templateLocus(t int) Locus {
	f := &v.logs.templates[t]
	return Locus{Kind: LocusLog, Name: f.template, Text: shorten(v.c.Logs[f.line].Body)}
}

func (v *view) lineRef(i int) evidence.Ref {
	ln := &v.c.Logs[i]
	return evidence.Ref{Kind: evidence.RefLog, ID: ln.SpanID, TraceID: ln.TraceID, Service: ln.Service, Time: ln.Time, Text: shorten(ln.Body)}
}

// shorten cuts a text for a reference, at a rune boundary.
func shorten(s string) string {
	const most = 240
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}
