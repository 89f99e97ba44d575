package blameindex

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Place says where a service's code is.
type Place struct {
	// Service is the service's name; empty for every service without a place of
	// its own.
	Service string
	// Repository is the path of a local repository, bare or not, or with Mirror
	// the address of a remote one.
	Repository string
	// Mirror, when set, is the directory of a bare mirror of Repository, made
	// when it is not there, fetched when it is older than Fetch and once for
	// each revision that it does not know.
	Mirror string
	Fetch  time.Duration // 5 minutes when 0
	// Database is the index's file; empty means the default in the git
	// directory.
	Database string
	// Prefix is the service's directory in the repository, empty for all of it.
	Prefix string
	// BuildPrefixes maps prefixes of paths on the build machine to directories
	// of the repository, where the longest common suffix cannot tell.
	BuildPrefixes map[string]string
	// URL, when set, is a commit's page with {sha} in it.
	URL string
}

// Source answers the engine's questions about code and decisions. It
// implements correlate.CodeSource and correlate.DecisionSource; a revision or
// file that is not in the index yet is indexed when it is asked for. It is
// safe for concurrent use.
type Source struct {
	places  map[string]*place
	closers []func() error
}

type place struct {
	Place
	repo *git.Repo
	db   *DB

	mu      sync.Mutex
	trees   map[string][]string // paths by commit
	fetched time.Time
	missed  map[string]bool // revisions that a fetch did not bring
}

// DefaultPath is where a repository's index stands unless told otherwise.
func DefaultPath(repo *git.Repo) string { return filepath.Join(repo.Dir, "wherefore.db") }

// maxTrees bounds how many revisions' paths are kept in memory.
const maxTrees = 16

// NewSource opens the repositories and their indexes.
func NewSource(ctx context.Context, places []Place, o Options) (*Source, error) {
	s := &Source{places: map[string]*place{}}
	opened := map[string]*place{}
	for _, p := range places {
		if _, twice := s.places[p.Service]; twice {
			return nil, errors.Join(fmt.Errorf("service %q has two repositories: %w", p.Service, evidence.ErrInvalid), s.Close())
		}
		repo, err := open(ctx, p)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		if p.Database == "" {
			p.Database = DefaultPath(repo)
		}
		at := &place{Place: p, repo: repo, trees: map[string][]string{}, missed: map[string]bool{}}
		if same := opened[p.Database]; same != nil {
			at.db = same.db
		} else {
			if at.db, err = Open(p.Database, o); err != nil {
				return nil, errors.Join(err, s.Close())
			}
			s.closers = append(s.closers, at.db.Close)
			opened[p.Database] = at
		}
		s.places[p.Service] = at
	}
	return s, nil
}

// Close closes the indexes.
func (s *Source) Close() error {
	var errs []error
	for _, c := range s.closers {
		errs = append(errs, c())
	}
	s.closers = nil
	return errors.Join(errs...)
}

func (s *Source) place(service string) (*place, error) {
	if p := s.places[service]; p != nil {
		return p, nil
	}
	if p := s.places[""]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("no repository is configured for service %q: %w", service, evidence.ErrNotFound)
}

// all returns every place once, in order of service.
func (s *Source) all() []*place {
	var names []string
	for n := range s.places {
		names = append(names, n)
	}
	slices.Sort(names)
	var out []*place
	seen := map[*DB]bool{}
	for _, n := range names {
		if p := s.places[n]; !seen[p.db] {
			seen[p.db] = true
			out = append(out, p)
		}
	}
	return out
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

// Blame implements correlate.CodeSource.
func (s *Source) Blame(ctx context.Context, service string, f evidence.Frame, rev string) (evidence.Blame, error) {
	p, err := s.place(service)
	if err != nil {
		return evidence.Blame{}, err
	}
	sha, err := p.resolve(ctx, rev)
	if err != nil {
		return evidence.Blame{}, err
	}
	files, err := p.paths(ctx, sha)
	if err != nil {
		return evidence.Blame{}, err
	}
	path, err := resolveFrame(f, files, p.Prefix, p.BuildPrefixes)
	if err != nil {
		return evidence.Blame{}, err
	}
	b := evidence.Blame{Ref: evidence.CodeRef{Repository: filepath.Base(p.repo.Top), Path: path, Line: f.Line, Function: f.Function, Revision: sha, Rung: f.Rung}}
	if f.Line == 0 {
		return b, fmt.Errorf("%s: the frame has no line number: %w", path, evidence.ErrNotFound)
	}
	if err := p.db.ensure(ctx, p.repo, sha, path); err != nil {
		return b, err
	}
	return b, p.blameLines(ctx, &b)
}

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

// maxDiff is how much of a commit's diff goes into evidence.
const maxDiff = 256 << 10

// Commits implements correlate.CodeSource.
func (s *Source) Commits(ctx context.Context, q evidence.CommitQuery) ([]evidence.Commit, error) {
	p, err := s.place(q.Service)
	if err != nil {
		return nil, err
	}
	found, err := p.log(ctx, q)
	if err != nil {
		return nil, err
	}
	var out []evidence.Commit
	for _, c := range found {
		e := evidence.Commit{SHA: c.SHA, Parents: c.Parents, Author: c.Author, Email: c.Email, Time: c.Time, Message: c.Message}
		if len(c.Parents) < 2 { // a merge brings in commits that are here themselves
			if e.Diff, e.Files, err = p.repo.Patch(ctx, c, maxDiff); err != nil {
				if ctx.Err() != nil {
					return nil, err
				}
				e.Diff, e.Files = "", nil // an object is missing; the commit stays a suspect
			}
		}
		slices.Sort(e.Files)
		e.Services = s.reached(p, e.Files)
		if p.URL != "" {
			e.URL = strings.ReplaceAll(p.URL, "{sha}", c.SHA)
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b evidence.Commit) int {
		return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.SHA, b.SHA))
	})
	return out, nil
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

