package suspect

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

func (s *Scorer) CandidateOf(sha string) *Candidate {
	for i := range s.candidates {
		if s.candidates[i].Commit.SHA == sha {
			return &s.candidates[i]
		}
	}
	return nil
}

// commitWeights are what the terms of a commit are worth at most, in
// milli-points, fixed a priori. What a diff does weighs most, and together with
// one more fact outweighs everything that is merely near: being recent, on the
// failing service, and worded like the failure is what most innocent commits
// are too.
type commitWeights struct {
	mechanism int // the diff can produce what is seen
	Blame     int // suspect lines were written by it
	Frame     int // it touches a file that a failing stack names
	gray      int // the version that carries it fails where the other does not
	entity    int // it is live on the entity that fails
	words     int // it speaks of what the errors speak of
	live      int // it went live shortly before the onset; capped, since the newest deployment is usually innocent
	Broken    int // it broke a check of a recorded decision
	none      int // the doubt that any commit has to overcome; above live, entity and words together without much of the last
	operation int // an operational fault is seen
	quiet     int // nothing went live before the onset on anything that matters
}

func WeightsOfCommits() commitWeights {
	return commitWeights{mechanism: 700, Blame: 500, Frame: 250, gray: 800, entity: 250, words: 200, live: 100, Broken: 250, none: 600, operation: 700, quiet: 300}
}

// Scorer holds what the scoring of commits needs of the evidence, worked out
// once for all causes.
type Scorer struct {
	Evidence   *gathered.Evidence
	weights    commitWeights
	vocabulary mechanism.Vocabulary
	reader     *mechanism.Reader
	Reach      reach
	candidates []Candidate
	failure    failureText
	words      wordModel
}

// Candidate is a commit with where and since when it is live.
type Candidate struct {
	Commit  evidence.Commit
	Lives   []live
	matches []mechanism.Match
	innocuous,
	reverted bool
	// bare is true when nothing but a deployment's word tells of the commit: its
	// text and its diff are unknown.
	bare bool
}

// live is one service on which a commit went live.
type live struct {
	Service string
	Change  evidence.Change
	// head is true when the deployment, or the flag or configuration that was
	// pushed, names this very commit.
	head bool
	// shared is true when the commit's paths belong to no entity in particular.
	shared bool
}

// Settle ranks the candidate commits under each cause, says what set it
// off, and puts the causes in order again, since a change that can produce what
// is seen speaks for the entity that it was made on.
func (s *Scorer) Settle(causes []report.Cause) {
	for i := range causes {
		s.settle(&causes[i])
		addProduced(&causes[i])
	}
	slices.SortStableFunc(causes, report.CompareCauses)
}

// addProduced adds to a cause what its best commit is ahead of the answer "none",
// when the commit is live on the very entity and its diff produces what is seen.
func addProduced(c *report.Cause) {
	if c.Trigger == report.TriggerNone || c.Change == "" || len(c.Commits) == 0 {
		return
	}
	best, none := c.Commits[0], 0
	for _, x := range c.Commits {
		if x.SHA == report.NoCommit {
			none = x.Score
		}
	}
	own, produces := false, report.Term{}
	for _, t := range best.Terms {
		own = own || t.ID == "commit/entity" && t.Points >= WeightsOfCommits().entity*3/5
		if t.ID == "commit/mechanism-"+best.RuleID() {
			produces = t
		}
	}
	if own && produces.Points > 0 {
		// Capped below what a single strong signal of the telemetry gives.
		const most = 400
		c.Add(report.Term{ID: "change/produces", Points: min(most, best.Score-none), Said: wording.ProducesWords(c.Entity.Name, produces.Why), Why: "a commit that is live here can produce what is seen: " + produces.Why, Refs: produces.Refs})
	}
}

func New(c *gathered.Evidence) *Scorer {
	s := &Scorer{Evidence: c, weights: WeightsOfCommits(), vocabulary: mechanism.NewVocabulary(), reader: mechanism.NewReader(), Reach: newReach(c)}
	s.candidates = s.gatherCandidates()
	s.failure = s.readFailure()
	s.words = newWordModel(s.failure.texts, s.candidates, s.Reach.called)
	return s
}

// gatherCandidates are the commits of all deployments and of all other changes
// that name one, each once, in order of time, newest first, then SHA.
func (s *Scorer) gatherCandidates() []Candidate {
	index := map[string]int{}
	var out []Candidate
	add := func(cm evidence.Commit) int {
		i, ok := index[cm.SHA]
		if !ok {
			i = len(out)
			index[cm.SHA] = i
			out = append(out, Candidate{Commit: cm})
		}
		return i
	}
	for _, cm := range s.Evidence.Commits {
		add(cm)
	}
	for _, d := range s.Evidence.Deployments {
		deployed := deployedCommits(d, s.Evidence.Commits)
		if cm, ok := bareCommit(d, deployed); ok {
			deployed = append(slices.Clone(deployed), cm)
			out[add(cm)].bare = true
		}
		for _, cm := range deployed {
			i := add(cm)
			head := isHead(d, cm)
			own, shared := s.Reach.touches(cm, d.Service)
			if head || own || shared {
				out[i].Lives = append(out[i].Lives, live{Service: d.Service, Change: d.Change, head: head, shared: shared && !own})
			}
		}
	}
	for _, ch := range s.Evidence.Changes {
		if ch.Kind == evidence.ChangeDeploy || ch.Commit == "" {
			continue
		}
		for i := range out {
			if SameRevision(ch.Commit, out[i].Commit.SHA) {
				out[i].Lives = append(out[i].Lives, live{Service: ch.Service, Change: ch, head: true})
			}
		}
	}
	slices.SortFunc(out, func(a, b Candidate) int {
		return cmp.Or(b.Commit.Time.Compare(a.Commit.Time), cmp.Compare(a.Commit.SHA, b.Commit.SHA))
	})
	for i := range out {
		out[i].innocuous = mechanism.Innocuous(out[i].Commit.Diff, out[i].Commit.Files...)
		if !out[i].innocuous {
			out[i].matches = mechanism.Scan(out[i].Commit.Diff, out[i].Commit.Files...)
		}
	}
	markReverted(out, s.Evidence.Onset.LastCause())
	return out
}

