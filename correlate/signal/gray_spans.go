package signal

import (
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
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

// ranBy is when each version of an entity was seen in the incident, and which is
// the newest: that of the last deployment that was seen to run; empty when none
// was.
func ranBy(v *view.View, e int) (ran map[string]*Period, newest string) {
	ran = map[string]*Period{}
	for sp := range incidentSpans(v, e) {
		version := sp.Attribute("service.version")
		if version == "" {
			continue
		}
		if ran[version] == nil {
			ran[version] = &Period{}
		}
		ran[version].add(sp.Start)
	}
	for i := len(v.Evidence.Deployments) - 1; i >= 0; i-- {
		if d := &v.Evidence.Deployments[i]; d.Service == v.Names[e] && ran[d.To] != nil {
			return ran, d.To
		}
	}
	return ran, ""
}

// tallySideBySide counts the spans of the newest version and of all others where
// both ran.
func tallySideBySide(v *view.View, e int, ran map[string]*Period, newest string) (now, old view.VersionTally) {
	shared := map[string]Period{} // with the newest, by old version
	for version, r := range ran {
		if version != newest {
			shared[version] = ran[newest].And(*r)
		}
	}
	return view.TallyVersions(incidentSpans(v, e), newest, func(version string, at time.Time) bool {
		if version != newest {
			return shared[version].Contains(at)
		}
		for _, p := range shared {
			if p.Contains(at) {
				return true
			}
		}
		return false
	})
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
	ran, newest := ranBy(v, e)
	if len(ran) < 2 || newest == "" {
		return Finding{}, false
	}
	weight, when := 1.0, "at the same time"
	t, rest := tallySideBySide(v, e, ran, newest)
	if t.N == 0 || rest.N < by.Spans {
		// One took the other's place: what came after is compared with what was
		// before, which whatever else came at that time may explain as well.
		weight, when = by.InTurn, "before it"
		t, rest = view.TallyVersions(incidentSpans(v, e), newest, func(string, time.Time) bool { return true })
		if ranWell(v, e, newest, t) {
			return Finding{}, false
		}
	}
	if rest.N < by.Spans {
		return Finding{}, false
	}
	gain := float64(t.Failed)/float64(t.N) - float64(rest.Failed)/float64(rest.N)
	pooled := float64(t.Failed+rest.Failed+1) / float64(t.N+rest.N+2)
	sigma := gain / math.Sqrt(pooled*(1-pooled)*(1/float64(t.N)+1/float64(rest.N)))
	if gain < by.Gain || t.Failed < by.Failed || sigma < by.Sigma {
		return Finding{}, false
	}
	return Finding{
		Entity: e, Mechanism: report.MechanismError, Strength: weight * stat.Squash(gain, by.GainHalf) * stat.Squash(float64(t.Failed), by.FailedHalf), Seen: t.Failed, Total: t.N,
		Said: fmt.Sprintf("%d of %d spans of %s fail with %s, %d of %d without", t.Failed, t.N, v.Names[e], wording.ShortRevision(newest), rest.Failed, rest.N),
		Why:  fmt.Sprintf("%d of %d spans of %s fail with %s and %d of %d without, %s", t.Failed, t.N, v.Names[e], newest, rest.Failed, rest.N, when),
		Refs: []evidence.Ref{{Kind: evidence.RefQuery, ID: "service.version=" + newest, Service: v.Names[e]}}, Source: "traces",
	}, true
}
