package suspect

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// mostCommits is how many suspects a cause lists; NoCommit is always among them.
const mostCommits = 10

// settle gives a cause its suspects and says what set it off: the best commit if
// it beats the answer "none", else the best flag, configuration or migration
// that does, else the operational fault that is seen. Where no commit is known
// the trigger that the evidence itself suggests stays.
func (s *Scorer) settle(cause *report.Cause) {
	ranked := s.score(cause)
	cause.Commits = shortened(ranked)
	cause.Suspicion = suspicion(ranked, s.by.Commit.Word)
	if len(ranked) > 0 && ranked[0].SHA != report.NoCommit {
		ch := s.changeOf(ranked[0].SHA, cause)
		cause.Trigger, cause.Decision, cause.Change = report.TriggerCode, ranked[0].Decision, ch.ID
		if ch.Kind != "" && ch.Kind != evidence.ChangeDeploy {
			cause.Trigger = report.TriggerOf(ch.Kind)
		}
		return
	}
	if ch, score := s.bestChange(cause); score > operational(ranked) {
		cause.Trigger, cause.Change = report.TriggerOf(ch.Kind), ch.ID
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

// operational are the points that "none" has by faults that no change of any kind
// produces, not below zero; what else it has speaks about commits only.
func operational(ranked []report.CommitScore) int {
	sum := 0
	for _, r := range ranked {
		for _, t := range r.Terms {
			if r.SHA == report.NoCommit && (t.ID == "commit/operational" || t.ID == "commit/unexplained") {
				sum += t.Points
			}
		}
	}
	return max(0, sum)
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
	out := ranked[:mostCommits:mostCommits]
	for _, r := range ranked[mostCommits:] {
		if r.SHA == report.NoCommit {
			out[mostCommits-1] = r
		}
	}
	return out
}

// changeOf is the deployment or other change by which a commit went live nearest to
// the cause.
func (s *Scorer) changeOf(sha string, cause *report.Cause) evidence.Change {
	until := s.Evidence.Onset.LastCause()
	for i := range s.candidates {
		if s.candidates[i].Commit.SHA != sha {
			continue
		}
		best := live{}
		for _, l := range s.candidates[i].Lives {
			if !l.Change.Time.After(until) && (best.Service == "" || s.closer(l, best, cause)) {
				best = l
			}
		}
		return best.Change
	}
	return evidence.Change{}
}

// bestChange is the flag, configuration change, migration, scaling or runtime
// decision that best explains a cause, with its score on the scale of the
// commits.
func (s *Scorer) bestChange(cause *report.Cause) (evidence.Change, int) {
	best, at := 0, evidence.Change{}
	for _, ch := range s.Evidence.Changes {
		if ch.Kind == evidence.ChangeDeploy {
			continue
		}
		score := 0
		for _, t := range s.changeTerms(ch, cause) {
			score += t.Points
		}
		if score > best {
			best, at = score, ch
		}
	}
	return at, best
}

// changeTerms score a change that takes effect at once on the scale of the
// commits: unlike a deployment it has no excuse for a delay, so nearness in time
// counts for more. Without a diff only that, its place and its words tell.
func (s *Scorer) changeTerms(ch evidence.Change, cause *report.Cause) []report.Term {
	refs := []evidence.Ref{changeRef(ch)}
	if ch.Time.After(s.Evidence.Onset.LastCause()) {
		return []report.Term{s.scored(feature{id: "change/after", value: 1000, why: "it came after the trouble had begun", refs: refs})}
	}
	by, age := &s.by.Commit.Live, max(0, s.Evidence.Onset.At.Sub(ch.Time))
	entity := feature{id: "change/entity", value: -1000, why: "it concerns nothing that " + cause.Entity.Name + " depends on", refs: refs}
	switch {
	case ch.Service == cause.Entity.Name:
		entity.value, entity.why = 1000, "it was made on "+ch.Service
	case ch.Service == "":
		entity.value, entity.why = 0, "it names no service"
	case s.Reach.dependsOn(cause.Entity.Name, ch.Service):
		entity.value, entity.why = by.ChangeCallee, cause.Entity.Name+" calls "+ch.Service
	}
	list := []feature{
		{id: "change/doubt", value: 1000, why: "many a switch is turned without any effect", refs: refs},
		{id: "change/near", value: 1000 + by.ChangeTimes*atOnce(age, by), why: fmt.Sprintf("it came %s before the onset", age.Round(time.Second)), refs: refs}, entity,
	}
	if shared := s.wordsShared(ch); len(shared) > 0 {
		list = append(list, feature{id: "change/words", value: min(by.ChangeWords, len(shared)) * 1000, why: "it speaks of what fails: " + strings.Join(shared, ", "), refs: refs})
	}
	terms, _ := s.summed(list)
	return terms
}

// wordsShared are the words of a change, other than the services' names, that
// the failure's own lines use.
func (s *Scorer) wordsShared(ch evidence.Change) []string {
	said := map[string]bool{}
	for _, t := range s.failure.texts {
		for _, w := range terms(t.text) {
			said[w] = true
		}
	}
	var out []string
	used := map[string]bool{}
	for _, text := range []string{ch.Attributes["flag"], ch.Attributes["key"], ch.Summary} {
		for _, w := range mechanism.Words(text) {
			if len(w) > 3 && said[w] && !used[w] && !isFiller(w) && s.Reach.called(w) == "" {
				used[w] = true
				out = append(out, w)
			}
		}
	}
	return out
}
