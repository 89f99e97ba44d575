package suspect

import (
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Settled is what the ranking of commits knows beside each cause's own list:
// all that the report needs of it, so that nothing later asks the evidence again.
type Settled struct {
	// Hit are the entities that show symptoms, in the order in which they began;
	// Suffering leaves out those that the first cause merely calls.
	Hit, Suffering []string
	// Way are the entities from the first cause up to what alerts.
	Way []string
	// Commit is the first cause's first suspect, nil where that is no commit;
	// Release is the change that brought it to the cause's entity.
	Commit  *evidence.Commit
	Release evidence.Change
	// Fault is the operational fault seen at the first cause, empty for none.
	Fault mechanism.Signature
}

// Settled answers for causes that Settle has put in order.
func (s *Scorer) Settled(causes []report.Cause) Settled {
	hit := s.HitBy()
	out := Settled{Hit: hit, Suffering: s.Sufferers(causes, hit)}
	if len(causes) == 0 {
		return out
	}
	first := &causes[0]
	out.Way = s.Reach.Way(s.Evidence.Alerting, first.Entity.Name)
	if sig, strength := s.Operational(first, s.SeenAt(first)); strength >= s.by.Commit.None.Least {
		out.Fault = sig
	}
	if len(first.Commits) == 0 {
		return out
	}
	cd := s.CandidateOf(first.Commits[0].SHA)
	if cd == nil {
		return out
	}
	out.Commit = &cd.Commit
	for _, l := range cd.Lives {
		if l.Service == first.Entity.Name && evidence.SameRevision(l.Change.Commit, cd.Commit.SHA) {
			out.Release = l.Change
		}
	}
	return out
}
