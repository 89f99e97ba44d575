package lineage

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/blameindex/git"
)

// explore walks history; where the targets stand on seeds, what came after the
// seeds is tried first, which is all that most updates need.
func explore(ctx context.Context, repo *git.Repo, targets []Target, seeds []Seed, o Options) (*walker, []int32, error) {
	var tips, not []string
	for _, t := range targets {
		tips = append(tips, t.Commit)
	}
	slices.Sort(tips)
	tips = slices.Compact(tips)
	for _, s := range seeds {
		not = append(not, s.Commit)
	}
	if len(seeds) > 0 {
		w, asked, err := walkPart(ctx, repo, targets, seeds, tips, not, o)
		if err == nil || !errors.Is(err, errNeedsMore) {
			return w, asked, err
		}
	}
	g, err := repo.History(ctx, append(tips, not...), nil)
	if err != nil {
		return nil, nil, fmt.Errorf("read history: %w", err)
	}
	w := newWalker(repo, g, seeds, false, o)
	if err := w.learnLocal(ctx); err != nil {
		return nil, nil, err
	}
	asked := w.askTargets(targets)
	return w, asked, w.walk(ctx)
}

// walkPart walks the commits after the seeds; errNeedsMore when they are not
// enough.
func walkPart(ctx context.Context, repo *git.Repo, targets []Target, seeds []Seed, tips, not []string, o Options) (*walker, []int32, error) {
	g, err := repo.History(ctx, tips, not)
	if errors.Is(err, git.ErrStopped) {
		return nil, nil, errNeedsMore
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read history: %w", err)
	}
	// The seeds themselves stand at the end, without parents.
	for _, s := range seeds {
		if _, ok := g.Index[s.Commit]; !ok {
			g.Index[s.Commit] = int32(len(g.SHAs))
			g.SHAs = append(g.SHAs, s.Commit)
			g.Parents = append(g.Parents, nil)
		}
	}
	for _, t := range tips {
		if _, ok := g.Index[t]; !ok {
			return nil, nil, errNeedsMore // older than a seed
		}
	}
	if err := g.Connect(ctx, repo, not); err != nil {
		return nil, nil, err
	}
	w := newWalker(repo, g, seeds, true, o)
	if err := w.learnLocal(ctx); err != nil {
		return nil, nil, err
	}
	asked := w.askTargets(targets)
	err = w.walk(ctx)
	if err == nil && w.open > 0 {
		err = errNeedsMore
	}
	return w, asked, err
}

func newWalker(repo *git.Repo, g *git.Graph, seeds []Seed, partial bool, o Options) *walker {
	w := &walker{repo: repo, graph: g, paths: names{ids: map[string]int32{}}, sets: make([]map[int32]int32, len(g.SHAs)), seeds: map[int32]Seed{}, partial: partial, workers: max(o.Workers, 1), most: o.Few}
	for _, s := range seeds {
		if i, ok := g.Index[s.Commit]; ok {
			w.seeds[i] = s
		}
	}
	if o.Progress != nil && !partial {
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
