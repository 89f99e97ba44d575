package lineage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/guard"
)

// diffs are the changes of one commit against each parent; nil for a parent
// that cannot be compared with.
type diffs [][]git.Change

// changes asks git for the changes of commits start..end. A commit that cannot
// be compared because an object is missing gets a nil list.
func (w *walker) changes(ctx context.Context, start, end int) ([]diffs, error) {
	out := make([]diffs, end-start)
	var pairs []git.Pair
	type slot struct{ commit, parent int }
	var slots []slot
	for c := start; c < end; c++ {
		out[c-start] = make(diffs, len(w.graph.Parents[c]))
		for i, p := range w.graph.Parents[c] {
			if p < 0 {
				continue
			}
			if pair := (git.Pair{Commit: w.graph.SHAs[c], Parent: w.graph.SHAs[p]}); !w.treeless(pair) {
				pairs = append(pairs, pair)
				slots = append(slots, slot{c - start, i})
			}
		}
	}
	part := max((len(pairs)+w.workers-1)/w.workers, 64)
	g, ctx := errgroup.WithContext(ctx)
	for from := 0; from < len(pairs); from += part {
		to := min(from+part, len(pairs))
		g.Go(guard.Func(func() error {
			return w.compare(ctx, pairs[from:to], func(i int, cs []git.Change) {
				at := slots[from+i]
				out[at.commit][at.parent] = cs
			})
		}))
	}
	return out, g.Wait()
}

// compare asks git for the changes of pairs. One that git stops at, because an
// object is missing, is put as nil.
func (w *walker) compare(ctx context.Context, pairs []git.Pair, put func(i int, cs []git.Change)) error {
	paths := slices.Sorted(maps.Keys(w.few))
	err := overDamage(len(pairs), func(from, to int) (int, error) {
		return w.repo.Changes(ctx, pairs[from:to], paths, func(i int, cs []git.Change) error {
			if cs == nil {
				cs = []git.Change{}
			}
			put(from+i, cs)
			return nil
		})
	}, func(i int) { put(i, nil) })
	if err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	return nil
}

// overDamage asks about n pairs, from one to another at a time, and goes on
// behind each that git stops at; that one is lost. Where git stopped it is
// either at the first pair that was not answered or at the one behind, so the
// first is asked about alone.
func overDamage(n int, ask func(from, to int) (done int, err error), lost func(i int)) error {
	for from, to := 0, n; from < n; {
		done, err := ask(from, to)
		switch {
		case err == nil:
			from, to = from+done, n
		case !errors.Is(err, git.ErrStopped):
			return err
		case done > 0:
			from += done
		case to-from > 1:
			to = from + 1
		default:
			lost(from)
			from, to = from+1, n
		}
	}
	return nil
}
