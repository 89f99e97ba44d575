package correlate

import (
	"fmt"
	"math"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// versionSpans counts what the spans of one version of a service did in the incident.
type versionSpans struct {
	spans, failed int
	durations     []float64
}

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
	if newer.spans < least || older.spans < least {
		return Term{}
	}
	// The difference of two shares in units of its standard error, with half a
	// span added to each count so that no share is certain.
	pn, po := share(newer), share(older)
	fails := (pn - po) / math.Sqrt(variance(pn, newer.spans)+variance(po, older.spans))
	slow := stat.NewBaseline(older.durations).Z(stat.Median(newer.durations), float64(time.Millisecond))
	z := max(fails, slow)
	if z > 3 {
		return Term{ID: "commit/gray", Points: stat.Milli(float64(s.weights.gray) / 1000 * stat.Squash(z-3, 3)), Refs: []evidence.Ref{changeRef(l.change)}, Seen: newer.failed, Total: newer.spans,
			Why: fmt.Sprintf("side by side, %d of %d spans of the new version of %s fail, of the old one %d of %d", newer.failed, newer.spans, l.service, older.failed, older.spans)}
	}
	if po > 0.05 && z < 1 {
		return Term{ID: "commit/gray", Points: -s.weights.gray, Refs: []evidence.Ref{changeRef(l.change)}, Seen: older.failed, Total: older.spans,
			Why: fmt.Sprintf("the old version of %s, running beside the new one, fails as often: %d of %d", l.service, older.failed, older.spans)}
	}
	return Term{}
}

func share(x versionSpans) float64 { return (float64(x.failed) + 0.5) / (float64(x.spans) + 1) }

func variance(p float64, n int) float64 { return p * (1 - p) / float64(n) }

// sides splits the incident's spans of a service by version: that which the
// deployment brought, and any other.
func (s *commitScorer) sides(l live) (newer, older versionSpans) {
	to := l.change.To
	if to == "" {
		return newer, older
	}
	for _, t := range s.c.Traces {
		if t.Baseline {
			continue
		}
		for i := range t.Spans {
			sp := &t.Spans[i]
			version := sp.Attribute("service.version")
			if sp.Service != l.service || version == "" || sp.Start.Before(l.change.Time) {
				continue
			}
			at := &older
			if version == to {
				at = &newer
			}
			at.spans++
			if sp.Failed {
				at.failed++
			}
			at.durations = append(at.durations, float64(sp.Duration))
		}
	}
	return newer, older
}
