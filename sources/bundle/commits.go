package bundle

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// history is commits.jsonl, newest first.
type history struct {
	commits []evidence.Commit
	bySHA   map[string]int
	// linked is true when any commit names its parents; without, the file is
	// taken for one line of history in order of time.
	linked bool
}

var (
	fullSHA = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)
	someSHA = regexp.MustCompile(`^[0-9a-f]{7,40}$`) // or the start of one
)

func (b *Bundle) history() (*history, error) { return b.commits.get(b.readCommits) }

func (b *Bundle) readCommits() (*history, error) {
	h := &history{bySHA: map[string]int{}}
	lost := b.tally(SourceCode)
	err := b.lines(CommitsFile, lost, func(line []byte, n int) error {
		var c evidence.Commit
		if err := json.Unmarshal(line, &c); err != nil {
			lost.leave(lostForeign, fault(CommitsFile, n, "is not a commit: %s", brief(err)))
			return nil
		}
		c.SHA = strings.ToLower(c.SHA)
		if !fullSHA.MatchString(c.SHA) {
			lost.leave(lostForeign, fault(CommitsFile, n, "sha %.80q is not 40 or 64 hex digits", c.SHA))
			return nil
		}
		lost.read++
		if _, ok := h.bySHA[c.SHA]; ok {
			lost.Add(lostTwice, "")
			return nil
		}
		h.bySHA[c.SHA] = 0
		if c.Time = c.Time.UTC(); b.hidden(c.Time) {
			return nil
		}
		h.linked = h.linked || len(c.Parents) > 0
		h.commits = append(h.commits, c)
		return nil
	})
	slices.SortFunc(h.commits, newestFirst)
	clear(h.bySHA)
	for i, c := range h.commits {
		h.bySHA[c.SHA] = i
	}
	return h, cmp.Or(err, lost.end())
}

func newestFirst(a, b evidence.Commit) int {
	return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.SHA, b.SHA))
}

// Commits returns the commits contained in To and not in From. Versions that
// are no SHAs are looked up among the deploys. Without parents in the file, a
// commit is contained in every later one. A commit that names the services it
// reaches is left out for others.
func (b *Bundle) Commits(ctx context.Context, q evidence.CommitQuery) ([]evidence.Commit, error) {
	if err := b.replay(ctx, SourceCode, CommitsQueryText(q)); err != nil {
		return nil, err
	}
	h, err := b.history()
	if err != nil {
		return nil, err
	}
	if len(h.commits) == 0 {
		return nil, fmt.Errorf("commits of %.80q: the bundle has none: %w", q.Service, evidence.ErrNotFound)
	}
	to, from := -1, -1
	if q.To != "" {
		if to, err = b.resolve(h, q.Service, q.To); err != nil {
			return nil, err
		}
	}
	if q.From != "" {
		// A predecessor from before the recording is as good as unknown.
		from, _ = b.resolve(h, q.Service, q.From)
	}
	var found []evidence.Commit
	recent := 0
	for i := range h.between(from, to) {
		c := h.commits[i]
		if from < 0 && !q.Window.IsZero() && !q.Window.Contains(c.Time) && i != to && (recent >= q.Least || !c.Time.Before(q.Window.End)) {
			continue
		}
		recent++
		if len(c.Services) > 0 && q.Service != "" && !slices.Contains(c.Services, q.Service) {
			continue
		}
		if found = append(found, c); len(found) == q.Limit {
			break
		}
	}
	return found, nil
}

// CommitsQueryText names the question for the commits of a deployment.
func CommitsQueryText(q evidence.CommitQuery) string {
	return fmt.Sprintf("commits of %s %s..%s", q.Service, q.From, q.To) + windowText(q.Window)
}

// resolve finds a revision: a SHA or its first seven digits or more, or a
// version that a deploy of the service tied to a commit.
func (b *Bundle) resolve(h *history, service, revision string) (int, error) {
	r := strings.ToLower(revision)
	if i, ok := h.bySHA[r]; ok {
		return i, nil
	}
	if someSHA.MatchString(r) {
		for i, c := range h.commits {
			if strings.HasPrefix(c.SHA, r) {
				return i, nil
			}
		}
	}
	changes, err := b.changes.get(b.readChanges)
	if err != nil {
		return -1, err
	}
	for _, c := range changes {
		if c.To == revision && c.Commit != "" && (c.Service == service || service == "") {
			if i, ok := h.bySHA[c.Commit]; ok {
				return i, nil
			}
		}
	}
	return -1, fmt.Errorf("revision %.80q of %.80q is not among the bundle's commits: %w", revision, service, evidence.ErrNotFound)
}

// between yields the indexes of commits contained in to and not in from, newest
// first; -1 stands for no bound.
func (h *history) between(from, to int) func(func(int) bool) {
	contained := func(tip int) func(int) bool {
		if !h.linked {
			return func(i int) bool { return i >= tip } // newest first: what is older stands behind
		}
		set := h.ancestors(tip)
		return func(i int) bool { return set[i] }
	}
	in, out := func(int) bool { return true }, func(int) bool { return false }
	if to >= 0 {
		in = contained(to)
	}
	if from >= 0 {
		out = contained(from)
	}
	return func(yield func(int) bool) {
		for i := range h.commits {
			if in(i) && !out(i) && !yield(i) {
				return
			}
		}
	}
}

// ancestors is the set of commits reachable from tip, itself included.
func (h *history) ancestors(tip int) map[int]bool {
	set, todo := map[int]bool{tip: true}, []int{tip}
	for len(todo) > 0 {
		c := h.commits[todo[len(todo)-1]]
		todo = todo[:len(todo)-1]
		for _, p := range c.Parents {
			if i, ok := h.bySHA[strings.ToLower(p)]; ok && !set[i] {
				set[i] = true
				todo = append(todo, i)
			}
		}
	}
	return set
}

// Blame is not something that commits.jsonl can answer: evidence.ErrNotFound. A
// bundle with a repository is blamed through the repository.
func (b *Bundle) Blame(ctx context.Context, service string, f evidence.Frame, revision string) (evidence.Blame, error) {
	if err := b.replay(ctx, SourceCode, fmt.Sprintf("blame %s %s:%d %s", service, f.File, f.Line, revision)); err != nil {
		return evidence.Blame{}, err
	}
	return evidence.Blame{}, fmt.Errorf("blame %.120q: the bundle holds no repository: %w", f.File, evidence.ErrNotFound)
}

// Decision finds nothing: records are read by the decision index.
func (b *Bundle) Decision(ctx context.Context, id, _, _ string) (evidence.Decision, error) {
	if err := b.replay(ctx, SourceDecisions, "decision "+id); err != nil {
		return evidence.Decision{}, err
	}
	return evidence.Decision{}, fmt.Errorf("decision %.80q: no decision index was opened over the bundle: %w", id, evidence.ErrNotFound)
}

// CoveredBy finds nothing, as Decision does.
func (b *Bundle) CoveredBy(ctx context.Context, service, _ string, c evidence.Commit) ([]evidence.DecisionLink, error) {
	return nil, b.replay(ctx, SourceDecisions, "decisions over "+service+" "+c.SHA)
}
