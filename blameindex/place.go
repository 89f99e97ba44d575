package blameindex

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// place is a service's part of a repository.
type place struct {
	Place
	*checkout
}

// recallFor is how long a name is taken to mean what it meant: one
// investigation asks about the same few a hundred times.
const recallFor = 5 * time.Second

// recall is resolve with a short memory.
func (c *checkout) recall(ctx context.Context, rev string) (string, error) {
	if known, ok := c.names.Get(rev); ok && time.Since(known.at) < recallFor {
		return known.sha, nil
	}
	found, err := c.together(ctx, "name "+rev, workFor, func(ctx context.Context) (any, error) { return c.resolve(ctx, rev) })
	if err != nil {
		return "", err
	}
	sha := found.(string)
	c.names.Add(rev, recalled{sha, time.Now()})
	return sha, nil
}

func (s *Source) place(service string) (*place, error) {
	if p := s.places[service]; p != nil {
		return p, nil
	}
	if p := s.places[""]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("no repository is configured for service %q; name it under repositories in the configuration: %w", service, evidence.ErrNotFound)
}

// resolve gives the commit that a revision from telemetry means. A mirror that
// is due is fetched: for the full name of a commit that is there in the
// background, since it means what it means; for another name with a short wait;
// for one that is not there until the fetch has ended, once for each.
func (c *checkout) resolve(ctx context.Context, rev string) (string, error) {
	sha, err := c.look(ctx, rev)
	if c.origin.Mirror == "" || err != nil && !errors.Is(err, evidence.ErrNotFound) {
		return sha, err
	}
	due, fetchErr := c.due()
	switch {
	case err == nil && (sha == rev || !due):
		c.freshen()
		return sha, nil
	case err == nil:
		short, cancel := context.WithTimeout(ctx, freshWait)
		defer cancel()
		if c.fetch(short) != nil { // told by Mirrors and Check
			return sha, nil
		}
		return c.look(ctx, rev)
	case !due && fetchErr != nil:
		return "", errors.Join(err, fetchErr)
	case !due && c.missed.Contains(rev):
		return "", err
	}
	if fetchErr := c.fetch(ctx); fetchErr != nil {
		return "", errors.Join(err, fetchErr)
	}
	c.missed.Add(rev, struct{}{})
	return c.look(ctx, rev)
}

func (c *checkout) look(ctx context.Context, rev string) (string, error) {
	repo, err := c.ready(ctx)
	if err != nil {
		return "", err
	}
	sha, err := repo.Resolve(ctx, rev)
	if errors.Is(err, evidence.ErrNotFound) && !strings.HasPrefix(rev, "v") {
		if sha, err2 := repo.Resolve(ctx, "v"+rev); err2 == nil { // service.version 1.8.2, tag v1.8.2
			return sha, nil
		}
	}
	return sha, err
}

// paths lists the files of a commit. The slice is shared: read only.
func (c *checkout) paths(ctx context.Context, sha string) ([]string, error) {
	if known, ok := c.trees.Get(sha); ok {
		return known, nil
	}
	found, err := c.together(ctx, "tree "+sha, workFor, func(ctx context.Context) (any, error) {
		repo, err := c.ready(ctx)
		if err != nil {
			return nil, err
		}
		entries, err := repo.Tree(ctx, sha)
		if err != nil {
			return nil, err
		}
		names := []string{}
		for _, e := range entries {
			if e.Regular() {
				names = append(names, e.Path)
			}
		}
		c.trees.Add(sha, names)
		return names, nil
	})
	if err != nil {
		return nil, err
	}
	return found.([]string), nil
}

// around is how many lines before and after the one asked for are shown.
const around = 3

