package blameindex

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

type place struct {
	Place
	repo *git.Repo
	db   *DB

	mu      sync.Mutex
	trees   map[string][]string // paths by commit
	fetched time.Time
	missed  map[string]bool // revisions that a fetch did not bring
	names   map[string]recalled
	asked   singleflight.Group // names that are being resolved
}

// recalled is what a name meant a moment ago.
type recalled struct {
	sha string
	at  time.Time
}

// recallFor is how long a name is taken to mean what it meant: one
// investigation asks about the same few a hundred times.
const recallFor = 5 * time.Second

// recall is resolve with a short memory.
func (p *place) recall(ctx context.Context, rev string) (string, error) {
	p.mu.Lock()
	known, ok := p.names[rev]
	p.mu.Unlock()
	if ok && time.Since(known.at) < recallFor {
		return known.sha, nil
	}
	found, err, _ := p.asked.Do(rev, func() (any, error) { return p.resolve(ctx, rev) })
	if err != nil {
		return "", err
	}
	sha := found.(string)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.names == nil || len(p.names) > maxMissed {
		p.names = map[string]recalled{}
	}
	p.names[rev] = recalled{sha, time.Now()}
	return sha, nil
}

// maxTrees bounds how many revisions' paths are kept in memory.
const maxTrees = 16

func (s *Source) place(service string) (*place, error) {
	if p := s.places[service]; p != nil {
		return p, nil
	}
	if p := s.places[""]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("no repository is configured for service %q; name it under repositories in the configuration: %w", service, evidence.ErrNotFound)
}

func open(ctx context.Context, p Place) (*git.Repo, error) {
	if p.Mirror == "" {
		return git.Open(ctx, p.Repository)
	}
	return git.Mirror(ctx, p.Repository, p.Mirror)
}

// defaultFetch is how old a mirror may become.
const defaultFetch = 5 * time.Minute

// refresh fetches a mirror when it is due, or when missing names a revision
// that no fetch has been tried for. That a fetch failed is only an error where
// it was needed: what is there still answers.
func (p *place) refresh(ctx context.Context, missing string) error {
	if p.Mirror == "" {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	due := time.Since(p.fetched) > cmp.Or(p.Fetch, defaultFetch)
	if !due && (missing == "" || p.missed[missing]) {
		return nil
	}
	if missing != "" {
		if len(p.missed) > maxMissed {
			clear(p.missed)
		}
		p.missed[missing] = true
	}
	p.fetched = time.Now()
	return p.repo.Fetch(ctx, p.Repository)
}

// maxMissed bounds how many unknown revisions are remembered: telemetry can
// name any number of them.
const maxMissed = 1000

// resolve gives the commit that a revision from telemetry means.
func (p *place) resolve(ctx context.Context, rev string) (string, error) {
	_ = p.refresh(ctx, "") // what is there already may do
	sha, err := p.look(ctx, rev)
	if errors.Is(err, evidence.ErrNotFound) && p.Mirror != "" {
		if fetchErr := p.refresh(ctx, rev); fetchErr != nil {
			return "", errors.Join(err, fetchErr)
		}
		return p.look(ctx, rev)
	}
	return sha, err
}

func (p *place) look(ctx context.Context, rev string) (string, error) {
	sha, err := p.repo.Resolve(ctx, rev)
	if errors.Is(err, evidence.ErrNotFound) && !strings.HasPrefix(rev, "v") {
		if sha, err2 := p.repo.Resolve(ctx, "v"+rev); err2 == nil { // service.version 1.8.2, tag v1.8.2
			return sha, nil
		}
	}
	return sha, err
}

// paths lists the files of a commit.
func (p *place) paths(ctx context.Context, sha string) ([]string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t, ok := p.trees[sha]; ok {
		return t, nil
	}
	entries, err := p.repo.Tree(ctx, sha)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Regular() {
			names = append(names, e.Path)
		}
	}
	if len(p.trees) >= maxTrees {
		clear(p.trees)
	}
	p.trees[sha] = names
	return names, nil
}

// around is how many lines before and after the one asked for are shown.
const around = 3

func (p *place) blameLines(ctx context.Context, b *evidence.Blame) error {
	text, err := p.repo.File(ctx, b.Ref.Revision, b.Ref.Path)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if b.Ref.Line > len(lines) {
		return fmt.Errorf("%s:%d: the file has %d lines at %s: %w", b.Ref.Path, b.Ref.Line, len(lines), short(b.Ref.Revision), evidence.ErrNotFound)
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
	return p.repo.Log(ctx, to, not, limit, extra...)
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
	return p.repo.Show(ctx, shas, maxDiff)
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
		if err := p.db.ensure(ctx, p.repo, sha, ""); err != nil {
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
