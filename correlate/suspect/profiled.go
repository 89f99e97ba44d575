package suspect

import (
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// profileTerm is the feature of lines whose cost profiles saw grow. What a verdict
// rests on leaves it out: few services are profiled.
const profileTerm = "commit/profile"

// profileFeature asks which part of what grew in a cause's entity, as its profiles
// tell, is at lines that the commit wrote: 1000 for all, by the kind of profile that
// says most.
func (s *Scorer) profileFeature(cd *Candidate, cause *report.Cause) feature {
	best := feature{id: profileTerm}
	for i := range s.Evidence.Profiles {
		p := &s.Evidence.Profiles[i]
		if p.Service != cause.Entity.Name {
			continue
		}
		own, all, at := 0.0, 0.0, ""
		for j := range p.Places {
			place := &p.Places[j]
			if p.Before.IsZero() && place.BadShare == 0 {
				continue // it may always have been so
			}
			grown := max(place.Now-place.Was, 0)
			all += grown
			if l, ok := place.Commit(); ok && l.Commit == cd.Commit.SHA {
				if own += grown; at == "" {
					at = place.Line()
				}
			}
		}
		if all <= 0 {
			continue
		}
		if v := int(1000 * own / all); v > best.value {
			best.value, best.why = v, "it wrote "+at+", which costs more than before as the "+string(p.Kind)+" profile shows"
			best.refs = []evidence.Ref{{Kind: evidence.RefCode, ID: at, Service: p.Service, Time: p.During.Start}}
		}
	}
	return best
}

// creditProfiles notes which part of every share is owed to what profiles tell.
func creditProfiles(list []report.CommitScore, by *weights.Set) {
	bare := make([]int, len(list))
	for i, x := range list {
		bare[i] = x.Score
		for _, t := range x.Terms {
			if t.ID == profileTerm {
				bare[i] -= t.Points
			}
		}
	}
	for i, share := range Beliefs(bare, by) {
		list[i].ByProfiles = list[i].Share - milli(share)
	}
}
