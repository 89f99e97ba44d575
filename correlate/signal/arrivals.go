package signal

import (
	"fmt"
	"math"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// MayBeSurge reports whether more requests than usual may have come without any
// measure that would tell: no entry's are measured, and neither the plain lines that
// entries write nor the traces that pass them rule it out; both must, where measures
// should have told and did not. What was cut or not read
// tells nothing of how much there was.
func MayBeSurge(v *view.View) bool {
	usual := steadyBy(v)
	if MeasuresMissing(v) {
		return !usual.both()
	}
	return !RequestsCounted(v) && !usual.either()
}

// MeasuresMissing reports whether metrics should have told and did not: they might have
// counted requests.
func MeasuresMissing(v *view.View) bool {
	return slices.ContainsFunc(v.Evidence.Sources, func(s report.Standing) bool { return s.Source == "metrics" && s.Missing() })
}

// steadiness is whether the lines and whether the traces of entries tell that no more
// requests came than usual. A surge shows in both, but one alone may be sampled at a
// rate that is the same whatever comes: both rule a surge out, and one that is steady
// says that the other's rise is of something else.
type steadiness struct{ lines, traces, linesTell, tracesTell bool }

func (s steadiness) both() bool { return s.lines && s.traces }

func (s steadiness) either() bool { return s.lines || s.traces }

// mayBeBoth reports whether a source that tells nothing might have completed both.
func (s steadiness) mayBeBoth() bool {
	return (s.lines || !s.linesTell) && (s.traces || !s.tracesTell)
}

func steadyBy(v *view.View) steadiness {
	steady := func(a arrivals) bool { return a.times > 0 && a.times <= v.By.Signal.Surge.Steady }
	lines, traces := byLines(v), byTraces(v)
	return steadiness{steady(lines), steady(traces), lines.times > 0, traces.times > 0}
}

func byLines(v *view.View) arrivals { return riseOf(v, linesAtEntries(v), v.Logs.Minutes) }

func byTraces(v *view.View) arrivals { return riseOf(v, tracesAtEntries(v), v.Watched()) }

// RequestsCounted reports whether a measure tells how many requests came.
func RequestsCounted(v *view.View) bool {
	counted := map[int]*view.Metric{}
	for e := range v.Names {
		if f, _ := requestGain(v, e); f != nil {
			counted[e] = f
		}
	}
	return len(countedEntries(v, counted)) > 0
}

// surgeUncounted is the finding that more requests came which no measure counts:
// entries write their plain lines that much more often, or where no lines can be
// counted, that many more traces pass them. A store that keeps what fails and what is
// slow has more traces when something does, so that these tell less.
func surgeUncounted(v *view.View, workload int) []Finding {
	by := &v.By.Signal.Surge
	if RequestsCounted(v) {
		return nil
	}
	what, source, trust, rise := "lines", "logs", by.Alone, byLines(v)
	if rise.times == 0 {
		what, source, trust, rise = "traces", "traces", by.Traces, byTraces(v)
	}
	if rise.least <= by.Steady || steadyBy(v).either() {
		return nil
	}
	var asked []evidence.CallID
	for e := range v.Names {
		if isEntry(v, e) {
			asked = append(asked, v.CallsOf(e, source)...)
		}
	}
	return []Finding{{
		Entity: workload, Mechanism: report.MechanismSurge, Strength: stat.Squash(rise.least-1, by.GainHalf) * trust, Source: source, By: asked,
		Said: fmt.Sprintf("%.1f times the usual requests come, by the %s of where they come in", rise.times, what),
		Why:  fmt.Sprintf("no measure counts requests; %.1f times the usual %s come of where they come in", rise.times, what),
	}}
}

// isEntry reports whether requests come from outside to an entity: nobody is known
// to call it, or it is where the alert stands.
func isEntry(v *view.View, e int) bool { return len(v.Callers[e]) == 0 || v.Alerting[e] }

// countedEntries are the entries whose requests are counted. Where none's are, they
// are the first behind them whose requests are, unless the lines that entries write
// tell that no more came than usual: then callers ask more often.
func countedEntries(v *view.View, counted map[int]*view.Metric) []int {
	var entries, behind []int
	for e := range v.Names {
		switch {
		case counted[e] == nil:
		case isEntry(v, e):
			entries = append(entries, e)
		case !slices.ContainsFunc(v.Callers[e], func(c int) bool { return counted[c] != nil }):
			behind = append(behind, e)
		}
	}
	if len(entries) > 0 {
		return entries
	}
	if steadyBy(v).either() {
		return nil
	}
	return behind
}

// arrivals is how many times the normal rate of something the incident has, 0 where
// too little is known of it, and how many at least: less some standard deviations of
// as many events (Poisson's).
type arrivals struct{ times, least float64 }

// riseOf compares how often something was seen on both sides; minutes are the distinct
// ones of each.
func riseOf(v *view.View, n, minutes [2]int) arrivals {
	if n[0] < v.By.Signal.Surge.Counted || minutes[0] == 0 || minutes[1] == 0 {
		return arrivals{}
	}
	during := float64(minutes[1])
	if d := v.Evidence.Incident.Duration().Minutes(); d > 0 {
		during = min(during, max(1, d)) // its first and last are minutes in part
	}
	usual := float64(n[0]) / float64(minutes[0]) * during
	seen := float64(n[1])
	return arrivals{seen / usual, (seen - v.By.Signal.Surge.Chance*math.Sqrt(seen)) / usual}
}

// whole reports whether nothing of a kind of question was cut or went unanswered.
func whole(v *view.View, source string, topic evidence.Topic) bool {
	i := slices.IndexFunc(v.Evidence.Coverage, func(r evidence.Coverage) bool { return r.Source == source && r.Key == topic })
	return i < 0 || v.Evidence.Coverage[i].Status == evidence.CoverageAnswered && len(v.Evidence.Coverage[i].Missing) == 0
}

// linesAtEntries counts, per side, the lines that entries write as a rule, and the
// first behind entries that write none; failures are left out, which come in other
// numbers than requests do.
func linesAtEntries(v *view.View) (n [2]int) {
	if !whole(v, "logs", evidence.TopicLines) {
		return n
	}
	usual := make([][2]int, len(v.Names))
	for i := range v.Logs.Templates {
		if f := &v.Logs.Templates[i]; f.Count[0] > 0 && f.Severity < evidence.SeverityWarn {
			usual[f.Entity][0] += f.Count[0]
			usual[f.Entity][1] += f.Count[1]
		}
	}
	for e, u := range usual {
		if isEntry(v, e) || !slices.ContainsFunc(v.Callers[e], func(c int) bool { return usual[c][0] > 0 }) {
			n[0], n[1] = n[0]+u[0], n[1]+u[1]
		}
	}
	return n
}

// tracesAtEntries counts, per side, the traces of an even sample that pass an entry.
func tracesAtEntries(v *view.View) (n [2]int) {
	if !whole(v, "traces", evidence.TopicTraceSample) {
		return n
	}
	for _, r := range v.Traces.Ranges {
		if !v.Evidence.Traces[v.Traces.Nodes[r.From].Trace].Sampled {
			continue
		}
		for j := r.From; j < r.To; j++ {
			if e := v.Traces.Nodes[j].Entity; e >= 0 && isEntry(v, e) {
				n[view.SideOf(r.Baseline)]++
				break
			}
		}
	}
	return n
}
