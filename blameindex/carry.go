package blameindex

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Repository is one repository of a Source, to be carried elsewhere.
type Repository struct {
	// Places are those of its services, by service.
	Places []Place
	at     *place
}

// Repositories lists the repositories that hold the code of any of these
// services, in order of the first service that each is of. One that holds the
// code of all services without a place of their own is of all.
func (s *Source) Repositories(services []string) []Repository {
	var out []Repository
	for _, p := range s.all() {
		r := Repository{at: p}
		for _, other := range s.places {
			if other.db == p.db {
				r.Places = append(r.Places, other.Place)
			}
		}
		slices.SortFunc(r.Places, func(a, b Place) int { return cmp.Compare(a.Service, b.Service) })
		if slices.ContainsFunc(r.Places, func(p Place) bool { return p.Service == "" || slices.Contains(services, p.Service) }) {
			out = append(out, r)
		}
	}
	return out
}

// WriteBundle writes the history as a git bundle: all branches and tags, and
// besides those of the revisions that are in it. It is git.ErrTooLarge when that
// would be more than most bytes.
func (r Repository) WriteBundle(ctx context.Context, w io.Writer, most int64, revisions []string) error {
	var also []string
	for _, rev := range revisions {
		if sha, err := r.at.look(ctx, rev); err == nil && !slices.Contains(also, sha) {
			also = append(also, sha)
		}
	}
	repo, err := r.at.ready(ctx)
	if err != nil {
		return err
	}
	return repo.WriteBundle(ctx, w, most, also)
}

// RecordFile is a file that holds decision records, as it is at a revision.
type RecordFile struct {
	Path string
	Text []byte
}

// RecordFiles reads the decision records of the first revision that is known,
// of HEAD when none is.
func (r Repository) RecordFiles(ctx context.Context, revisions []string) ([]RecordFile, error) {
	for _, rev := range append(slices.Clone(revisions), "HEAD") {
		sha, err := r.at.look(ctx, rev)
		if err != nil {
			continue // told by another repository, or gone
		}
		repo, err := r.at.ready(ctx)
		if err != nil {
			return nil, err
		}
		entries, err := repo.Tree(ctx, sha)
		if err != nil {
			return nil, fmt.Errorf("decision records at %s: %w", evidence.ShortRevision(sha), err)
		}
		globs, err := recordGlobs(ctx, repo, entries, r.at.db.options.DecisionGlobs)
		if err != nil {
			return nil, err
		}
		var out []RecordFile
		var oids []string
		for _, e := range entries {
			if e.Regular() && decision.Matches(globs, e.Path) {
				out, oids = append(out, RecordFile{Path: e.Path}), append(oids, e.OID)
			}
		}
		err = repo.Blobs(ctx, oids, func(i int, data []byte) error {
			if data == nil {
				return fmt.Errorf("%s: its content is not in the repository: %w", out[i].Path, evidence.ErrNotFound)
			}
			out[i].Text = data
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("decision records at %s: %w", evidence.ShortRevision(sha), err)
		}
		return out, nil
	}
	return nil, nil
}

// OpenGitBundles unpacks git bundles, which the places name as their
// repositories, as bare repositories in new directories below dir and returns a
// source that answers from them. What is asked for is indexed on the way. The
// caller removes dir after Close.
func OpenGitBundles(ctx context.Context, places []Place, dir string, o Options) (*Source, error) {
	unpacked := map[string]string{}
	var list []Place
	for _, p := range places {
		file := p.Repository
		if unpacked[file] == "" {
			repo, err := git.CloneBundle(ctx, file, dir)
			if err != nil {
				return nil, err
			}
			unpacked[file] = repo.Dir
		}
		p.Repository = unpacked[file]
		list = append(list, p)
	}
	return NewSource(ctx, list, o)
}
