package signal

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// incidentSpans are the spans of an entity in the incident.
func incidentSpans(v *view.View, e int) iter.Seq[*evidence.Span] {
	return func(yield func(*evidence.Span) bool) {
		for _, i := range v.Traces.ByEntity[e] {
			if n := &v.Traces.Nodes[i]; !v.Evidence.Traces[n.Trace].Baseline && !yield(n.Span) {
				return
			}
		}
	}
}

// newestSeen is the version that the last deployment brought of those that were
// seen to run; empty where none was.
func newestSeen(v *view.View, e int, ran map[string]*view.Period) string {
	for i := len(v.Evidence.Deployments) - 1; i >= 0; i-- {
		if d := &v.Evidence.Deployments[i]; d.Service == v.Names[e] && ran[d.To] != nil {
			return d.To
		}
	}
	return ""
}

// ranWell reports whether the newest version ran until the onset with far
// less of the share of failures that it has over all: such a version did not
// bring the trouble.
func ranWell(v *view.View, e int, newest string, all view.VersionTally) bool {
	calm, _ := view.TallyVersions(incidentSpans(v, e), newest, func(_ string, at time.Time) bool { return at.Before(v.Evidence.Onset.At) })
	return calm.N >= v.By.View.Versions.Spans && float64(calm.Failed*all.N) < v.By.View.Versions.Well*float64(calm.N*all.Failed)
}

// VersionsBySpans compares the failures of spans under two versions, where both
// run: a version that took another's place is compared with nothing at the same
// time.
func VersionsBySpans(v *view.View, e int) (Finding, bool) {
	by := &v.By.View.Versions
	ran := view.VersionPeriods(incidentSpans(v, e))
	newest := newestSeen(v, e, ran)
	if len(ran) < 2 || newest == "" {
		return Finding{}, false
	}
	weight, when := 1.0, "at the same time"
	t, rest := view.SideBySide(incidentSpans(v, e), newest)
	if t.N == 0 || rest.N < by.Spans {
		// One took the other's place: what came after is compared with what was
		// before, which whatever else came at that time may explain as well.
		weight, when = by.InTurn, "before it"
		t, rest = view.TallyVersions(incidentSpans(v, e), newest, func(string, time.Time) bool { return true })
		if ranWell(v, e, newest, t) {
			return Finding{}, false
		}
	}
	strength := t.FailsMore(rest, v.By)
	if strength == 0 {
		return Finding{}, false
	}
	return Finding{
		Entity: e, Mechanism: report.MechanismError, Strength: weight * strength, Seen: t.Failed, Total: t.N, Counts: "spans read of the new version failed",
		Said: fmt.Sprintf("%d of %d spans of %s fail with %s, %d of %d without", t.Failed, t.N, v.Names[e], evidence.ShortRevision(newest), rest.Failed, rest.N),
		Why:  fmt.Sprintf("%d of %d spans of %s fail with %s and %d of %d without, %s", t.Failed, t.N, v.Names[e], newest, rest.Failed, rest.N, when),
		Refs: failedWith(v, e, newest), Source: "traces",
	}, true
}

// failedWith points at failing spans of one version of an entity in the incident,
// in order of time.
func failedWith(v *view.View, e int, version string) []evidence.Ref {
	var idx []int
	for _, i := range v.Traces.ByEntity[e] {
		n := &v.Traces.Nodes[i]
		if n.Failed && !v.Evidence.Traces[n.Trace].Baseline && n.Span.Attribute("service.version") == version {
			idx = append(idx, i)
		}
	}
	slices.SortFunc(idx, func(a, b int) int {
		x, y := v.Traces.Nodes[a].Span, v.Traces.Nodes[b].Span
		return cmp.Or(x.Start.Compare(y.Start), cmp.Compare(x.SpanID, y.SpanID))
	})
	var refs []evidence.Ref
	for _, i := range idx[:min(len(idx), view.MaxRefs)] {
		refs = append(refs, spanRef(v, i))
	}
	return refs
}
