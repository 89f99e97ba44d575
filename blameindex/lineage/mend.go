package lineage

import (
	"context"

	"github.com/wherefore-dev/wherefore/blameindex/git"
)

// mend fills in the comparisons that git gave up at, because a commit or a tree
// is missing. The files that nobody can compare are lost, unless a parent
// before has them unchanged: there git blame looks no further either.
func (w *walker) mend(ctx context.Context, c int32, set map[int32]int32, ds diffs) error {
	if w.damaged = nil; intact(ds) {
		return nil
	}
	w.damaged = make([]bool, len(ds))
	rest := make(map[string]bool, len(set))
	for path := range set {
		rest[w.paths.list[path]] = true
	}
	for i := range ds {
		if ds[i] == nil {
			w.damaged[i] = true
			if err := w.mendOne(ctx, c, i, set, rest, ds); err != nil {
				return err
			}
		}
		differ := make(map[string]bool, len(ds[i]))
		for _, ch := range ds[i] {
			if rest[ch.Path] && !sameContent(ch) {
				differ[ch.Path] = true
			}
		}
		rest = differ
	}
	return nil
}

func intact(ds diffs) bool {
	for _, d := range ds {
		if d == nil {
			return false
		}
	}
	return true
}

// mendOne compares the rest of the files with one parent and loses those that
// cannot be.
func (w *walker) mendOne(ctx context.Context, c int32, parent int, set map[int32]int32, rest map[string]bool, ds diffs) error {
	ds[parent] = []git.Change{}
	paths := make([]string, 0, len(rest))
	for p := range rest {
		paths = append(paths, p)
	}
	lost := paths
	if p := w.graph.Parents[c][parent]; p >= 0 && len(paths) > 0 {
		var err error
		pair := git.Pair{Commit: w.graph.SHAs[c], Parent: w.graph.SHAs[p]}
		if ds[parent], lost, err = w.repo.Salvage(ctx, pair, paths); err != nil {
			return err
		}
	}
	for _, p := range lost {
		id := w.paths.ids[p]
		w.lose(map[int32]int32{id: set[id]})
		delete(set, id)
		delete(rest, p)
	}
	return nil
}
