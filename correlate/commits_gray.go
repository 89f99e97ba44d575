package correlate

import (
	"fmt"
	"math"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// grayTerm contrasts two versions of one service that ran side by side in the
// incident, under the same load: where only the newer one fails or is slow, the
// deployment is at fault; where both do, it is not. It needs ten spans of
// either, or the contrast of the versions' metrics; of both and of several
// deployments the clearest counts.
func (s *commitScorer) grayTerm(cd *candidate, cause *Cause) Term {
	best := Term{}
	for _, l := range cd.lives {
		if l.service != cause.Entity.Name && !s.reach.dependsOn(cause.Entity.Name, l.service) {
			continue
		}
		for _, t := range []Term{s.contrast(l), s.contrastByMetric(l, cause)} {
			if max(t.Points, -t.Points) > max(best.Points, -best.Points) {
				best = t
			}
		}
	}
	return best
}

// contrastByMetric takes over what the contrast of the versions' metrics says of
// the entity, for the deployment that brought its newest version.
func (s *commitScorer) contrastByMetric(l live, cause *Cause) Term {
	if l.service != cause.Entity.Name {
		return Term{}
	}
	for _, d := range s.c.Deployments {
		if d.Service == l.service && d.Change.Time.After(l.change.Time) && !d.Change.Time.After(s.latestChange()) {
			return Term{}
		}
	}
	points, why := 0, ""
	var refs []evidence.Ref
	for _, t := range cause.Terms {
		if t.ID == "change/gray" && max(t.Points, -t.Points) > max(points, -points) {
			points, why, refs = t.Points*s.weights.gray/weightOf(t.ID), t.Why, t.Refs
		}
	}
	return Term{ID: "commit/gray", Points: points, Why: why, Refs: refs}
}

func (s *commitScorer) contrast(l live) Term {
	newer, older := s.sides(l)
	const least = 10
	if newer.n < least || older.n < least {
		return Term{}
	}
	// The difference of two shares in units of its standard error, with half a
	// span added to each count so that no share is certain.
	pn, po := share(newer), share(older)
	fails := (pn - po) / math.Sqrt(variance(pn, newer.n)+variance(po, older.n))
	slow := stat.NewBaseline(older.durations).Z(stat.Median(newer.durations), float64(time.Millisecond))
	z := max(fails, slow)
	if z > 3 {
		return Term{ID: "commit/gray", Points: stat.Milli(float64(s.weights.gray) / 1000 * stat.Squash(z-3, 3)), Refs: []evidence.Ref{changeRef(l.change)}, Seen: newer.failed, Total: newer.n,
			Why: fmt.Sprintf("side by side, %d of %d spans of the new version of %s fail, of the old one %d of %d", newer.failed, newer.n, l.service, older.failed, older.n)}
	}
	if po > 0.05 && z < 1 {
		return Term{ID: "commit/gray", Points: -s.weights.gray, Refs: []evidence.Ref{changeRef(l.change)}, Seen: older.failed, Total: older.n,
			Why: fmt.Sprintf("the old version of %s, running beside the new one, fails as often: %d of %d", l.service, older.failed, older.n)}
	}
	return Term{}
}

func share(t versionTally) float64 { return (float64(t.failed) + 0.5) / (float64(t.n) + 1) }

func variance(p float64, n int) float64 { return p * (1 - p) / float64(n) }

// sides splits the incident's spans of a service by version: that which the
// deployment brought, and any other, from the deployment on.
func (s *commitScorer) sides(l live) (newer, older versionTally) {
	if l.change.To == "" {
		return newer, older
	}
	return tallyVersions(s.c.incidentSpans(l.service), l.change.To, func(_ string, at time.Time) bool { return !at.Before(l.change.Time) })
}
