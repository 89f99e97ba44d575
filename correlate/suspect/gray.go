package suspect

import (
	"fmt"
	"math"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// grayFeature contrasts two versions of one service that ran side by side in the
// incident, under the same load: where only the newer one fails or is slow, the
// deployment is at fault; where both do, it is not. It needs some spans of
// either, or the contrast of the versions' metrics; of both and of several
// deployments the clearest counts. 1000 is a sure contrast, -1000 that there is
// none.
func (s *Scorer) grayFeature(cd *Candidate, cause *report.Cause) feature {
	best := feature{id: "commit/gray"}
	for _, l := range cd.Lives {
		if l.Service != cause.Entity.Name && !s.Reach.dependsOn(cause.Entity.Name, l.Service) {
			continue
		}
		for _, f := range []feature{s.contrast(l), s.contrastByMetric(l, cause)} {
			if max(f.value, -f.value) > max(best.value, -best.value) {
				best = f
			}
		}
	}
	return best
}

// contrastByMetric takes over what the contrast of the versions' metrics says of
// the entity, for the deployment that brought its newest version.
func (s *Scorer) contrastByMetric(l live, cause *report.Cause) feature {
	if l.Service != cause.Entity.Name {
		return feature{}
	}
	for _, d := range s.Evidence.Deployments {
		if d.Service == l.Service && d.Change.Time.After(l.Change.Time) && !d.Change.Time.After(s.Evidence.Onset.LastCause()) {
			return feature{}
		}
	}
	out := feature{id: "commit/gray"}
	for _, t := range cause.Terms {
		if t.ID == "change/gray" && max(t.Points, -t.Points)*1000/s.by.Of(t.ID) > max(out.value, -out.value) {
			out.value, out.why, out.refs = t.Points*1000/s.by.Of(t.ID), t.Why, t.Refs
		}
	}
	return out
}

func (s *Scorer) contrast(l live) feature {
	newer, older := s.sides(l)
	by := &s.by.Commit.SideBySide
	if newer.N < by.Spans || older.N < by.Spans {
		return feature{}
	}
	// The difference of two shares in units of its standard error, with half a
	// span added to each count so that no share is certain.
	pn, po := share(newer), share(older)
	fails := (pn - po) / math.Sqrt(variance(pn, newer.N)+variance(po, older.N))
	slow := stat.NewBaseline(older.Durations).Z(stat.Median(newer.Durations), float64(time.Millisecond))
	z := max(fails, slow)
	if z > by.Sigma {
		return feature{id: "commit/gray", value: stat.Milli(stat.Squash(z-by.Sigma, by.Sigma)), refs: []evidence.Ref{changeRef(l.Change)}, seen: newer.Failed, total: newer.N,
			why: fmt.Sprintf("side by side, %d of %d spans of the new version of %s fail, of the old one %d of %d", newer.Failed, newer.N, l.Service, older.Failed, older.N)}
	}
	if po > by.Fails && z < by.Alike {
		return feature{id: "commit/gray", value: -1000, refs: []evidence.Ref{changeRef(l.Change)}, seen: older.Failed, total: older.N,
			why: fmt.Sprintf("the old version of %s, running beside the new one, fails as often: %d of %d", l.Service, older.Failed, older.N)}
	}
	return feature{}
}

func share(t view.VersionTally) float64 { return (float64(t.Failed) + 0.5) / (float64(t.N) + 1) }

func variance(p float64, n int) float64 { return p * (1 - p) / float64(n) }

// sides splits the incident's spans of a service by version: that which the
// deployment brought, and any other, from the deployment on.
func (s *Scorer) sides(l live) (newer, older view.VersionTally) {
	if l.Change.To == "" {
		return newer, older
	}
	return view.TallyVersions(view.IncidentSpans(s.Evidence, l.Service), l.Change.To, func(_ string, at time.Time) bool { return !at.Before(l.Change.Time) })
}
