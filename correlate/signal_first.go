package correlate

import (
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// firstInTime gives the entity whose trouble shows first a little, and those
// that follow within a minute less: causes precede effects, but clocks and
// scrape intervals blur the order.
func firstInTime(v *view) []finding {
	first := make([]time.Time, len(v.names))
	note := func(e int, t time.Time) {
		if !t.IsZero() && (first[e].IsZero() || t.Before(first[e])) {
			first[e] = t
		}
	}
	for i := range v.logs.templates {
		if f := &v.logs.templates[i]; f.severity >= evidence.SeverityError && f.count[0] == 0 {
			note(f.entity, f.first)
		}
	}
	for i := range v.traces.nodes {
		if n := &v.traces.nodes[i]; n.failed && n.entity >= 0 && !v.c.Traces[n.trace].Baseline {
			note(n.entity, n.span.Start)
		}
	}
	for i, r := range v.traces.ranges {
		if !r.baseline {
			for _, e := range v.strays(i) {
				note(e, v.traces.nodes[r.from].span.Start)
			}
		}
	}
	var earliest time.Time
	for _, t := range first {
		if !t.IsZero() && (earliest.IsZero() || t.Before(earliest)) {
			earliest = t
		}
	}
	var out []finding
	for e, t := range first {
		if t.IsZero() {
			continue
		}
		late := t.Sub(earliest).Seconds()
		out = append(out, finding{entity: e, strength: 10 / (10 + late), said: firstWords(v.names[e], late), why: fmt.Sprintf("the first failure at %s comes %.0f s after the first anywhere", v.names[e], late)})
	}
	return out
}

func firstWords(entity string, late float64) string {
	if late < 1 {
		return "nothing fails before " + entity + " does"
	}
	return fmt.Sprintf("%s fails %s after the first failure anywhere", entity, amount(late, "s"))
}
