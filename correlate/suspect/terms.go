package suspect

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

func commitRef(cm evidence.Commit) evidence.Ref {
	return evidence.Ref{Kind: evidence.RefCommit, ID: cm.SHA, Time: cm.Time, Text: cm.Subject()}
}

func changeRef(c evidence.Change) evidence.Ref {
	return evidence.Ref{Kind: evidence.RefChange, ID: c.ID, Service: c.Service, Time: c.Time}
}

// liveTerm gives a little for having gone live shortly before the onset, nearly
// as much hours before it (leaks and growing tables take their time), and takes
// everything away from what went live after it or not at all.
func (s *Scorer) liveTerm(cd *Candidate, cause *report.Cause) report.Term {
	until := s.latestFor(cd, cause)
	best := live{}
	for _, l := range cd.Lives {
		if !l.Change.Time.After(until) && (best.Service == "" || s.closer(l, best, cause)) {
			best = l
		}
	}
	if best.Service == "" {
		why := "it is in no deployment that is known"
		if len(cd.Lives) > 0 {
			why = "it went live only after the trouble had begun"
		}
		return report.Term{ID: "commit/not-live", Points: -1000, Why: why, Refs: []evidence.Ref{commitRef(cd.Commit)}}
	}
	age := max(0, s.Evidence.Onset.At.Sub(best.Change.Time))
	const half = 4 * time.Hour
	points := stat.Milli(float64(s.weights.live) / 1000 * float64(half) / float64(half+age))
	if k := best.Change.Kind; k != "" && k != evidence.ChangeDeploy {
		points += atOnce(age)
	}
	return report.Term{ID: "commit/live", Points: points, Why: fmt.Sprintf("it went live on %s %s before the onset", best.Service, age.Round(time.Second)), Refs: []evidence.Ref{changeRef(best.Change)}}
}

// latestFor is until when a commit may have gone live to be suspected: the onset,
// or the alert where the version that carries it fails beside one that does
// not, since then the onset was put too early.
func (s *Scorer) latestFor(cd *Candidate, cause *report.Cause) time.Time {
	if s.grayTerm(cd, cause).Points > 0 {
		if fired := s.Evidence.Request.Alert.FiredAt(); fired.After(s.Evidence.Onset.LastCause()) {
			return fired
		}
	}
	return s.Evidence.Onset.LastCause()
}

// atOnce is what nearness to the onset is worth, in milli-points, for a change
// that takes effect at once: unlike a deployment it has no excuse for a delay.
func atOnce(age time.Duration) int {
	const half = 5 * time.Minute
	return stat.Milli(0.3 * float64(half) / float64(half+age))
}

// closer prefers being live on the failing entity, then being named by the
// deployment, then being live later.
func (s *Scorer) closer(a, b live, cause *report.Cause) bool {
	if x, y := a.Service == cause.Entity.Name, b.Service == cause.Entity.Name; x != y {
		return x
	}
	if a.head != b.head {
		return a.head
	}
	return a.Change.Time.After(b.Change.Time)
}

// innocenceTerm takes everything away from what cannot hurt or no longer ran.
func (s *Scorer) innocenceTerm(cd *Candidate) report.Term {
	refs := []evidence.Ref{commitRef(cd.Commit)}
	switch {
	case cd.innocuous:
		return report.Term{ID: "commit/innocuous", Points: -1000, Why: "it changes nothing that runs: only comments, tests, documents, blanks, moved or renamed lines", Refs: refs}
	case cd.reverted:
		return report.Term{ID: "commit/reverted", Points: -1000, Why: "it had been taken back before the onset", Refs: refs}
	}
	return report.Term{}
}

// entityTerm asks whether the commit is live on the entity that fails or on
// something that it calls.
func (s *Scorer) entityTerm(cd *Candidate, cause *report.Cause) report.Term {
	until, name, w := s.latestFor(cd, cause), cause.Entity.Name, s.weights.entity
	best, why := -w, "it is live on nothing that "+name+" depends on"
	consider := func(points int, text string) {
		if points > best {
			best, why = points, text
		}
	}
	for _, l := range cd.Lives {
		switch {
		case l.Change.Time.After(until):
		case l.Service == name && (l.head || !l.shared):
			consider(w, "it was deployed to "+name)
		case l.Service == name:
			consider(w*3/5, name+" was built with it: it is in shared code")
		case s.Reach.dependsOn(name, l.Service):
			consider(w*2/5, name+" calls "+l.Service+", to which it was deployed")
		case s.Reach.dependsOn(l.Service, name):
			consider(w/5, l.Service+", to which it was deployed, calls "+name)
		}
	}
	return report.Term{ID: "commit/entity", Points: best, Why: why, Refs: []evidence.Ref{commitRef(cd.Commit)}}
}