func (p *place) blameLines(ctx context.Context, b *evidence.Blame) error {
	repo, err := p.ready(ctx)
	if err != nil {
		return err
	}
	text, err := repo.File(ctx, b.Ref.Revision, b.Ref.Path)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if b.Ref.Line > len(lines) {
		return fmt.Errorf("%s:%d: the file has %d lines at %s: %w", b.Ref.Path, b.Ref.Line, len(lines), evidence.ShortRevision(b.Ref.Revision), evidence.ErrNotFound)
	}
	for n := max(1, b.Ref.Line-around); n <= min(len(lines), b.Ref.Line+around); n++ {
		a, err := p.db.Why(ctx, b.Ref.Path, n, b.Ref.Revision)
		if err != nil {
			return err
		}
		l := evidence.BlameLine{Line: n, Text: strings.ToValidUTF8(strings.TrimSuffix(lines[n-1], "\r"), "\uFFFD"), Commit: a.Commit, Author: a.Author, Email: a.Email, Time: a.Time}
		for _, d := range a.Decisions {
			l.Decisions = append(l.Decisions, d.DecisionID)
			if n == b.Ref.Line {
				b.Decisions = append(b.Decisions, d.DecisionLink)
			}
		}
		b.Lines = append(b.Lines, l)
	}
	return nil
}

func (p *place) log(ctx context.Context, q evidence.CommitQuery) ([]git.Commit, error) {
	limit := q.Limit
	if limit <= 0 || limit > 500 {
		limit = 500
	}
	to, extra := "HEAD", []string(nil)
	if q.To != "" {
		sha, err := p.resolve(ctx, q.To)
		if err != nil {
			return nil, err
		}
		to = sha
	} else {
		extra = append(extra, "--branches", "--tags")
	}
	var not []string
	if q.From != "" {
		sha, err := p.resolve(ctx, q.From)
		if err != nil {
			return nil, err
		}
		not = append(not, sha)
	} else if !q.Window.IsZero() {
		extra = append(extra, fmt.Sprintf("--since=@%d", q.Window.Start.Unix()), fmt.Sprintf("--until=@%d", q.Window.End.Unix()))
	}
	repo, err := p.ready(ctx)
	if err != nil {
		return nil, err
	}
	found, err := repo.Log(ctx, to, not, limit, extra...)
	if err != nil || q.From != "" || q.Window.IsZero() || len(found) >= q.Least {
		return found, err
	}
	// git walks by ancestry: the last ones are told whatever their dates.
	last, err := repo.Log(ctx, to, not, min(q.Least, limit), append(slices.Clone(extra[:len(extra)-2]), fmt.Sprintf("--until=@%d", q.Window.End.Unix()))...)
	for _, c := range last {
		if !slices.ContainsFunc(found, func(f git.Commit) bool { return f.SHA == c.SHA }) {
			found = append(found, c)
		}
	}
	return found, err
}

// ensure indexes a file of a revision that the index does not know yet, or the
// revision's decisions.
func (c *checkout) ensure(ctx context.Context, sha, path string) error {
	repo, err := c.ready(ctx)
	if err != nil {
		return err
	}
	return c.db.ensure(ctx, repo, sha, path)
}

// show reads what commits changed. A merge brings in commits that are there
// themselves.
func (p *place) show(ctx context.Context, commits []git.Commit) (map[string]git.Shown, error) {
	var shas []string
	for _, c := range commits {
		if len(c.Parents) < 2 {
			shas = append(shas, c.SHA)
		}
	}
	repo, err := p.ready(ctx)
	if err != nil {
		return nil, err
	}
	return repo.Show(ctx, shas, maxDiff)
}

// records are those of a revision that runs; of the repository's HEAD when the
// revision is empty or nobody knows it, and of what was indexed last when there
// is no HEAD either.
func (p *place) records(ctx context.Context, revision string) ([]decision.Record, error) {
	for _, rev := range []string{revision, "HEAD"} {
		if rev == "" {
			continue
		}
		sha, err := p.recall(ctx, rev)
		if errors.Is(err, evidence.ErrNotFound) || errors.Is(err, evidence.ErrInvalid) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := p.ensure(ctx, sha, ""); err != nil {
			return nil, err
		}
		r, err := p.db.revisionBySHA(ctx, sha)
		if err != nil {
			return nil, err
		}
		return p.db.recordSet(ctx, r.records)
	}
	r, err := p.db.findRevision(ctx, "")
	if errors.Is(err, evidence.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return p.db.recordSet(ctx, r.records)
}
