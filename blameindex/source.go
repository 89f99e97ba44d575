package blameindex

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Place says where a service's code is.
type Place struct {
	// Name is what the repository is called in metrics and events; its base name
	// when empty.
	Name string
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
	life    *lifetime
	closers []func() error
}

// DefaultPath is where a repository's index stands unless told otherwise.
func DefaultPath(repo *git.Repo) string { return filepath.Join(repo.Common, "wherefore.db") }

// NewSource opens the repositories and their indexes. A remote repository that
// was never fetched is fetched when it is asked about, or by Connect: one that
// cannot be reached is an error of the questions about it.
func NewSource(ctx context.Context, places []Place, o Options) (*Source, error) {
	s := &Source{places: map[string]*place{}, life: newLifetime(ctx)}
	opened := map[string]*checkout{}
	for _, p := range places {
		if _, twice := s.places[p.Service]; twice {
			return nil, errors.Join(fmt.Errorf("service %q has two repositories: %w", p.Service, evidence.ErrInvalid), s.Close())
		}
		same := opened[p.Database]
		if same == nil || p.Database == "" {
			var err error
			if same, err = newCheckout(ctx, p, s.life); err != nil {
				return nil, errors.Join(err, s.Close())
			}
			file, err := databaseOf(ctx, same)
			if err != nil {
				return nil, errors.Join(err, s.Close())
			}
			if first := opened[file]; first != nil {
				same = first
			} else if same.db, err = Open(file, o); err != nil {
				return nil, errors.Join(err, s.Close())
			} else {
				s.closers = append(s.closers, same.db.Close)
				opened[file] = same
			}
		}
		s.places[p.Service] = &place{p, same}
	}
	return s, nil
}

// databaseOf is the file of a repository's index. Where it stands in the git
// directory that must be there first.
func databaseOf(ctx context.Context, c *checkout) (string, error) {
	if c.origin.Database != "" {
		return c.origin.Database, nil
	}
	repo, err := c.ready(ctx)
	if err != nil {
		return "", err
	}
	return DefaultPath(repo), nil
}

// Close ends what runs in the background and closes the indexes.
func (s *Source) Close() error {
	s.life.close()
	var errs []error
	for _, c := range s.closers {
		errs = append(errs, c())
	}
	s.closers = nil
	return errors.Join(errs...)
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

// ServiceIn is the service by which to ask for code of a repository that somebody
// named: of the repository's name, the first of its services; of the empty name, where
// there is one repository, the same of that; a service's name is itself. Its error names
// the repositories that there are: evidence.ErrNotFound where none has the name or there
// is none at all, and evidence.ErrInvalid for the empty name where there are several.
func (s *Source) ServiceIn(repo string) (string, error) {
	if s.places[repo] != nil {
		return repo, nil
	}
	all := s.all()
	var names []string
	for _, p := range all {
		if repo != "" && repo == p.Name || repo == "" && len(all) == 1 {
			return p.Service, nil
		}
		names = append(names, cmp.Or(p.Name, p.Repository))
	}
	switch {
	case s.places[""] != nil:
		return repo, nil // its place holds every service's code
	case len(all) == 0:
		return "", fmt.Errorf("no repository is configured: %w; name one under repositories in the configuration", evidence.ErrNotFound)
	case repo == "":
		return "", fmt.Errorf("there are several repositories, name one of %s: %w", strings.Join(names, ", "), evidence.ErrInvalid)
	}
	return "", fmt.Errorf("no repository or service is named %q; repositories are %s: %w", repo, strings.Join(names, ", "), evidence.ErrNotFound)
}

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
	repo, err := p.ready(ctx)
	if err != nil {
		return evidence.Blame{}, err
	}
	b := evidence.Blame{Ref: evidence.CodeRef{Repository: filepath.Base(repo.Top), Path: path, Line: f.Line, Function: f.Function, Revision: sha, Rung: f.Rung}}
	if f.Line == 0 {
		return b, fmt.Errorf("%s: the frame has no line number: %w", path, evidence.ErrNotFound)
	}
	if err := p.ensure(ctx, sha, path); err != nil {
		return b, err
	}
	return b, p.blameLines(ctx, &b)
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
	shown, err := p.show(ctx, found)
	if err != nil {
		return nil, err
	}
	var out []evidence.Commit
	for _, c := range found {
		e := evidence.Commit{SHA: c.SHA, Parents: c.Parents, Author: c.Author, Email: c.Email, Time: c.Time, Message: c.Message}
		// Of a commit with a missing object there is none; it stays a suspect.
		e.Diff, e.Files = shown[c.SHA].Diff, shown[c.SHA].Files
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

// reached names the services whose directory in the same repository holds any
// of the files; nil when no service of it has a directory of its own.
func (s *Source) reached(p *place, files []string) []string {
	var out []string
	for name, other := range s.places {
		if other.checkout != p.checkout || other.Prefix == "" || name == "" {
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
func (s *Source) Decision(ctx context.Context, id, service, revision string) (evidence.Decision, error) {
	if p, err := s.place(service); err == nil && revision != "" {
		records, err := p.records(ctx, revision)
		if err != nil {
			return evidence.Decision{}, err
		}
		if d, ok := pick(records, id); ok {
			return d, nil
		}
	}
	for _, p := range s.all() {
		records, err := p.records(ctx, "")
		if err != nil {
			return evidence.Decision{}, err
		}
		if d, ok := pick(records, id); ok {
			return d, nil
		}
	}
	return evidence.Decision{}, fmt.Errorf("no decision %q is recorded: %w", clip(id), evidence.ErrNotFound)
}

// pick finds a record by its ID, a decision rather than a rule.
func pick(records []decision.Record, id string) (found evidence.Decision, ok bool) {
	for _, r := range records {
		if r.ID == id && (!ok || r.Kind == decision.KindDecision) {
			found, ok = r.Decision, true
			if r.Kind == decision.KindDecision {
				break
			}
		}
	}
	return found, ok
}

// CoveredBy implements correlate.DecisionSource.
func (s *Source) CoveredBy(ctx context.Context, service, revision string, c evidence.Commit) ([]evidence.DecisionLink, error) {
	p, err := s.place(service)
	if err != nil {
		if errors.Is(err, evidence.ErrNotFound) {
			return []evidence.DecisionLink{}, nil
		}
		return nil, err
	}
	records, err := p.records(ctx, revision)
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
