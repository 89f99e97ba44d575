package correlate

import (
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// minOld is how many spans of the old version there must be while the new one
// runs: the last few that a replaced process finishes are no second version.
const minOld = 8

// inTurn is what a contrast of versions that ran one after the other is worth of
// one side by side: it shares the weakness of every comparison of times.
const inTurn = 0.4

// incidentSpans are the spans of an entity in the incident.
func (v *view) incidentSpans(e int) iter.Seq[*evidence.Span] {
	return func(yield func(*evidence.Span) bool) {
		for _, i := range v.traces.byEntity[e] {
			if n := &v.traces.nodes[i]; !v.c.Traces[n.trace].Baseline && !yield(n.span) {
				return
			}
		}
	}
}

// ranBy is when each version of an entity was seen in the incident, and which is
// the newest: that of the last deployment that was seen to run; empty when none
// was.
func (v *view) ranBy(e int) (ran map[string]*period, newest string) {
	ran = map[string]*period{}
	for sp := range v.incidentSpans(e) {
		version := sp.Attribute("service.version")
		if version == "" {
			continue
		}
		if ran[version] == nil {
			ran[version] = &period{}
		}
		ran[version].add(sp.Start)
	}
	for i := len(v.c.Deployments) - 1; i >= 0; i-- {
		if d := &v.c.Deployments[i]; d.Service == v.names[e] && ran[d.To] != nil {
			return ran, d.To
		}
	}
	return ran, ""
}

// tallySideBySide counts the spans of the newest version and of all others where
// both ran.
func (v *view) tallySideBySide(e int, ran map[string]*period, newest string) (now, old versionTally) {
	shared := map[string]period{} // with the newest, by old version
	for version, r := range ran {
		if version != newest {
			shared[version] = ran[newest].and(*r)
		}
	}
	return tallyVersions(v.incidentSpans(e), newest, func(version string, at time.Time) bool {
		if version != newest {
			return shared[version].contains(at)
		}
		for _, p := range shared {
			if p.contains(at) {
				return true
			}
		}
		return false
	})
}

// ranWell reports whether the newest version ran until the onset with less than
// half of the share of failures that it has over all: such a version did not
// bring the trouble.
func (v *view) ranWell(e int, newest string, all versionTally) bool {
	calm, _ := tallyVersions(v.incidentSpans(e), newest, func(_ string, at time.Time) bool { return at.Before(v.c.Onset.At) })
	return calm.n >= minOld && calm.failed*all.n < calm.n*all.failed/2
}

// versionsBySpans compares the failures of spans under two versions, where both
// run: a version that took another's place is compared with nothing at the same
// time.
func (v *view) versionsBySpans(e int) (finding, bool) {
	ran, newest := v.ranBy(e)
	if len(ran) < 2 || newest == "" {
		return finding{}, false
	}
	weight, when := 1.0, "at the same time"
	t, rest := v.tallySideBySide(e, ran, newest)
	if t.n == 0 || rest.n < minOld {
		// One took the other's place: what came after is compared with what was
		// before, which whatever else came at that time may explain as well.
		weight, when = inTurn, "before it"
		t, rest = tallyVersions(v.incidentSpans(e), newest, func(string, time.Time) bool { return true })
		if v.ranWell(e, newest, t) {
			return finding{}, false
		}
	}
	if rest.n < minOld {
		return finding{}, false
	}
	gain := float64(t.failed)/float64(t.n) - float64(rest.failed)/float64(rest.n)
	pooled := float64(t.failed+rest.failed+1) / float64(t.n+rest.n+2)
	sigma := gain / math.Sqrt(pooled*(1-pooled)*(1/float64(t.n)+1/float64(rest.n)))
	if gain < 0.05 || t.failed < 2 || sigma < minSigmaNew {
		return finding{}, false
	}
	return finding{
		entity: e, mechanism: MechanismError, strength: weight * stat.Squash(gain, 0.1) * stat.Squash(float64(t.failed), 2), seen: t.failed, total: t.n,
		said: fmt.Sprintf("%d of %d spans of %s fail with %s, %d of %d without", t.failed, t.n, v.names[e], shortRevision(newest), rest.failed, rest.n),
		why:  fmt.Sprintf("%d of %d spans of %s fail with %s and %d of %d without, %s", t.failed, t.n, v.names[e], newest, rest.failed, rest.n, when),
		refs: []evidence.Ref{{Kind: evidence.RefQuery, ID: "service.version=" + newest, Service: v.names[e]}},
	}, true
}
