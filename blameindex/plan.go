package blameindex

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// indexer is one call of Index.
type indexer struct {
	db    *DB
	repo  *git.Repo
	o     IndexOptions
	stats *IndexStats
	plans []*plan
	blobs map[string]*blobInfo // by object name
	view  string               // of history, as Repo.View says
	// retries says that what was unknown is tried again at revisions that are
	// indexed again; unknown are the ownerships that are taken over as such.
	retries bool
	unknown map[int64]bool
}

// plan is what has to be stored for one revision.
type plan struct {
	rev         revision
	names       []string
	tree        []git.Entry // all of it
	base        map[string]stored
	files       []file            // that need ownership
	skip        map[string]string // reason by path
	ignore      []byte            // .git-blame-ignore-revs of the tree
	ignored     map[string]bool   // the revisions in it
	ignoredRows map[int64]bool    // the same, as far as the database has them
	reread      bool              // what is stored was blamed in another way
	again       bool              // it was indexed before
	unknown     int               // files with lines that nobody can know
}

// has reports whether the revision's tree has a path.
func (p *plan) has(path string) bool {
	return slices.ContainsFunc(p.tree, func(e git.Entry) bool { return e.Path == path })
}

// file is one path of a plan.
type file struct {
	path, oid string
	done      bool // stored by an indexing that was interrupted
}

// stored is a path as a revision in the database has it.
type stored struct {
	ownership int64
	reason    string
	blob      string // hex, empty without ownership
	lines     int
	unknown   bool // it has lines that nobody could know
	here      bool // stored for this very revision, not for a base of it
}

// settles reports whether nothing is to be worked out for a content any more.
func (s stored) settles(oid string) bool { return s.here && s.blob == oid && !s.unknown }

// blobInfo is what was learnt of one content.
type blobInfo struct {
	size   int64
	reason string // why it is skipped, empty for text
	lines  int
	tags   []tag
	known  bool // lines are from the database, where the tags are too
}

// plan decides what to do for a revision. A commit that is wanted under two
// names is planned once.
func (ix *indexer) plan(ctx context.Context, ref git.Ref) error {
	for _, p := range ix.plans {
		if p.rev.sha == ref.SHA {
			p.names = append(p.names, ref.Name)
			return nil
		}
	}
	p := &plan{rev: revision{sha: ref.SHA}, names: []string{ref.Name}, skip: map[string]string{}}
	known, err := ix.db.revisionBySHA(ctx, ref.SHA)
	switch {
	case errors.Is(err, evidence.ErrNotFound):
		p.rev.globs = ix.o.Globs
	case err != nil:
		return err
	default:
		p.rev, p.again = known, true
		if known.complete && covers(known.globs, ix.o.Globs) && (known.unknown == 0 || !ix.retries) && detectedBy(known.ignored) == ix.stats.Detect && viewedBy(known.ignored) == ix.view {
			ix.stats.Known++
			return ix.db.saveNames(ctx, known.id, p.names)
		}
		p.rev.globs = union(known.globs, ix.o.Globs, known.complete)
	}
	if p.tree, err = ix.repo.Tree(ctx, ref.SHA); err != nil {
		return fmt.Errorf("read the tree of %s: %w", ref.Name, err)
	}
	ix.plans = append(ix.plans, p)
	return nil
}

// union is the globs that an index covers after it was extended; an empty list
// stands for everything.
func union(have, more []string, complete bool) []string {
	if !complete {
		return more
	}
	if len(have) == 0 || len(more) == 0 {
		return nil
	}
	out := append([]string{}, have...)
	for _, g := range more {
		if !covers(out, []string{g}) {
			out = append(out, g)
		}
	}
	return out
}

// run carries out the plans: contents first, then revision by revision.
func (ix *indexer) run(ctx context.Context) error {
	for _, p := range ix.plans {
		if err := ix.begin(ctx, p); err != nil {
			return err
		}
	}
	if err := ix.inspect(ctx); err != nil {
		return err
	}
	for _, p := range ix.plans {
		ix.sort(p)
	}
	if err := ix.own(ctx); err != nil {
		return err
	}
	for _, p := range ix.plans {
		if err := ix.finish(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// sort divides a revision's files into those whose ownership is in the
// database already, those that are skipped, and the rest.
func (ix *indexer) sort(p *plan) {
	for _, e := range p.tree {
		if !matchAny(p.rev.globs, e.Path) && e.Mode != git.UnreadTree {
			continue
		}
		switch {
		case e.Mode == git.UnreadTree:
			p.skip[e.Path] = "missing"
		case e.Mode == "120000":
			p.skip[e.Path] = "link"
		case e.Mode == "160000":
			p.skip[e.Path] = "submodule"
		case git.CheckPath(e.Path) != nil:
			p.skip[e.Path] = "path"
		case ix.blobs[e.OID] != nil && ix.blobs[e.OID].reason != "":
			p.skip[e.Path] = ix.blobs[e.OID].reason
		default:
			p.files = append(p.files, file{path: e.Path, oid: e.OID, done: p.base[e.Path].settles(e.OID) && !p.reread})
			continue
		}
		ix.stats.Skipped[p.skip[e.Path]]++
	}
}
