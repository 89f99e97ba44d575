package suspect

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/drain"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stacktrace"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// mostFailing bounds how many statements of a text are read as failing ones.
const mostFailing = 2000

// mostCalm bounds how many of the other lines are kept.
const mostCalm = 4000

// Text ranks commits as suspects of a failure of which nothing is known but some
// lines: a stack, a piece of a log, in the order written. They are taken to have
// gone live together just before. What the lines say that neither warn nor fail
// is what the system speaks of anyway; where none of them does, all were picked
// by somebody for what they say. The cause that comes back has its commits, best
// first, and the margin of the first; no commit has a place in time or in a graph.
// Lines are read once, one at a time, and what is kept of them is bounded.
func Text(commits []evidence.Commit, lines iter.Seq[evidence.LogLine]) report.Cause {
	const here = "here"
	at := time.Unix(1, 0).UTC()
	// Nobody says when they went live, so that it has no time.
	ch := evidence.Change{ID: "release", Kind: evidence.ChangeDeploy, Service: here}
	e := &gathered.Evidence{
		Entities:    []evidence.Entity{{Name: here, Kind: evidence.KindService}},
		Onset:       report.Onset{At: at, Earliest: at, Latest: at},
		Changes:     []evidence.Change{ch},
		Deployments: []gathered.Deployment{{Change: ch, Service: here, CommitsKnown: true}},
		Commits:     commits,
	}
	for _, c := range commits {
		c.Services = nil // all of them, whatever the repository is divided into
		e.Deployments[0].Commits = append(e.Deployments[0].Commits, c)
	}
	e.Commits = e.Deployments[0].Commits
	e.Logs = statements(lines, here, at)
	e.Frames = framesOf(e.Logs, commits)
	cause := report.Cause{Rank: 1, Entity: evidence.Entity{Name: here, Kind: evidence.KindService}, Mechanism: report.MechanismBehaviour}
	if slices.ContainsFunc(e.Logs, func(l gathered.Line) bool { return !l.Baseline }) {
		cause.Mechanism = report.MechanismError
	}
	New(view.New(e)).setTrigger(&cause)
	return cause
}

// statements are lines as evidence: those that fail once a template, the others
// as what was said before. Where none is ranked and none fails, all are taken to.
func statements(lines iter.Seq[evidence.LogLine], service string, at time.Time) []gathered.Line {
	ranked := false
	var calm []gathered.Line
	failing, picked := newTemplates(), newTemplates()
	for l := range lines {
		l.Service, l.Time = service, at
		ranked = ranked || l.Severity != evidence.SeverityUnknown
		switch {
		case fails(&l):
			failing.add(l)
			continue
		case len(failing.kept) == 0 && !ranked:
			picked.add(l)
		}
		if len(calm) < mostCalm {
			calm = append(calm, gathered.Line{LogLine: l, Template: "calm", Baseline: true})
		}
	}
	if len(failing.kept) == 0 && !ranked {
		return picked.kept
	}
	return append(failing.kept, calm...)
}

// templates are failing lines, one of each template.
type templates struct {
	known *drain.Parser
	seen  map[int]bool
	kept  []gathered.Line
}

func newTemplates() *templates { return &templates{known: drain.New(), seen: map[int]bool{}} }

func (t *templates) add(l evidence.LogLine) {
	if len(t.seen) == mostFailing {
		return
	}
	id := t.known.Add(l.Said())
	if t.seen[id] {
		return
	}
	t.seen[id] = true
	l.Severity = max(l.Severity, evidence.SeverityError)
	t.kept = append(t.kept, gathered.Line{LogLine: l, Template: drainName(id)})
}

// fails reports whether a line warns, fails or carries a stack.
func fails(l *evidence.LogLine) bool { return l.Severity >= evidence.SeverityWarn || l.Stack != "" }

// framesOf are the places that the failing lines' stacks name, innermost first,
// stack by stack: those of the repository's own code, and of an installed package
// where a commit touched that very file.
func framesOf(lines []gathered.Line, commits []evidence.Commit) []gathered.Frame {
	const most = 60
	var out []gathered.Frame
	seen := map[evidence.Frame]bool{}
	for i := range lines {
		l := &lines[i]
		if l.Baseline || len(out) >= most {
			continue
		}
		frames, _ := stacktrace.Parse(cmp.Or(l.Stack, l.Body))
		depth := 0
		for _, f := range frames {
			if f.Rung = evidence.LocationStack; seen[f] || !stacktrace.Own(f) && !touchedByAny(commits, f) {
				continue
			}
			seen[f] = true
			out = append(out, gathered.Frame{Service: l.Service, Frame: f, Seen: 1, Failing: true, Time: l.Time, Depth: depth})
			depth++
		}
	}
	return out
}

// touchedByAny reports whether a commit touches the file of a frame.
func touchedByAny(commits []evidence.Commit, f evidence.Frame) bool {
	return slices.ContainsFunc(commits, func(c evidence.Commit) bool { return f.ChangedBy(&c) })
}

func drainName(id int) string { return "statement " + strconv.Itoa(id) }
