package suspect

import (
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// cleared says why a commit cannot have done it; false when it can.
func (s *Scorer) cleared(cd *Candidate, cause *report.Cause) (feature, bool) {
	refs := []evidence.Ref{cd.ref()}
	switch _, ok := s.wentLive(cd, cause); {
	case !ok && cd.change != nil:
		return feature{id: "commit/not-live", term: "change/after", value: 1000, why: "it came after the trouble had begun", refs: refs}, true
	case !ok && len(cd.Lives) > 0:
		return feature{id: "commit/not-live", value: 1000, why: "it went live only after the trouble had begun", refs: refs}, true
	case !ok:
		return feature{id: "commit/not-live", value: 1000, why: "it is in no deployment that is known", refs: refs}, true
	case cd.innocuous && !cd.missed:
		return feature{id: "commit/innocuous", value: 1000, why: "it changes nothing that runs: only comments, tests, documents, blanks, generated, moved or renamed lines", refs: refs}, true
	case cd.reverted:
		return feature{id: "commit/reverted", value: 1000, why: "it had been taken back before the onset", refs: refs}, true
	case cd.merged:
		return feature{id: "commit/merge", value: 1000, why: "it merges commits that are suspects themselves", refs: refs}, true
	}
	return feature{}, false
}

// wentLive is where and when a commit went live nearest to a cause in time to
// have set it off; false when it did not.
func (s *Scorer) wentLive(cd *Candidate, cause *report.Cause) (live, bool) {
	until := s.latestFor(cd, cause)
	best, found := live{}, false
	for _, l := range cd.Lives {
		if !l.Change.Time.After(until) && (!found || s.closer(l, best, cause)) {
			best, found = l, true
		}
	}
	return best, found
}
