package suspect

import (
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Summary is what the ranking of commits knows beside each cause's own list:
// all that the report needs of it, so that nothing later asks the evidence again.
type Summary struct {
	// Hit are the entities that show symptoms, in the order in which they began;
	// Suffering leaves out those that the first cause merely calls.
	Hit, Suffering []string
	// Way are the entities from the first cause up to what alerts.
	Way []string
	// Commit is the first cause's first suspect, nil where that is no commit;
	// Release is the change that brought it to the cause's entity.
	Commit  *evidence.Commit
	Release evidence.Change
	// Untouched are the entities of which Commit touches nothing, by name; those
	// alone that changes were made on.
	Untouched map[string]bool
	// Fault is the operational fault seen at the first cause, empty for none.
	Fault mechanism.Signature
}

// Summary answers for causes that SetTriggers has put in order.
func (s *Scorer) Summary(causes []report.Cause) Summary {
	hit := s.HitBy()
	out := Summary{Hit: hit, Suffering: s.Sufferers(causes, hit)}
	if len(causes) == 0 {
		return out
	}
	first := &causes[0]
	out.Way = s.calls.Way(s.Evidence.Alerting, first.Entity.Name)
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
	out.Untouched = map[string]bool{}
	for _, ch := range s.Evidence.Changes {
		if !s.touches(cd, ch.Service) {
			out.Untouched[ch.Service] = true
		}
	}
	for _, l := range cd.Lives {
		if l.Service == first.Entity.Name && evidence.SameRevision(l.Change.Commit, cd.Commit.SHA) {
			out.Release = l.Change
		}
	}
	return out
}

// touches reports whether a commit may change what a service does: it touches the
// service's own code or code that is nobody's in particular; true where that is
// not known.
func (s *Scorer) touches(cd *Candidate, service string) bool {
	if service == "" || len(cd.Commit.Files)+len(cd.Commit.Services) == 0 {
		return true
	}
	own, shared := s.Reach.touches(cd.Commit, service)
	return own || shared
}
