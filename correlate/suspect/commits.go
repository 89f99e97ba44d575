package suspect

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/topology"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/weights"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// CandidateOf is the candidate with a commit's SHA, nil for none.
func (s *Scorer) CandidateOf(sha string) *Candidate {
	for i := range s.candidates {
		if sha != "" && s.candidates[i].Commit.SHA == sha {
			return &s.candidates[i]
		}
	}
	return nil
}

// Scorer holds what the scoring of commits needs of the evidence, worked out
// once for all causes.
type Scorer struct {
	Evidence   *gathered.Evidence
	measures   []view.Metric // in the view's order
	by         *weights.Set
	vocabulary mechanism.Vocabulary
	reader     *mechanism.Reader
	Reach      reach
	calls      *topology.Graph // the view's
	candidates []Candidate
	failure    failureText
	words      wordModel
	raised     wordModel
	names      identities
}

// Candidate is a commit with where and since when it is live.
type Candidate struct {
	Commit  evidence.Commit
	Lives   []live
	matches []mechanism.Match
	innocuous,
	reverted bool
	// fixed is true when a later commit that was not live in time takes it back or
	// mends it by name; merged when it only brings in commits that are suspects
	// themselves.
	fixed, merged bool
	// bare is true when nothing but a deployment's word tells of the commit: its
	// text and its diff are unknown.
	bare bool
	// missed is true where nothing that runs was changed, but the failure names
	// what was moved, renamed or brought in by a generated file.
	missed bool
	// change is what was done where no commit is known for it; the commit is empty
	// but for its time and the words for it.
	change *evidence.Change
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

// SetTriggers ranks the candidate commits under each cause, says what set it
// off, and puts the causes in order again, since a change that can produce what
// is seen speaks for the entity that it was made on.
func (s *Scorer) SetTriggers(causes []report.Cause) {
	for i := range causes {
		s.setTrigger(&causes[i])
		s.addProduced(&causes[i])
	}
	slices.SortStableFunc(causes, report.CompareCauses)
}

// addProduced adds to a cause how surely its best commit set it off, when the
// commit is live on the very entity and its diff produces what is seen. An
// entity's points are another scale than a commit's: only the share of the
// belief beyond a bar counts.
func (s *Scorer) addProduced(c *report.Cause) {
	if c.Trigger == report.TriggerNone || c.Change == "" || len(c.Commits) == 0 {
		return
	}
	best := c.Commits[0]
	cd := s.CandidateOf(best.SHA)
	if cd == nil {
		return
	}
	if at, _ := s.nearness(cd, c); at < s.by.Commit.Live.Shared {
		return
	}
	for _, t := range best.Terms {
		if t.ID == report.MechanismTerm(best.RuleID()) && t.Points > 0 {
			c.Add(report.Term{ID: "change/produces", Points: min(s.by.Commit.Produces, s.by.Commit.Produces*max(0, best.Share-best.ByProfiles-s.by.Commit.Belief)/max(1, 1000-s.by.Commit.Lapse-s.by.Commit.Belief)), Said: wording.Say("change/produces", wording.ProducesWords(c.Entity.Name, t.Does)), Why: wording.Say("change/produces", "a commit that is live here can produce what is seen: "+t.Why), Refs: t.Refs, By: t.By})
			return
		}
	}
}

// New makes the scorer of a case ready. What its series did is read off the view:
// whether a measure moved has one answer for rules and commits.
func New(v *view.View) *Scorer {
	c := v.Evidence
	s := &Scorer{Evidence: c, measures: v.Metrics, by: c.By(), vocabulary: mechanism.NewVocabulary(&c.By().Mechanism), reader: mechanism.NewReader(&c.By().Mechanism), Reach: newReach(c), calls: v.Calls}
	s.candidates = s.gatherCandidates()
	s.failure = s.readFailure()
	s.names = s.newIdentities()
	for i := range s.candidates {
		s.candidates[i].missed = s.candidates[i].innocuous && s.misses(i)
	}
	s.raised = newRaisedModel(s.failure.texts, s.candidates, &s.by.Commit)
	s.words = newWordModel(s.failure.texts, s.candidates, s.Reach.called, &s.by.Commit)
	return s
}

// gatherCandidates are the commits of all deployments and of all other changes
// that name one, and the changes without any, each once, in order of time, newest
// first, then SHA, then the change's ID.
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
			if evidence.SameRevision(ch.Commit, out[i].Commit.SHA) {
				out[i].Lives = append(out[i].Lives, live{Service: ch.Service, Change: ch, head: true})
			}
		}
	}
	out = append(out, s.changesWithoutCommit(out)...)
	slices.SortFunc(out, func(a, b Candidate) int {
		return cmp.Or(b.Commit.Time.Compare(a.Commit.Time), cmp.Compare(a.Commit.SHA, b.Commit.SHA), cmp.Compare(a.changeID(), b.changeID()))
	})
	for i := range out {
		if out[i].change != nil {
			continue
		}
		out[i].innocuous = mechanism.Innocuous(out[i].Commit.Diff, out[i].Commit.Files...)
		if !out[i].innocuous {
			out[i].matches = mechanism.Scan(&s.by.Mechanism, out[i].Commit.Diff, out[i].Commit.Files...)
		}
	}
	markReverted(out, s.Evidence.LastCause())
	markMerged(out)
	return out
}

// markMerged marks merges all of whose files other candidates touch: those stand
// for them.
func markMerged(cs []Candidate) {
	for i := range cs {
		if len(cs[i].Commit.Parents) < 2 {
			continue
		}
		cs[i].merged = !slices.ContainsFunc(cs[i].Commit.Files, func(f string) bool {
			return !slices.ContainsFunc(cs, func(o Candidate) bool {
				return o.Commit.SHA != cs[i].Commit.SHA && len(o.Commit.Parents) < 2 && slices.Contains(o.Commit.Files, f)
			})
		})
	}
}

func isHead(d gathered.Deployment, cm evidence.Commit) bool {
	return evidence.SameRevision(d.Change.Commit, cm.SHA) || evidence.SameRevision(d.To, cm.SHA)
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

// markReverted marks commits that a later live commit took back before the
// onset, since they no longer ran, and those that somebody took back or mended
// by name afterwards, who knew.
func markReverted(cs []Candidate, until time.Time) {
	for i := range cs {
		taken := revertedBy(cs[i].Commit.Message)
		named := cmp.Or(taken, fixes(cs[i].Commit.Message))
		if named == "" {
			continue
		}
		for j := range cs {
			if j == i || !evidence.SameRevision(named, cs[j].Commit.SHA) && cs[j].Commit.Subject() != named || cs[j].Commit.Time.After(cs[i].Commit.Time) {
				continue
			}
			if live := cs[i].liveBefore(until); live && taken != "" {
				cs[j].reverted = true
			} else if !live {
				cs[j].fixed = true
			}
		}
	}
}

// mended is the trailer by which a commit names the one that it repairs.
var mended = regexp.MustCompile(`(?mi)^(?:fixes|fix for|regression (?:from|in|since)|broken by|introduced (?:in|by)):?\s+(?:commit\s+)?([0-9a-f]{7,40})\b`)

// fixes is the SHA of the commit that a message says it repairs.
func fixes(message string) string {
	if m := mended.FindStringSubmatch(message); m != nil {
		return strings.ToLower(m[1])
	}
	return ""
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
