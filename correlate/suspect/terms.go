package suspect

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/weights"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

func commitRef(cm evidence.Commit) evidence.Ref {
	return evidence.Ref{Kind: evidence.RefCommit, ID: cm.SHA, Time: cm.Time, Text: cm.Subject()}
}

func changeRef(c evidence.Change) evidence.Ref {
	return evidence.Ref{Kind: evidence.RefChange, ID: c.ID, Service: c.Service, Time: c.Time}
}

// recency is how near to the onset a commit went live, 1000 at the onset and
// half of it hours before (leaks and growing tables take their time). What takes
// effect at once, unlike a deployment, has no excuse for a delay.
func (s *Scorer) recency(l live) int {
	age := max(0, s.Evidence.Onset.At.Sub(l.Change.Time))
	half := s.by.Commit.Live.HalfLife
	value := stat.Milli(float64(half) / float64(half+age))
	if k := l.Change.Kind; k != "" && k != evidence.ChangeDeploy {
		value += s.by.Commit.Live.AtOnceTimes * atOnce(age, &s.by.Commit.Live)
	}
	return value
}

// liveFeature compares when commits went live: the newest has 0.
func (s *Scorer) liveFeature(cd *Candidate, cause *report.Cause, newest int) feature {
	l, _ := s.wentLive(cd, cause)
	age := max(0, s.Evidence.Onset.At.Sub(l.Change.Time))
	return feature{id: "commit/live", value: s.recency(l) - newest, why: fmt.Sprintf("it went live on %s %s before the onset, others nearer to it", l.Service, wording.Approximately(age)), refs: []evidence.Ref{changeRef(l.Change)}}
}

// latestFor is until when a commit may have gone live to be suspected: the onset,
// or the alert where the version that carries it fails beside one that does
// not, since then the onset was put too early.
func (s *Scorer) latestFor(cd *Candidate, cause *report.Cause) time.Time {
	if s.grayFeature(cd, cause).value > 0 {
		if fired := s.Evidence.Request.Alert.FiredAt(); fired.After(s.Evidence.LastCause()) {
			return fired
		}
	}
	return s.Evidence.LastCause()
}

// atOnce is what nearness to the onset is worth, in milli-points, for a change
// that takes effect at once: unlike a deployment it has no excuse for a delay.
func atOnce(age time.Duration, by *weights.Live) int {
	return stat.Milli(by.AtOnceShare * float64(by.AtOnce) / float64(by.AtOnce+age))
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

// nearness asks whether the commit is live on the entity that fails or on
// something that it calls: 1000 on the entity, -1000 on nothing that it depends
// on.
func (s *Scorer) nearness(cd *Candidate, cause *report.Cause) (int, string) {
	until, name := s.latestFor(cd, cause), cause.Entity.Name
	by := &s.by.Commit.Live
	best, why := -1000, "it is live on nothing that "+name+" depends on"
	consider := func(value int, text string) {
		if value > best {
			best, why = value, text
		}
	}
	for _, l := range cd.Lives {
		switch {
		case l.Change.Time.After(until):
		case l.Service == name && !l.shared:
			consider(1000, "it was deployed to "+name)
		case l.Service == name && l.head && s.headsTell(cd, name):
			consider(by.Head, "it is what was deployed to "+name)
		case l.Service == name:
			consider(by.Shared, name+" was built with it: it is in shared code")
		case s.calls.Reaches(name, l.Service):
			consider(by.Callee, name+" calls "+l.Service+", to which it was deployed")
		case s.calls.Reaches(l.Service, name):
			consider(by.Caller, l.Service+", to which it was deployed, calls "+name)
		case l.Service == "":
			consider(0, "it names no service")
		}
	}
	return best, why
}

// headsTell reports whether it means something that a deployment to an entity
// names this commit: other entities were deployed at commits of their own. In a
// repository of one service the newest commit is merely the newest.
func (s *Scorer) headsTell(cd *Candidate, entity string) bool {
	elsewhere := false
	for i := range s.candidates {
		for _, l := range s.candidates[i].Lives {
			elsewhere = elsewhere || l.head && l.Service != entity && s.candidates[i].Commit.SHA != cd.Commit.SHA
		}
	}
	return elsewhere
}

// entityFeature compares where commits are live: the nearest has 0, so that it
// is no evidence where all of them are live on the same entity.
func (s *Scorer) entityFeature(cd *Candidate, cause *report.Cause, nearest int) feature {
	at, why := s.nearness(cd, cause)
	return feature{id: "commit/entity", value: at - nearest, why: why + ", others are nearer", refs: []evidence.Ref{commitRef(cd.Commit)}}
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

// wordsFeature compares what the diff speaks of with what the errors speak of, and
// with what the other possible commits do.
func (s *Scorer) wordsFeature(cd *Candidate, all spread) feature {
	value, shared := s.words.similarity(cd.Commit.SHA)
	return feature{id: "commit/words", value: all.above(value, s.by.Commit.Names.MuchSaid), why: "diff and failure both speak of " + strings.Join(shared, ", "), refs: []evidence.Ref{commitRef(cd.Commit)}, names: shared}
}

// raisedFeature compares what the diff does with what brings about errors like
// those that are seen, and with what the other possible commits do. It counts
// besides where the commit touches a failing place, the more the fewer others do.
func (s *Scorer) raisedFeature(cd *Candidate, a asked) feature {
	value, shared := s.raised.similarity(cd.Commit.SHA)
	out := feature{id: "commit/raised", value: a.raised.above(value, s.by.Commit.Names.MuchRaised), why: "errors like these come of what its lines deal with: " + strings.Join(shared, ", "), refs: []evidence.Ref{commitRef(cd.Commit)}, names: shared}
	out.more, out.also = "commit/raised-near", int(float64(out.value)*s.nearPlace(cd, a.frames))
	return out
}

// spread is how a similarity is spread over commits.
type spread struct{ n, sum, most int }

func (x *spread) add(value int) { x.n, x.sum, x.most = x.n+1, x.sum+value, max(x.most, value) }

// above is how far a similarity is above the mean, in thousandths of the most or of
// what is much: how much of a failure any commit can speak of depends on how much
// was said, and where there is one commit alone, nothing is told by it.
func (x spread) above(value, much int) int {
	if x.n == 0 {
		return 0
	}
	return max(0, value-x.sum/x.n) * 1000 / max(x.most, much)
}

// brokenFeature speaks for a commit that broke a check of a recorded decision, by
// how bad the decision itself calls that.
func (s *Scorer) brokenFeature(cd *Candidate) feature {
	broken := s.Evidence.Broken[cd.Commit.SHA]
	if len(broken) == 0 {
		return feature{id: "commit/breaks-decision"}
	}
	worst := broken[0]
	why := fmt.Sprintf("this commit broke %s: %s", worst.DecisionID, worst.Message)
	if len(broken) > 1 {
		why += fmt.Sprintf(" (and %d more checks)", len(broken)-1)
	}
	return feature{id: "commit/breaks-decision", value: s.by.Commit.Broken[worst.Level], why: why, refs: []evidence.Ref{{Kind: evidence.RefCode, ID: fmt.Sprintf("%s:%d", worst.Path, worst.Line)}}}
}