// reached names the services whose directory in the same repository holds any
// of the files; nil when no service of it has a directory of its own.
func (s *Source) reached(p *place, files []string) []string {
	var out []string
	for name, other := range s.places {
		if other.repo.Dir != p.repo.Dir || other.Prefix == "" || name == "" {
			continue
		}
		prefix := strings.TrimSuffix(other.Prefix, "/") + "/"
		if slices.ContainsFunc(files, func(f string) bool { return strings.HasPrefix(f, prefix) }) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Decision implements correlate.DecisionSource.
func (s *Source) Decision(ctx context.Context, id string) (evidence.Decision, error) {
	for _, p := range s.all() {
		records, err := p.records(ctx)
		if err != nil {
			return evidence.Decision{}, err
		}
		for _, r := range records {
			if r.ID == id && r.Kind == decision.KindDecision {
				return r.Decision, nil
			}
		}
		for _, r := range records {
			if r.ID == id {
				return r.Decision, nil
			}
		}
	}
	return evidence.Decision{}, fmt.Errorf("no decision %q is recorded: %w", clip(id), evidence.ErrNotFound)
}

// records are those of the revision that was indexed last, or of HEAD when
// none was.
func (p *place) records(ctx context.Context) ([]decision.Record, error) {
	r, err := p.db.findRevision(ctx, "")
	if errors.Is(err, evidence.ErrNotFound) {
		var sha string
		if sha, err = p.repo.Resolve(ctx, "HEAD"); err == nil {
			if err = p.db.ensure(ctx, p.repo, sha, ""); err == nil {
				r, err = p.db.revisionBySHA(ctx, sha)
			}
		}
		if errors.Is(err, evidence.ErrNotFound) {
			return nil, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return p.db.recordSet(ctx, r.records)
}

// CoveredBy implements correlate.DecisionSource.
func (s *Source) CoveredBy(ctx context.Context, service string, c evidence.Commit) ([]evidence.DecisionLink, error) {
	p, err := s.place(service)
	if err != nil {
		if errors.Is(err, evidence.ErrNotFound) {
			return []evidence.DecisionLink{}, nil
		}
		return nil, err
	}
	records, err := p.records(ctx)
	if err != nil {
		return nil, err
	}
	return Cover(records, c), nil
}

// Cover returns the links between a commit and records: tags on lines that the
// diff touches or shows beside them, trailers, references and scopes.
func Cover(records []decision.Record, c evidence.Commit) []evidence.DecisionLink {
	links := linkSet{}
	for _, line := range strings.Split(c.Diff, "\n") {
		if line == "" || strings.HasPrefix(line, "+++") || strings.HasPrefix(line, "---") {
			continue
		}
		strength := strengthTagBlock
		if line[0] == '+' || line[0] == '-' {
			strength = strengthTagLine
		}
		for _, id := range decision.Tags(line[1:]) {
			links.add(id, "tag", strength)
		}
	}
	for _, id := range decision.Trailers(c.Message) {
		links.add(id, "trailer", strengthTrailer)
	}
	for _, r := range records {
		for _, f := range c.Files {
			links.addRecord(r, f, 0)
		}
	}
	return links.sorted()
}
