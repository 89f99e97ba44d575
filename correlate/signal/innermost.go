package signal

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// blameCount is how often an entity was where a failure came from.
type blameCount struct {
	traces [2]int // by side
	// alone are those of the incident of which no more than a line of no trace tells.
	alone int
	// late are those of the incident that tell of nothing but a wait that somebody
	// gave up.
	late int
	// survived are those of the incident that whoever alerts did not feel, where
	// requests of theirs fail.
	survived int
	// beyond are those of the incident that tell of somebody who was called and of
	// whom nothing is known.
	beyond int
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
	for _, g := range v.Failures() {
		lost := failing && v.Survived(g)
		for _, e := range v.Innermost(g) {
			b := &blame[e]
			b.traces[g.Side]++
			if g.Side == 1 {
				b.note(v, e, g)
				b.alone += b2i(len(g.Nodes) == 0 && v.Evidence.Logs[g.Lines[0]].TraceID == "")
				b.late += b2i(v.GivenUp(e, g))
				b.survived += b2i(lost)
				b.beyond += b2i(v.AllBeyond(e, g))
			}
		}
	}
	return blameFindings(v, blame)
}

// note keeps examples of a failure.
func (b *blameCount) note(v *view.View, e int, g view.Failure) {
	for _, i := range g.Nodes {
		n := &v.Traces.Nodes[i]
		if n.Entity == e || n.Edge >= 0 && v.Traces.Edges[n.Edge].Callee == e {
			b.ops[n.Op]++
			if b.node < 0 {
				b.node = i
			}
		}
	}
	for _, i := range g.Lines {
		switch t := v.Logs.Line[i]; {
		case v.Logs.Templates[t].Entity == e:
			b.templates[t]++
			if b.line < 0 {
				b.line = i
			}
		case len(g.Nodes) > 0 && slices.Contains(v.Callees[v.Logs.Templates[t].Entity], e):
			b.told[t]++
		}
	}
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
		excess[e] = max(0, float64(b.traces[1])-normal) * b.passedOn(v)
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
			Said:     fmt.Sprintf("failures %s start at %s%s, %s", seenIn(b.traces[1], b.alone), v.Names[e], quoted, upFrom(b.traces[0], normal)),
			Why: fmt.Sprintf("failures %s start at %s%s, with nothing failing below it (%.0f %% of all beyond the normal rate; %s)",
				seenIn(b.traces[1], b.alone), v.Names[e], quoted, 100*share, upFrom(b.traces[0], normal)) + b.survivedWords(),
			Seen: b.traces[1], Total: b.traces[0] + b.traces[1], Counts: "failures read are of the incident",
		}
		if float64(b.late) >= v.By.Signal.Innermost.Late*float64(b.traces[1]) {
			// Nothing failed but somebody's patience.
			f.Mechanism = report.MechanismLatency
			f.Said = fmt.Sprintf("%s answers too late: %d of %d requests read give up the wait%s, %s", v.Names[e], b.traces[1], requests[1], quoted, upFromOf(b.traces[0], requests[0], normal))
			f.Why += fmt.Sprintf("; %d of them are somebody giving up the wait for an answer", b.late)
		}
		illustrate(v, &f, &b)
		f.Elsewhere = f.Elsewhere || stat.MoreThanHalf(b.beyond, b.traces[1])
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

// passedOn is the part of an entity's failures that count where requests of whom alerts
// fail: those that they answered well all the same explain none of it, and keep no
// more than what is left of any claim that explains nothing.
func (b *blameCount) passedOn(v *view.View) float64 {
	if b.traces[1] == 0 {
		return 1
	}
	return 1 - (1-v.By.Signal.Asked.Least)*float64(b.survived)/float64(b.traces[1])
}

// survivedWords say how many of an entity's failures never reached whoever alerts.
func (b *blameCount) survivedWords() string {
	if b.survived == 0 {
		return ""
	}
	return fmt.Sprintf("; %d of these requests were answered well all the same", b.survived)
}
