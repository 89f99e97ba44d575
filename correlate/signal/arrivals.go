package signal

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// MayBeSurge reports whether more requests than usual may have come without any
// measure that would tell: no entry's are measured, and neither the plain lines that
// entries write nor the traces that pass them rule it out. What was cut or not read
// tells nothing of how much there was.
func MayBeSurge(v *view.View) bool {
	for e := range v.Names {
		if f, _ := requestGain(v, e); f != nil && isEntry(v, e) {
			return false
		}
	}
	times := max(rise(v, linesAtEntries(v), v.Logs.Minutes), rise(v, tracesAtEntries(v), v.Watched()))
	return times == 0 || times > v.By.Signal.Surge.Steady
}

// isEntry reports whether requests come from outside to an entity: nobody is known
// to call it, or it is where the alert stands.
func isEntry(v *view.View, e int) bool { return len(v.Callers[e]) == 0 || v.Alerting[e] }

// rise is how many times the normal rate something has in the incident, 0 where too
// little is known of either; minutes are the distinct ones of each side.
func rise(v *view.View, n, minutes [2]int) float64 {
	if n[0] < v.By.Signal.Surge.Counted || minutes[0] == 0 || minutes[1] == 0 {
		return 0
	}
	during := float64(minutes[1])
	if d := v.Evidence.Incident.Duration().Minutes(); d > 0 {
		during = min(during, max(1, d)) // its first and last are minutes in part
	}
	return float64(n[1]) / during * float64(minutes[0]) / float64(n[0])
}

// whole reports whether nothing of a kind of question was cut or went unanswered.
func whole(v *view.View, source string, topic evidence.Topic) bool {
	i := slices.IndexFunc(v.Evidence.Coverage, func(r evidence.Coverage) bool { return r.Source == source && r.Key == topic })
	return i < 0 || v.Evidence.Coverage[i].Status == evidence.CoverageAnswered && len(v.Evidence.Coverage[i].Missing) == 0
}

// linesAtEntries counts, per side, the lines that entries write as a rule, failures
// left out: those come in other numbers than requests do.
func linesAtEntries(v *view.View) (n [2]int) {
	if !whole(v, "logs", evidence.TopicLines) {
		return n
	}
	for i := range v.Logs.Templates {
		if f := &v.Logs.Templates[i]; f.Count[0] > 0 && f.Severity < evidence.SeverityWarn && isEntry(v, f.Entity) {
			n[0], n[1] = n[0]+f.Count[0], n[1]+f.Count[1]
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
