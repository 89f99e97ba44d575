package lineage

import (
	"context"

	"github.com/wherefore-dev/wherefore/blameindex/git"
)

// learnLocal finds out what a partial clone has, so that git is not asked about
// the rest: each time it would end at an object that it must not fetch.
func (w *walker) learnLocal(ctx context.Context) (err error) {
	if w.local, err = w.repo.Local(ctx); w.local == nil || err != nil {
		return err
	}
	w.trees, err = w.repo.RootTrees(ctx, w.graph.SHAs)
	return err
}

// absent reports an edge whose contents a partial clone has not.
func (w *walker) absent(e edge) bool { return !w.has(e.old) || !w.has(e.new) }

// treeless reports a pair whose topmost trees a partial clone has not.
func (w *walker) treeless(p git.Pair) bool {
	return w.local != nil && (!w.has(w.trees[p.Commit]) || !w.has(w.trees[p.Parent]))
}

// has reports whether an object is there, as far as is known without asking.
func (w *walker) has(oid string) bool {
	if w.local == nil {
		return true
	}
	_, ok := w.local[oid]
	return ok
}

// sourcesLost reports that a partial clone lacks what a rename would be found
// by.
func (w *walker) sourcesLost(sources []git.Change, to git.Change) bool {
	for _, s := range sources {
		if !w.has(s.Old) {
			return true
		}
	}
	return !w.has(to.New)
}
