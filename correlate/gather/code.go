package gather

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/frames"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// code asks what went live by each deployment, what is behind the suspect
// places, and which decisions govern the candidates.
func (v *Investigation) code(ctx context.Context, c *gathered.Evidence) {
	v.deployments(ctx, c)
	v.blames(ctx, c)
	v.profiledLines(ctx, c)
	v.decisions(ctx, c)
	v.history(ctx, c)
}

// CommitQueries are the questions about commits that an investigation puts when
// these are the changes in order of time and end is the last instant that it
// looks at: one for each deploy, then one for recent commits.
func CommitQueries(by *weights.Gather, changes []evidence.Change, end time.Time, limit int) []evidence.CommitQuery {
	var list []evidence.CommitQuery
	for _, d := range deploymentsOf(changes) {
		list = append(list, commitQuery(by, d, limit))
	}
	return append(list, recentCommits(by, end, limit))
}

// deploymentsOf are the deploys among changes; what ran before is taken from the
// deploy itself, else from the service's deploy before it.
func deploymentsOf(changes []evidence.Change) []gathered.Deployment {
	var list []gathered.Deployment
	last := map[string]string{}
	for _, ch := range changes {
		if ch.Kind != evidence.ChangeDeploy {
			continue
		}
		d := gathered.Deployment{Change: ch, Service: ch.Service, From: cmp.Or(ch.From, last[ch.Service]), To: cmp.Or(ch.Commit, ch.To)}
		last[ch.Service] = d.To
		list = append(list, d)
	}
	return list
}

func commitQuery(by *weights.Gather, d gathered.Deployment, limit int) evidence.CommitQuery {
	q := recentCommits(by, d.Change.Time, limit)
	q.Service, q.From, q.To = d.Service, d.From, d.To
	return q
}

func recentCommits(by *weights.Gather, until time.Time, limit int) evidence.CommitQuery {
	return evidence.CommitQuery{Window: evidence.Window{Start: until.Add(-by.Commits), End: until.Add(time.Nanosecond)}, Least: min(by.CommitsLeast, limit), Limit: limit}
}

// deployments finds the commits of each deploy.
func (v *Investigation) deployments(ctx context.Context, c *gathered.Evidence) {
	c.Deployments = deploymentsOf(c.Changes)
	if v.sources.Code == nil {
		v.Ledger.Absent("code", evidence.TopicCommits)
		return
	}
	var steps []func()
	for i := range c.Deployments {
		d := &c.Deployments[i]
		steps = append(steps, func() {
			d.Commits, d.CommitsKnown = v.askCommits(ctx, evidence.TopicCommits, commitQuery(v.by(), *d, v.options.Caps.Commits))
		})
	}
	var loose []evidence.Commit
	steps = append(steps, func() {
		loose, _ = v.askCommits(ctx, evidence.TopicRecentCommits, recentCommits(v.by(), v.span.End, v.options.Caps.Commits))
	})
	v.Together(steps...)
	for _, d := range c.Deployments {
		c.Commits = append(c.Commits, d.Commits...)
		if d.From == "" && d.To != "" && len(d.Commits) > 0 {
			c.Warnings = append(c.Warnings, fmt.Sprintf("What ran before %s on %s is not known: of its history the commits of the %d days before, and the last %d whatever their dates, are looked at",
				evidence.ShortRevision(d.To), d.Service, int(v.by().Commits/(24*time.Hour)), v.by().CommitsLeast))
		}
	}
	c.Commits = append(c.Commits, loose...)
	slices.SortStableFunc(c.Commits, func(a, b evidence.Commit) int {
		return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.SHA, b.SHA))
	})
	c.Commits = slices.CompactFunc(c.Commits, func(a, b evidence.Commit) bool { return a.SHA == b.SHA })
}

func (v *Investigation) askCommits(ctx context.Context, topic evidence.Topic, q evidence.CommitQuery) ([]evidence.Commit, bool) {
	return ask.Put(ctx, v.Asker, ask.Question{Source: "code", Topic: topic, Service: q.Service, Exact: gitLog(q)}, func(ctx context.Context) ask.Answer[[]evidence.Commit] {
		list, err := v.sources.Code.Commits(ctx, q)
		return ask.Many(list, len(list) > 0 && len(list) == q.Limit, err)
	})
}

// gitLog is a question for commits as a person would put it to git.
func gitLog(q evidence.CommitQuery) string {
	switch {
	case q.From != "" && q.To != "":
		return "git log " + q.From + ".." + q.To
	case q.To != "":
		return fmt.Sprintf("git log -n %d %s", q.Limit, q.To)
	}
	return fmt.Sprintf("git log -n %d", q.Limit)
}

