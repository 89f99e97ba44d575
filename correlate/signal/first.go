package signal

import (
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// firstInTime gives the entity whose trouble shows first a little, and those
// that follow soon less: causes precede effects, but clocks and
// scrape intervals blur the order.
func firstInTime(v *view.View) []Finding {
	first, seen := make([]time.Time, len(v.Names)), make([]evidence.Ref, len(v.Names))
	note := func(e int, t time.Time, ref func() evidence.Ref) {
		if !t.IsZero() && (first[e].IsZero() || t.Before(first[e])) {
			first[e], seen[e] = t, ref()
		}
	}
	for i := range v.Logs.Templates {
		if f := &v.Logs.Templates[i]; f.Severity >= evidence.SeverityError && f.Count[0] == 0 {
			note(f.Entity, f.First, func() evidence.Ref { return lineRef(v, f.Begin) })
		}
	}
	unusual := view.Unusual(v.Evidence)
	for i := range v.Traces.Nodes {
		if n := &v.Traces.Nodes[i]; n.Failed && unusual(n.Span) && n.Entity >= 0 && !v.Evidence.Traces[n.Trace].Baseline {
			note(n.Entity, n.Span.Start, func() evidence.Ref { return spanRef(v, i) })
		}
	}
	for i, r := range v.Traces.Ranges {
		if !r.Baseline {
			for _, e := range v.ChangedPaths(i) {
				note(e, v.Traces.Nodes[r.From].Span.Start, func() evidence.Ref { return spanRef(v, r.From) })
			}
		}
	}
	var earliest time.Time
	for _, t := range first {
		if !t.IsZero() && (earliest.IsZero() || t.Before(earliest)) {
			earliest = t
		}
	}
	var out []Finding
	half := v.By.Signal.First.LateHalf
	for e, t := range first {
		if t.IsZero() {
			continue
		}
		late := t.Sub(earliest).Seconds()
		out = append(out, Finding{Entity: e, Strength: half / (half + late), Refs: []evidence.Ref{seen[e]}, Said: firstWords(v.Names[e], late), Why: fmt.Sprintf("the first failure at %s comes %.0f s after the first anywhere", v.Names[e], late)})
	}
	return out
}

func firstWords(entity string, late float64) string {
	if late < 1 {
		return "nothing fails before " + entity + " does"
	}
	return fmt.Sprintf("%s fails %s after the first failure anywhere", entity, wording.Amount(late, "s"))
}