func isHead(d gathered.Deployment, cm evidence.Commit) bool {
	return SameRevision(d.Change.Commit, cm.SHA) || SameRevision(d.To, cm.SHA)
}

// deployedCommits are what went live by a deployment, and the commit that it
// names even where that was contained in another release of the same minute.
func deployedCommits(d gathered.Deployment, all []evidence.Commit) []evidence.Commit {
	for _, cm := range d.Commits {
		if isHead(d, cm) {
			return d.Commits
		}
	}
	for _, cm := range all {
		if isHead(d, cm) {
			return append(slices.Clone(d.Commits), cm)
		}
	}
	return d.Commits
}

// bareCommit is the commit that a deployment names where no code source knows
// it: a suspect by where and when it went live only.
func bareCommit(d gathered.Deployment, known []evidence.Commit) (evidence.Commit, bool) {
	if d.Change.Commit == "" || slices.ContainsFunc(known, func(cm evidence.Commit) bool { return isHead(d, cm) }) {
		return evidence.Commit{}, false
	}
	return evidence.Commit{SHA: strings.ToLower(d.Change.Commit), Time: d.Change.Time, Services: []string{d.Service},
		Message: "(unknown commit, deployed to " + d.Service + " as " + cmp.Or(d.Change.To, d.To) + ")"}, true
}

// SameRevision reports whether a revision, full or abbreviated to seven digits
// or more, is a commit's.
func SameRevision(revision, sha string) bool {
	return len(revision) >= 7 && strings.HasPrefix(sha, strings.ToLower(revision))
}

// markReverted marks commits that a later live commit took back before the
// onset: they no longer ran.
func markReverted(cs []Candidate, until time.Time) {
	for i := range cs {
		named := revertedBy(cs[i].Commit.Message)
		if named == "" || !cs[i].liveBefore(until) {
			continue
		}
		for j := range cs {
			if j != i && (SameRevision(named, cs[j].Commit.SHA) || cs[j].Commit.Subject() == named) && !cs[j].Commit.Time.After(cs[i].Commit.Time) {
				cs[j].reverted = true
			}
		}
	}
}

// revertedBy is the SHA or the subject that a message of git revert names.
func revertedBy(message string) string {
	if _, after, ok := strings.Cut(message, "This reverts commit "); ok {
		sha, _, _ := strings.Cut(after, ".")
		sha, _, _ = strings.Cut(sha, ",")
		return strings.TrimSpace(sha)
	}
	if rest, ok := strings.CutPrefix(message, `Revert "`); ok {
		subject, _, _ := strings.Cut(rest, "\"\n")
		return strings.TrimSuffix(strings.TrimSpace(subject), `"`)
	}
	return ""
}

func (cd *Candidate) liveBefore(t time.Time) bool {
	for _, l := range cd.Lives {
		if !l.Change.Time.After(t) {
			return true
		}
	}
	return false
}

// score ranks the candidates as suspects of a cause, best first, the answer
// NoCommit included. It is empty when no commit is known at all, since then
// nothing was compared.
func (s *Scorer) score(cause *report.Cause) []report.CommitScore {
	if len(s.candidates) == 0 {
		return nil
	}
	seen := s.SeenAt(cause)
	out := make([]report.CommitScore, 0, len(s.candidates)+1)
	for i := range s.candidates {
		out = append(out, s.scoreOne(&s.candidates[i], cause, seen))
	}
	out = append(out, s.scoreNone(cause, seen))
	slices.SortStableFunc(out, func(a, b report.CommitScore) int {
		// At equal points the honest answer is that no commit stands out.
		return cmp.Or(cmp.Compare(b.Score, a.Score), gathered.CompareBool(b.SHA == report.NoCommit, a.SHA == report.NoCommit), b.Time.Compare(a.Time), cmp.Compare(a.SHA, b.SHA))
	})
	return out
}

func (s *Scorer) scoreOne(cd *Candidate, cause *report.Cause, seen signs) report.CommitScore {
	cm := cd.Commit
	out := report.CommitScore{SHA: cm.SHA, Subject: cm.Subject(), Author: cm.Author, Time: cm.Time, URL: cm.URL}
	if links := s.Evidence.Links[cm.SHA]; len(links) > 0 {
		out.Decision = links[0].DecisionID
	}
	for _, t := range []report.Term{
		s.liveTerm(cd, cause), s.innocenceTerm(cd), s.entityTerm(cd, cause), s.mechanismTerm(cd, seen),
		s.blameTerm(cd, cause), s.wordsTerm(cd), s.grayTerm(cd, cause), s.brokenTerm(cd),
	} {
		if t.Points != 0 {
			out.Terms = append(out.Terms, t)
			out.Score += t.Points
		}
	}
	return out
}