// mechanismTerm holds what the diff can produce against what is seen.
func (s *Scorer) mechanismTerm(cd *Candidate, seen signs) report.Term {
	best, points := -1, 0
	var produced, found mechanism.Signature
	for i, m := range cd.matches {
		for rank, sig := range m.Signatures {
			fit, at := seen.fit(s.vocabulary, sig)
			fit -= fit * rank / 12 // the likeliest signature of a rule stands first
			if p := s.weights.mechanism * m.Strength / 1000 * fit / 1000; p > points {
				best, points, produced, found = i, p, sig, at
			}
		}
	}
	if best < 0 {
		return report.Term{}
	}
	m := cd.matches[best]
	why := m.Why
	if produced == found {
		why += "; " + string(found) + " is what is seen"
	} else {
		why += "; this shows as " + string(found) + ", which is seen"
	}
	refs := []evidence.Ref{{Kind: evidence.RefCommit, ID: cd.Commit.SHA, Text: m.Hunk, Time: cd.Commit.Time}}
	if m.File != "" {
		id := m.File
		if m.Line > 0 {
			id = fmt.Sprintf("%s:%d", m.File, m.Line)
		}
		refs = append(refs, evidence.Ref{Kind: evidence.RefCode, ID: id, Text: m.Hunk})
	}
	return report.Term{ID: "commit/mechanism-" + m.Rule, Points: points, Why: why, Refs: append(refs, seen.refs[found]...)}
}

// blameTerm counts the votes of suspect lines: each place named by the failure
// votes 1/rank, with rank from the order of the places, and shares its vote among
// the commits that made the line what it is, older ones discounted (Fonte,
// ICSE'23). A commit that touched the file at all gets a share.
func (s *Scorer) blameTerm(cd *Candidate, cause *report.Cause) report.Term {
	vote, total := 0.0, 0.0
	touched := ""
	var refs []evidence.Ref
	rank := 0
	for i := range s.Evidence.Frames {
		f := &s.Evidence.Frames[i]
		if f.Service != cause.Entity.Name && !s.Reach.dependsOn(cause.Entity.Name, f.Service) || !f.Suspect() {
			continue
		}
		rank++
		share := 1 / float64(rank)
		total += share
		if v := f.Vote(cd.Commit.SHA); v > 0 {
			vote += share * v
			refs = append(refs, evidence.Ref{Kind: evidence.RefCode, ID: fmt.Sprintf("%s:%d", f.Blame.Ref.Path, f.Blame.Ref.Line), Service: f.Service})
		}
		if touched == "" && touchesFile(cd.Commit, f.Frame.File) {
			touched = f.Frame.File
			refs = append(refs, f.Refs...)
		}
	}
	points, why := 0, ""
	if vote > 0 {
		points, why = stat.Milli(float64(s.weights.Blame)/1000*vote/total), "lines that the failure names were written or changed by it"
	}
	if touched != "" && !cd.innocuous {
		points += s.weights.Frame
		why = strings.TrimPrefix(why+" and it touches "+touched+", which the failure names", " and ")
	}
	if len(refs) > 4 {
		refs = refs[:4]
	}
	return report.Term{ID: "commit/blame", Points: points, Why: why, Refs: refs}
}

// touchesFile reports whether a commit changes the file of a frame. Stacks carry
// build-time prefixes or only the base name, so the longest common tail counts,
// at least the base name and, where both have one, the folder.
func touchesFile(cm evidence.Commit, file string) bool {
	if file == "" {
		return false
	}
	file = strings.ReplaceAll(file, "\\", "/")
	for _, f := range cm.Files {
		if path.Base(f) != path.Base(file) {
			continue
		}
		a, b := path.Base(path.Dir(f)), path.Base(path.Dir(file))
		if a == b || path.Dir(file) == "." || path.Dir(f) == "." {
			return true
		}
	}
	return false
}

// wordsTerm compares what the diff speaks of with what the errors speak of.
func (s *Scorer) wordsTerm(cd *Candidate) report.Term {
	if cd.innocuous {
		return report.Term{}
	}
	similarity, shared := s.words.similarity(cd.Commit.SHA)
	if len(shared) == 0 {
		return report.Term{}
	}
	// A cosine of a third is as alike as a diff and a failure get.
	points := stat.Milli(float64(s.weights.words) / 1000 * min(1, similarity*3))
	return report.Term{ID: "commit/words", Points: points, Why: "diff and failure both speak of " + strings.Join(shared, ", "), Refs: []evidence.Ref{commitRef(cd.Commit)}}
}

// brokenTerm speaks for a commit that broke a check of a recorded decision, by
// how bad the decision itself calls that.
func (s *Scorer) brokenTerm(cd *Candidate) report.Term {
	broken := s.Evidence.Broken[cd.Commit.SHA]
	if len(broken) == 0 || cd.innocuous {
		return report.Term{}
	}
	worst := broken[0]
	points := map[string]int{"error": s.weights.Broken, "warning": s.weights.Broken / 2, "note": s.weights.Broken / 5}[worst.Level]
	why := fmt.Sprintf("this commit broke %s: %s", worst.DecisionID, worst.Message)
	if len(broken) > 1 {
		why += fmt.Sprintf(" (and %d more checks)", len(broken)-1)
	}
	return report.Term{ID: "commit/breaks-decision", Points: points, Why: why, Refs: []evidence.Ref{{Kind: evidence.RefCode, ID: fmt.Sprintf("%s:%d", worst.Path, worst.Line)}}}
}
