package signal

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// suffers reports whether an entity is seen to do worse than before: its own time by
// spans, its own measures of slowness and failure, its spans and lines about failures
// of its own. What it uses more of explains nothing where nothing of this is seen.
func suffers(v *view.View, e int) bool {
	longer, bySpans := slowdown(v, e)
	if bySpans && longer >= v.By.Signal.Resource.Slowdown {
		return true
	}
	// Its own measures count what it waits for, and the failures of what it calls. Where
	// no spans tell them apart, those of whoever calls nobody are its own.
	leaf := len(v.Callees[e]) == 0
	hurt := Worst(v, e, func(f *view.Metric) bool {
		return !f.Client && !f.Node && (isLatency(f) && leaf && !bySpans || (f.Class == metric.ClassError || f.Class == metric.ClassSuccess) && (leaf || bySpans) || f.Class == metric.ClassRestart)
	})
	return len(hurt) > 0 || failsByLines(v, e) || failsBySpans(v, e)
}

// failsByLines reports whether an entity writes new or more error lines about itself.
func failsByLines(v *view.View, e int) bool {
	return slices.ContainsFunc(v.Logs.ByEnt[e], func(t int) bool {
		f := &v.Logs.Templates[t]
		return f.Severity >= evidence.SeverityError && !tellsOfOthers(v, t) && rateGain(v, t) > v.By.Signal.External.Fails
	})
}

// failsBySpans reports whether spans of an entity fail in the incident below which
// nothing does.
func failsBySpans(v *view.View, e int) bool {
	return slices.ContainsFunc(v.Traces.ByEntity[e], func(i int) bool {
		n := &v.Traces.Nodes[i]
		below := slices.ContainsFunc(n.Children, func(c int) bool { return v.Traces.Nodes[c].Failed })
		return n.Failed && !below && !v.Evidence.Traces[n.Trace].Baseline
	})
}
