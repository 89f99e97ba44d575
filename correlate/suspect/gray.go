package suspect

import (
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
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
		if l.Service != cause.Entity.Name && !s.calls.Reaches(cause.Entity.Name, l.Service) {
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
		if d.Service == l.Service && d.Change.Time.After(l.Change.Time) && !d.Change.Time.After(s.Evidence.LastCause()) {
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

// contrast holds the spans of the version that a deployment brought against those
// of the others that ran beside it, as the rule about two versions does.
func (s *Scorer) contrast(l live) feature {
	if l.Change.To == "" {
		return feature{}
	}
	newer, older := view.SideBySide(view.IncidentSpans(s.Evidence, l.Service), l.Change.To)
	refs := []evidence.Ref{changeRef(l.Change)}
	fails, slow := newer.FailsMore(older, s.by), newer.Slower(older, s.by)
	switch {
	case fails > 0 && fails >= slow:
		return feature{id: "commit/gray", value: stat.Milli(fails), refs: refs, seen: newer.Failed, total: newer.N,
			why: fmt.Sprintf("side by side, %d of %d spans of the new version of %s fail, of the old one %d of %d", newer.Failed, newer.N, l.Service, older.Failed, older.N)}
	case slow > 0:
		return feature{id: "commit/gray", value: stat.Milli(slow), refs: refs, seen: newer.N, total: newer.N + older.N,
			why: fmt.Sprintf("side by side, spans of %s take %s with the new version and %s with the old one", l.Service, lasting(newer), lasting(older))}
	case newer.Alike(older, s.by):
		return feature{id: "commit/gray", value: -1000, refs: refs, seen: older.Failed, total: older.N,
			why: fmt.Sprintf("the old version of %s, running beside the new one, fails as often: %d of %d", l.Service, older.Failed, older.N)}
	}
	return feature{}
}

// lasting is the median duration of a version's spans in words.
func lasting(t view.VersionTally) string {
	return wording.Amount(stat.Median(t.Durations)/float64(time.Second), "s")
}
