package lineage

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/blameindex/git"
)

// salvageAtOnce is how many paths are named to git in one call.
const salvageAtOnce = 512

// salvage compares a commit with a parent although a tree of one of them cannot
// be read: path by path where need be, so that only the files in that tree are
// lost. Where the rest came from cannot be known of such a commit, so its
// renames are lost too.
func (w *walker) salvage(ctx context.Context, c int32, parent int, set map[int32]int32) ([]git.Change, error) {
	pair := git.Pair{Commit: w.graph.SHAs[c], Parent: w.graph.SHAs[w.graph.Parents[c][parent]]}
	paths := slices.Sorted(maps.Keys(set))
	slices.SortFunc(paths, func(a, b int32) int { return strings.Compare(w.paths.list[a], w.paths.list[b]) })
	out := []git.Change{}
	for some := range slices.Chunk(paths, salvageAtOnce) {
		found, lost, err := w.bisect(ctx, pair, some)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
		for _, p := range lost {
			w.lose(map[int32]int32{p: set[p]})
			delete(set, p)
		}
	}
	return out, nil
}

// bisect asks for all paths at once and, where git stops, for each half.
func (w *walker) bisect(ctx context.Context, pair git.Pair, paths []int32) (found []git.Change, lost []int32, err error) {
	names := make([]string, len(paths))
	for i, p := range paths {
		names[i] = w.paths.list[p]
	}
	_, err = w.repo.Changes(ctx, []git.Pair{pair}, names, func(_ int, cs []git.Change) error {
		found = cs
		return nil
	})
	switch {
	case err == nil:
		return found, nil, nil
	case !errors.Is(err, git.ErrStopped):
		return nil, nil, err
	case len(paths) == 1:
		return nil, paths, nil
	}
	half := len(paths) / 2
	a, lostA, errA := w.bisect(ctx, pair, paths[:half])
	b, lostB, errB := w.bisect(ctx, pair, paths[half:])
	return append(a, b...), append(lostA, lostB...), errors.Join(errA, errB)
}
