package suspect

import (
	"cmp"
	"math"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// asked is one cause with what the scoring of all hypotheses about it needs.
type asked struct {
	cause  *report.Cause
	seen   signs
	frames []*gathered.Frame
	// possible are the indexes of candidates that nothing excludes.
	possible []int
	// nearest and newest are the most that a possible one has, see nearness and
	// recency.
	nearest, newest int
	// words and raised are how similar the possible ones are to what the failure says
	// and to what brings it about.
	words, raised spread
}

func (s *Scorer) ask(cause *report.Cause) asked {
	a := asked{cause: cause, seen: s.SeenAt(cause), frames: s.suspectFrames(cause), nearest: -1000}
	for i := range s.candidates {
		cd := &s.candidates[i]
		if _, out := s.cleared(cd, cause); out {
			continue
		}
		a.possible = append(a.possible, i)
		at, _ := s.nearness(cd, cause)
		l, _ := s.wentLive(cd, cause)
		a.nearest, a.newest = max(a.nearest, at), max(a.newest, s.recency(l))
		words, _ := s.words.similarity(cd.Commit.SHA)
		raised, _ := s.raised.similarity(cd.Commit.SHA)
		a.words.add(words)
		a.raised.add(raised)
	}
	return a
}

// features are all that speaks for or against a candidate, some without value.
func (s *Scorer) features(i int, a asked) []feature {
	cd := &s.candidates[i]
	if out, ok := s.cleared(cd, a.cause); ok {
		return []feature{out}
	}
	if cd.change != nil {
		return s.changeFeatures(cd, a)
	}
	list := []feature{
		s.liveFeature(cd, a.cause, a.newest), s.entityFeature(cd, a.cause, a.nearest), s.grayFeature(cd, a.cause), s.blameFeature(cd, a.frames), s.profileFeature(cd, a.cause), s.brokenFeature(cd),
	}
	if cd.fixed {
		list = append(list, feature{id: "commit/fixed", value: 1000, why: "a later commit takes it back or mends it by name", refs: []evidence.Ref{commitRef(cd.Commit)}})
	}
	if cd.Commit.Diff == "" {
		return append(list, feature{id: "commit/no-diff", value: 1000, why: "no diff of it is known: where and when it went live is all that can be held against it", refs: []evidence.Ref{commitRef(cd.Commit)}}, s.messageFeature(i, cd), s.fileFeature(cd, a.frames))
	}
	list = append(list, s.namesFeatures(i, cd)...)
	return append(list, s.mechanismFeature(cd, a.seen, a.frames), s.wordsFeature(cd, a.words), s.messageFeature(i, cd),
		s.literalFeature(i, cd), s.numbersFeature(i, cd), s.fileFeature(cd, a.frames), s.packageFeature(cd, a.frames), s.dependencyFeature(i, cd),
		s.insideFeature(i, a.frames), s.lineFeature(i, a.frames), s.calleeFeature(i), s.besideFeature(i, cd), s.toldFeature(i, cd), s.missingFeature(i, cd), s.languageFeature(i, cd, a.frames), s.raisedFeature(cd, a))
}

// score ranks the candidates as suspects of a cause, best first, the answer
// NoCommit included. It is empty when no commit and no change is known at all,
// since then nothing was compared. The hypotheses exclude each other: a commit's points are
// 1000 times the logarithm of its odds against a commit of which nothing is
// known, and its share is what remains of the belief when all are weighed.
func (s *Scorer) score(cause *report.Cause) []report.CommitScore {
	if len(s.candidates) == 0 {
		return nil
	}
	a := s.ask(cause)
	out := make([]report.CommitScore, 0, len(s.candidates)+1)
	found := map[string]int{} // the candidates by commit and change
	var points []int          // of those that nothing excludes
	for i := range s.candidates {
		cm := s.candidates[i].Commit
		x := report.CommitScore{SHA: cm.SHA, Change: s.candidates[i].changeID(), Subject: cm.Subject(), Author: cm.Author, Time: cm.Time, URL: cm.URL}
		if links := s.Evidence.Links[cm.SHA]; len(links) > 0 {
			x.Decision = links[0].DecisionID
		}
		x.Terms, x.Score = s.summed(s.features(i, a))
		if x.Score > s.by.Commit.Excluded {
			points = append(points, x.Score)
		}
		found[x.SHA+"\x00"+x.Change] = i
		out = append(out, x)
	}
	none := report.CommitScore{SHA: report.NoCommit, Subject: "none of the commits produces this"}
	none.Terms, none.Score = s.summed(s.noneFeatures(a, points))
	prior := s.prior(a)
	none.Terms, none.Score = append([]report.Term{prior}, none.Terms...), none.Score+prior.Points
	out = append(out, none)
	slices.SortStableFunc(out, func(a, b report.CommitScore) int {
		// At equal points the honest answer is that no commit stands out.
		return cmp.Or(cmp.Compare(b.Score, a.Score), gathered.CompareBool(b.SHA == report.NoCommit, a.SHA == report.NoCommit), b.Time.Compare(a.Time), cmp.Compare(a.SHA, b.SHA), cmp.Compare(a.Change, b.Change))
	})
	s.believe(out)
	for k := range out[:min(mostPointed, len(out))] {
		if i, ok := found[out[k].SHA+"\x00"+out[k].Change]; ok && s.candidates[i].change == nil {
			out[k].Terms, _ = s.summed(s.pointed(i, s.features(i, a)))
		}
	}
	return out
}

// mostPointed is of how many of the first suspects the changed lines are looked up.
const mostPointed = 3

// letters is how long words must be.
func (s *Scorer) letters() letters { return letters(s.by.Commit.Letters) }

// summed are the features as terms, with their sum.
func (s *Scorer) summed(list []feature) (terms []report.Term, sum int) {
	for _, f := range list {
		if t := s.scored(f); t.Points != 0 {
			terms = append(terms, t)
			sum += t.Points
		}
	}
	return terms, sum
}

// believe shares 1000 out among hypotheses, best first, by their points.
func (s *Scorer) believe(list []report.CommitScore) {
	scores := make([]int, len(list))
	for i, x := range list {
		scores[i] = x.Score
	}
	for i, share := range Beliefs(scores, s.by) {
		list[i].Share = milli(share)
	}
	creditProfiles(list, s.by)
}

// Beliefs are the parts of the belief of hypotheses by their points, which add up to 1.
// Evidence that tells nothing in some cases, whatever it says, cannot bring more than
// the rest: what is lost by that goes to all hypotheses alike that nothing excludes. That is a mixture
// with a lapse, as in psychometrics (Wichmann and Hill, Perception & Psychophysics 63,
// 2001): sums of ratios that are not independent are else surer than they are right.
// Weights are fitted without the lapse, as if each miss taught something, and come out
// too small for a mixture that has it: Keener says by how much.
func Beliefs(points []int, by *weights.Set) []float64 {
	most, total, open := slices.Max(points), 0.0, 0
	of := func(x int) float64 { return math.Exp(float64(x-most) * float64(by.Commit.Keener) / 1e6) }
	for _, x := range points {
		total += of(x)
		if x > by.Commit.Excluded {
			open++
		}
	}
	lapse := float64(by.Commit.Lapse) / 1000
	if open <= 1 {
		lapse = 0 // there is nothing else
	}
	out := make([]float64, len(points))
	for i, x := range points {
		out[i] = (1 - lapse) * of(x) / total
		if x > by.Commit.Excluded && lapse > 0 {
			out[i] += lapse / float64(open)
		}
	}
	return out
}

// milli is a share in thousandths.
func milli(share float64) int { return int(share*1000 + .5) }

// Hypothesis is a commit, or NoCommit, with the values of its features in
// thousandths by the ids of their weights: what weights are fitted on.
type Hypothesis struct {
	SHA    string
	Change string // its ID, of a change without a commit
	Values map[string]int
	// Offset are the points that no weight changes.
	Offset int
}

// Hypotheses are what would be scored for a cause, in no order of merit.
func (s *Scorer) Hypotheses(cause *report.Cause) []Hypothesis {
	a := s.ask(cause)
	var out []Hypothesis
	var points []int
	for i := range s.candidates {
		list := s.features(i, a)
		h := hypothesis(s.candidates[i].Commit.SHA, list)
		h.Change = s.candidates[i].changeID()
		out = append(out, h)
		if _, sum := s.summed(list); sum > s.by.Commit.Excluded {
			points = append(points, sum)
		}
	}
	none := hypothesis(report.NoCommit, s.noneFeatures(a, points))
	none.Values["commit/none"], none.Offset = 1000, s.prior(a).Points-s.by.OfCommit("commit/none")
	return append(out, none)
}

func hypothesis(sha string, list []feature) Hypothesis {
	h := Hypothesis{SHA: sha, Values: map[string]int{}}
	for _, f := range list {
		if f.value != 0 {
			h.Values[f.id] += f.value
			if f.more != "" {
				h.Values[f.more] += f.also
			}
		}
	}
	return h
}
