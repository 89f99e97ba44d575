package lineage

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

var errNeedsMore = errors.New("this part of history does not have the targets")

// commitsOf lists the commits of targets and seeds, each once.
func commitsOf(targets []Target, seeds []Seed) []string {
	var out []string
	for _, t := range targets {
		out = append(out, t.Commit)
	}
	for _, s := range seeds {
		out = append(out, s.Commit)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sinceSeeds is the history after the seeds. Where a branch left it before a
// seed and was merged after it, the part begins where they parted: a file that
// the branch changed and nobody else is then known from the seed. errNeedsMore
// when there is no such part.
func sinceSeeds(ctx context.Context, repo *git.Repo, targets []Target, seeds []Seed) (*git.Graph, error) {
	tips := commitsOf(targets, nil)
	g, err := part(ctx, repo, tips, commitsOf(nil, seeds))
	if err != nil {
		return nil, err
	}
	seeded := map[string]bool{}
	for _, s := range seeds {
		seeded[s.Commit] = true
	}
	// Other seeds lie before these or aside, and would make the part longer.
	var met, parted []string
	for _, c := range g.SHAs[g.Within:] {
		if seeded[c] {
			met = append(met, c)
		} else {
			parted = append(parted, c)
		}
	}
	if len(parted) == 0 {
		return g, nil
	}
	if len(met) == 0 {
		met = commitsOf(nil, seeds)
	}
	base, err := repo.MergeBase(ctx, append(parted, met...)...)
	if errors.Is(err, evidence.ErrNotFound) {
		return nil, errNeedsMore
	}
	if err != nil {
		return nil, err
	}
	return part(ctx, repo, append(tips, met...), []string{base})
}

// part is the history of tips without that of not; errNeedsMore when a tip lies
// in the latter, or a commit is missing.
func part(ctx context.Context, repo *git.Repo, tips, not []string) (*git.Graph, error) {
	g, err := repo.History(ctx, tips, not)
	if errors.Is(err, git.ErrStopped) {
		return nil, errNeedsMore
	}
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	for _, t := range tips {
		if _, ok := g.Index[t]; !ok {
			return nil, errNeedsMore
		}
	}
	return g, nil
}

func newWalker(repo *git.Repo, g *git.Graph, seeds []Seed, o Options) *walker {
	w := &walker{repo: repo, graph: g, paths: names{ids: map[string]int32{}}, sets: make([]map[int32]int32, len(g.SHAs)), seeds: map[int32]Seed{}, workers: max(o.Workers, 1), most: o.Few}
	for _, s := range seeds {
		if i, ok := g.Index[s.Commit]; ok {
			w.seeds[i] = s
		}
	}
	if o.Progress != nil {
		w.onStep = func(done, total int) { o.Progress("history", done, total) }
	}
	return w
}

func (w *walker) askTargets(targets []Target) []int32 {
	asked := make([]int32, len(targets))
	for i, t := range targets {
		asked[i] = w.newClass()
		w.ask(w.graph.Index[t.Commit], w.paths.id(t.Path), asked[i])
	}
	return asked
}
