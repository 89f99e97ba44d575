package suspect

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// mostCommits is how many suspects a cause lists; NoCommit is always among them.
const mostCommits = 10

// setTrigger gives a cause its suspects and says what set it off: the best commit or
// change if it beats the answer "none", else the operational fault that is seen.
// Where no commit is known the trigger that the evidence itself suggests stays.
func (s *Scorer) setTrigger(cause *report.Cause) {
	ranked := s.score(cause)
	cause.Commits = shortened(ranked)
	cause.Suspicion = suspicion(ranked, s.by)
	if len(ranked) > 0 && ranked[0].SHA != report.NoCommit {
		ch := s.changeOf(ranked[0], cause)
		cause.Trigger, cause.Decision, cause.Change = report.TriggerCode, ranked[0].Decision, ch.ID
		if ch.Kind != "" && ch.Kind != evidence.ChangeDeploy {
			cause.Trigger = report.TriggerOf(ch.Kind)
		}
		return
	}
	if sig, strength := s.Operational(cause, s.SeenAt(cause)); strength >= s.by.Commit.None.Least {
		cause.Trigger, cause.Change = triggerOf(sig), ""
		return
	}
	if s.readable() {
		cause.Trigger, cause.Change = triggerWithoutCommit(cause), ""
	}
}

// readable reports whether what any of the commits does is known. Where none is,
// that none stands out says little about the code.
func (s *Scorer) readable() bool {
	return slices.ContainsFunc(s.candidates, func(cd Candidate) bool { return !cd.bare })
}

// triggerWithoutCommit is what set a cause off when every commit was looked at
// and none produces what is seen, and no operational fault says its name. What
// starves or kills a process from outside its code is the infrastructure;
// errors and delays without a reason stay unknown.
func triggerWithoutCommit(cause *report.Cause) report.Trigger {
	switch cause.Trigger {
	case report.TriggerInfra, report.TriggerLoad:
		return cause.Trigger
	}
	switch cause.Entity.Kind {
	case evidence.KindDatabase, evidence.KindQueue, evidence.KindExternal, evidence.KindNode:
		return report.TriggerInfra // none of our commits runs there
	}
	switch cause.Mechanism {
	case report.MechanismResource, report.MechanismAbsence, report.MechanismExternal:
		return report.TriggerInfra
	case report.MechanismSurge, report.MechanismData:
		return report.TriggerLoad
	}
	return report.TriggerNone
}

// shortened keeps the best, and "none" wherever it stands.
func shortened(ranked []report.CommitScore) []report.CommitScore {
	if len(ranked) <= mostCommits {
		return ranked
	}
	out := slices.Clone(ranked[:mostCommits])
	for _, r := range ranked[mostCommits:] {
		if r.SHA == report.NoCommit {
			out[mostCommits-1] = r
		}
	}
	return out
}

// changeOf is the deployment or other change by which a suspect went live nearest
// to the cause.
func (s *Scorer) changeOf(x report.CommitScore, cause *report.Cause) evidence.Change {
	for i := range s.candidates {
		if cd := &s.candidates[i]; cd.Commit.SHA == x.SHA && cd.changeID() == x.Change {
			l, _ := s.wentLive(cd, cause)
			return l.Change
		}
	}
	return evidence.Change{}
}