// blames looks the suspect places up at the revision that ran. A place in a
// service whose revision is unknown is not looked up: the default branch is
// not what ran.
func (v *Investigation) blames(ctx context.Context, c *gathered.Evidence) {
	o := frames.NewOwned(v.by().Own, c.Commits, v.stacks)
	defer func() { c.Frames = o.Settle(c.Frames, v.options.Caps.Frames) }()
	if v.sources.Code == nil {
		return
	}
	asked := 0
	// One after the other: an index is filled by the first question about a
	// revision, and which one that is must not depend on chance.
	for i := range c.Frames {
		f := &c.Frames[i]
		if asked == v.options.Caps.Frames || !o.Worth(f) {
			continue
		}
		rev := c.RevisionOf(f.Service)
		if rev.Revision == "" {
			v.Ledger.Unresolved("code", evidence.TopicPlaces.Of(f.Service), f.Service, "no source tells which revision ran")
			continue
		}
		asked++
		exact := fmt.Sprintf("git blame -L %d,%d %s -- %s", f.Frame.Line, f.Frame.Line, rev.Revision, f.Frame.File)
		b, ok := ask.Put(ctx, v.Asker, ask.Question{Source: "code", Topic: evidence.TopicBlame, Service: f.Service, Exact: exact}, func(ctx context.Context) ask.Answer[evidence.Blame] {
			b, err := v.sources.Code.Blame(ctx, f.Service, f.Frame, rev.Revision)
			return ask.Answer[evidence.Blame]{Value: b, Count: len(b.Lines), Err: err}
		})
		if ok {
			b.Ref.RevisionRung = cmp.Or(b.Ref.RevisionRung, rev.Rung)
			f.Blame = &b
			o.Found(f)
		}
	}
}

// mostDecided is for how many commits, newest first, decisions are asked.
const mostDecided = 100

// decisions finds the decisions behind commits, lines and changes, and reads
// their records.
func (v *Investigation) decisions(ctx context.Context, c *gathered.Evidence) {
	c.Links = map[string][]evidence.DecisionLink{}
	if v.sources.Decisions == nil {
		v.Ledger.Absent("decisions", evidence.TopicDecisionChanges)
		return
	}
	commits := c.Commits[:min(len(c.Commits), mostDecided)]
	links := make([][]evidence.DecisionLink, len(commits))
	var steps []func()
	for i, commit := range commits {
		steps = append(steps, func() {
			links[i], _ = ask.Put(ctx, v.Asker, ask.Question{Source: "decisions", Topic: evidence.TopicDecisionLinks}, func(ctx context.Context) ask.Answer[[]evidence.DecisionLink] {
				service := c.GovernedBy(&commit, "")
				list, err := v.sources.Decisions.CoveredBy(ctx, service, c.RevisionOf(service).Revision, commit)
				return ask.Many(list, false, err)
			})
		})
	}
	v.Together(steps...)
	for i, commit := range commits {
		if len(links[i]) > 0 {
			c.Links[commit.SHA] = links[i]
		}
	}
	ids := decisionIDs(c, commits, links)
	records := make([]*decided, len(ids))
	steps = nil
	for i, id := range ids {
		steps = append(steps, func() { records[i] = v.askDecision(ctx, id, c.RevisionOf(id.service).Revision) })
	}
	v.Together(steps...)
	of := map[string]string{}
	for i, r := range records {
		if r == nil {
			continue
		}
		of[r.running.ID] = ids[i].service
		c.Decisions = append(c.Decisions, r.running)
		if r.newest.ID != "" {
			if c.Newest == nil {
				c.Newest = map[string]evidence.Decision{}
			}
			c.Newest[r.running.ID] = r.newest
		}
	}
	v.tried(ctx, c, of)
}

// decided is a decision as the revision that was running has it and, where it
// has a plan to take it back, as the newest has it.
type decided struct{ running, newest evidence.Decision }

func (v *Investigation) askDecision(ctx context.Context, by decidedBy, revision string) *decided {
	d, ok := ask.Put(ctx, v.Asker, ask.Question{Source: "decisions", Topic: evidence.TopicDecisions}, func(ctx context.Context) ask.Answer[decided] {
		running, err := v.sources.Decisions.Decision(ctx, by.id, by.service, revision)
		if errors.Is(err, evidence.ErrNotFound) {
			return ask.Answer[decided]{}
		}
		d := decided{running: running}
		if err == nil && len(running.How.Rollback) > 0 {
			if d.newest, err = v.sources.Decisions.Decision(ctx, by.id, by.service, ""); errors.Is(err, evidence.ErrNotFound) {
				d.newest, err = evidence.Decision{}, nil
			}
		}
		return ask.Answer[decided]{Value: d, Count: 1, Err: err}
	})
	if !ok || d.running.ID == "" {
		return nil
	}
	return &d
}

// decisionIDs are the decisions that anything in the case names, sorted, at
// most a hundred, each with a service that it is about.
func decisionIDs(c *gathered.Evidence, commits []evidence.Commit, links [][]evidence.DecisionLink) []decidedBy {
	var ids []decidedBy
	for i, list := range links {
		for _, l := range list {
			ids = append(ids, decidedBy{l.DecisionID, c.GovernedBy(&commits[i], "")})
		}
	}
	for _, f := range c.Frames {
		if f.Blame == nil {
			continue
		}
		for _, l := range f.Blame.Decisions {
			ids = append(ids, decidedBy{l.DecisionID, f.Service})
		}
	}
	for _, p := range c.Profiles {
		for _, place := range p.Places {
			if place.Blame == nil {
				continue
			}
			for _, l := range place.Blame.Decisions {
				ids = append(ids, decidedBy{l.DecisionID, p.Service})
			}
		}
	}
	for _, ch := range c.Changes {
		if id := ch.Attributes["decision_id"]; id != "" && ch.Kind != evidence.ChangeDecision {
			ids = append(ids, decidedBy{id, ch.Service})
		}
	}
	slices.SortFunc(ids, compareDecided)
	ids = slices.CompactFunc(ids, func(a, b decidedBy) bool { return a.id == b.id })
	return ids[:min(len(ids), mostDecided)]
}
