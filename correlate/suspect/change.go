package suspect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
)

// changeID is the ID of a candidate that is a change without a commit.
func (cd *Candidate) changeID() string {
	if cd.change == nil {
		return ""
	}
	return cd.change.ID
}

func (cd *Candidate) ref() evidence.Ref {
	if cd.change != nil {
		return changeRef(*cd.change)
	}
	return commitRef(cd.Commit)
}

// mostChanges is how many changes without a commit are suspects, the newest.
const mostChanges = 200

// changesWithoutCommit are the changes for which no commit is a suspect:
// deployments of which only the version is known, flags, pushes of configuration,
// migrations, scaling, decisions at run time. The same thing done several times,
// as a rollout pod by pod, is one suspect that went live several times.
func (s *Scorer) changesWithoutCommit(known []Candidate) []Candidate {
	var out []Candidate
	index := map[[4]string]int{}
	for i := len(s.Evidence.Changes) - 1; i >= 0 && len(out) < mostChanges; i-- {
		ch := &s.Evidence.Changes[i]
		if s.hasCommit(ch, known) {
			continue
		}
		key := [4]string{string(ch.Kind), ch.Service, ch.To, changeWords(ch)}
		at, ok := index[key]
		if !ok {
			at = len(out)
			index[key] = at
			out = append(out, Candidate{change: ch, bare: true, Commit: evidence.Commit{Time: ch.Time, Author: ch.Actor, URL: ch.URL, Message: changeWords(ch)}})
		}
		out[at].Lives = append(out[at].Lives, live{Service: ch.Service, Change: *ch, head: true})
	}
	return out
}

// hasCommit reports whether a change is known by its commits.
func (s *Scorer) hasCommit(ch *evidence.Change, known []Candidate) bool {
	if ch.Kind != evidence.ChangeDeploy {
		return slices.ContainsFunc(known, func(cd Candidate) bool { return evidence.SameRevision(ch.Commit, cd.Commit.SHA) })
	}
	return ch.Commit != "" || slices.ContainsFunc(s.Evidence.Deployments, func(d gathered.Deployment) bool { return d.Change.ID == ch.ID && len(d.Commits) > 0 })
}

// changeWords say what was done, in one line.
func changeWords(ch *evidence.Change) string {
	what := map[evidence.ChangeKind]string{
		evidence.ChangeDeploy: "deployment", evidence.ChangeFlag: "flag", evidence.ChangeConfig: "configuration", evidence.ChangeMigration: "migration",
		evidence.ChangeScale: "scaling", evidence.ChangeDecision: "decision at run time",
	}[ch.Kind]
	out := cmp.Or(what, "change ("+string(ch.Kind)+")")
	if ch.Service != "" {
		out += " of " + ch.Service
	}
	said := ch.Summary
	switch {
	case said != "" && ch.Inferred == "":
	case ch.From != "" && ch.To != "":
		said = ch.From + " to " + ch.To
	default:
		said = cmp.Or(ch.To, ch.Attributes["flag"], ch.Attributes["key"])
	}
	if said != "" {
		out += ": " + said
	}
	return out
}

// changeFeatures are what can be held against a change whose diff nobody has: the
// contrast of versions where two serve, when it was made, where, and its words.
func (s *Scorer) changeFeatures(cd *Candidate, a asked) []feature {
	near, at := s.liveFeature(cd, a.cause, a.newest), s.entityFeature(cd, a.cause, a.nearest)
	near.term, at.term = "change/near", "change/entity"
	list := []feature{near, at, s.grayFeature(cd, a.cause), s.doubt(cd),
		{id: "commit/no-diff", value: 1000, why: "no diff of it is known: where and when it was made is all that can be held against it", refs: []evidence.Ref{cd.ref()}}}
	if shared := s.wordsShared(*cd.change); len(shared) > 0 {
		list = append(list, feature{id: "change/words", value: min(s.by.Commit.Live.ChangeWords, len(shared)) * 1000, why: "it speaks of what fails: " + strings.Join(shared, ", "), refs: []evidence.Ref{cd.ref()}})
	}
	return list
}

// doubt is against what a platform or a program does by itself all day: scaling,
// and decisions at run time.
func (s *Scorer) doubt(cd *Candidate) feature {
	out := feature{id: "change/doubt"}
	if cd.change != nil && (cd.change.Kind == evidence.ChangeScale || cd.change.Kind == evidence.ChangeDecision) {
		out.value, out.why, out.refs = 1000, "the like is done all day without any effect", []evidence.Ref{cd.ref()}
	}
	return out
}

// wordsShared are the words of a change, other than the services' names, that
// the failure's own lines use.
func (s *Scorer) wordsShared(ch evidence.Change) []string {
	said := map[string]bool{}
	for _, t := range s.failure.texts {
		for _, w := range s.letters().terms(t.text) {
			said[w] = true
		}
	}
	var out []string
	used := map[string]bool{}
	for _, text := range []string{ch.Attributes["flag"], ch.Attributes["key"], ch.Summary} {
		for _, w := range mechanism.Words(text) {
			if len(w) >= s.by.Commit.Letters.Name && said[w] && !used[w] && !isFiller(w) && s.Reach.called(w) == "" {
				used[w] = true
				out = append(out, w)
			}
		}
	}
	return out
}
