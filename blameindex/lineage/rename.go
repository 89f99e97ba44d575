package lineage

import (
	"context"
	"errors"
	"path"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/guard"
)

// lookup is the question where a path came from that a parent has not.
type lookup struct {
	touch, parent int // indexes
	from          string
	patch         git.Patch // Old and New are equal for a plain move
	lost          bool      // an object is missing: nobody can know
}

// identicalTried is how many sources of the same content git looks at before
// it settles (find_identical_files in diffcore-rename.c).
const identicalTried = 100

// manySources is from how many deleted files on it pays to ask for sizes first.
const manySources = 24

// hugeSources is from how many deleted files on git blame itself is asked.
const hugeSources = 1500

// findRenames answers the look-ups of one commit. A file that was moved as it
// was is recognised by its object name; for others git is asked, since how
// similar two files are depends on its version.
func (w *walker) findRenames(ctx context.Context, c int32, ts []touch, ds diffs, look []lookup) error {
	if len(look) == 0 {
		return nil
	}
	ds, err := w.whole(ctx, c, ds)
	if err != nil {
		return err
	}
	deleted := deletions(ds)
	sizes := map[string]int64{}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.NumCPU())
	for k := range look {
		l := &look[k]
		to := ts[l.touch].changes[l.parent]
		l.lost = ds[l.parent] == nil || w.damaged != nil && w.damaged[l.parent]
		ask, err := w.question(ctx, c, l, to, deleted[l.parent], len(ds) == 1, sizes)
		if err != nil {
			return errors.Join(g.Wait(), err) // whose failure may have been the first
		}
		if ask == nil {
			continue
		}
		g.Go(guard.Func(func() (err error) {
			if l.from, l.patch, err = ask(); errors.Is(err, git.ErrStopped) {
				l.lost, err = true, nil
			}
			return err
		}))
	}
	return g.Wait()
}

// deletions are the plain files that a commit deleted, by parent.
func deletions(ds diffs) [][]git.Change {
	out := make([][]git.Change, len(ds))
	for i := range ds {
		for _, ch := range ds[i] {
			if ch.Status == 'D' && len(ch.OldMode) == 6 && ch.OldMode[:3] == "100" {
				out[i] = append(out[i], ch)
			}
		}
	}
	return out
}

// question is what git has to be asked for a look-up; nil when nothing has,
// because the look-up is answered, lost, or has no source. only says that the
// commit has one parent; sizes are those learnt so far.
func (w *walker) question(ctx context.Context, c int32, l *lookup, to git.Change, sources []git.Change, only bool, sizes map[string]int64) (func() (string, git.Patch, error), error) {
	if l.lost || len(sources) == 0 {
		return nil, nil
	}
	if from := identical(sources, to); from != "" {
		l.from, l.patch = from, git.Patch{Old: to.New, New: to.New}
		return nil, nil
	}
	pair := git.Pair{Commit: w.graph.SHAs[c], Parent: w.graph.SHAs[w.graph.Parents[c][l.parent]]}
	if len(sources) > hugeSources && only && w.local == nil {
		return func() (string, git.Patch, error) { return w.repo.RenameByBlame(ctx, pair, to.Path) }, nil
	}
	if len(sources) > manySources {
		if err := w.learnSizes(ctx, sizes, sources, to); err != nil {
			return nil, err
		}
		sources = plausible(sizes, sources, to)
	}
	if len(sources) == 0 {
		return nil, nil
	}
	if l.lost = w.sourcesLost(sources, to); l.lost {
		return nil, nil
	}
	names := make([]string, len(sources))
	for i, s := range sources {
		names[i] = s.Path
	}
	return func() (string, git.Patch, error) { return w.repo.Rename(ctx, pair, to.Path, names) }, nil
}

// whole gives all changes of a commit when only a few paths were asked about:
// where a file came from may be any of the others.
func (w *walker) whole(ctx context.Context, c int32, ds diffs) (diffs, error) {
	if w.few == nil {
		return ds, nil
	}
	all := *w
	all.few = nil
	got, err := all.changes(ctx, int(c), int(c)+1)
	if err != nil {
		return nil, err
	}
	return got[0], nil
}

// identical is the source that git picks among deleted files of the same
// content: one of the same base name, else the first.
func identical(sources []git.Change, to git.Change) string {
	first, tried := "", 0
	for _, s := range sources {
		if s.Old != to.New {
			continue
		}
		if path.Base(s.Path) == path.Base(to.Path) {
			return s.Path
		}
		if first == "" {
			first = s.Path
		}
		if tried++; tried == identicalTried {
			break
		}
	}
	return first
}

func (w *walker) learnSizes(ctx context.Context, sizes map[string]int64, sources []git.Change, to git.Change) error {
	var ask []string
	for _, s := range sources {
		if _, ok := sizes[s.Old]; !ok {
			ask = append(ask, s.Old)
		}
	}
	if _, ok := sizes[to.New]; !ok {
		ask = append(ask, to.New)
	}
	if len(ask) == 0 {
		return nil
	}
	got, err := w.repo.Sizes(ctx, ask)
	if err != nil {
		return err
	}
	for i, oid := range ask {
		sizes[oid] = got[i]
	}
	return nil
}

// plausible leaves out the sources that git would give no points for their
// size alone (estimate_similarity in diffcore-rename.c, at the default of
// 50 %). Those of the same base name stay, since git counts them.
func plausible(sizes map[string]int64, sources []git.Change, to git.Change) []git.Change {
	var out []git.Change
	keep := false
	n := sizes[to.New]
	for _, s := range sources {
		m := sizes[s.Old]
		fits := 2*(max(n, m)-min(n, m)) <= max(n, m) || m < 0 || n < 0
		if fits || path.Base(s.Path) == path.Base(to.Path) {
			out = append(out, s)
			keep = keep || fits
		}
	}
	if !keep {
		return nil
	}
	return out
}
