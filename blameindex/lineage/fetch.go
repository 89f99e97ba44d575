package lineage

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/guard"
)

// chunk is how many comparisons one git process makes before it makes room for
// the next: enough to be worth its start, few enough to keep memory small.
const chunk = 600

// ask is a question to git: what became of the files of one directory between
// two commits. Where the directory's trees are not known it is about the whole
// commits.
type ask struct {
	trees git.Trees
	pair  git.Pair
}

// job is a stretch of nodes, oldest first, and the patches that they need.
type job struct {
	from, to int            // nodes, from > to: they were made newest first
	asks     map[ask]string // with the directory
	patches  map[[2]string][]git.Hunk
	err      error
	ready    chan struct{}
}

func (v *weaver) readAndBuild(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	jobs := v.jobs()
	inDir, inCommit := v.specs()
	processes := 1
	if len(jobs) == 1 {
		processes = v.o.Workers
	}
	slots := make(chan struct{}, v.o.Workers+2) // finished jobs wait here, so memory stays bounded
	var wg sync.WaitGroup
	work := make(chan *job)
	for range v.o.Workers {
		wg.Go(func() {
			for j := range work {
				j.err = guard.Run(func() error { return v.fetch(ctx, j, processes, inDir, inCommit) })
				close(j.ready)
			}
		})
	}
	go func() {
		defer close(work)
		for _, j := range jobs {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			select {
			case work <- j:
			case <-ctx.Done():
				return
			}
		}
	}()
	err := v.consume(ctx, jobs, slots)
	cancel()
	wg.Wait()
	return err
}

func (v *weaver) consume(ctx context.Context, jobs []*job, slots chan struct{}) error {
	for _, j := range jobs {
		select {
		case <-j.ready:
		case <-ctx.Done():
			return ctx.Err()
		}
		if j.err != nil {
			return j.err
		}
		if err := v.buildJob(ctx, j); err != nil {
			return err
		}
		j.asks, j.patches = nil, nil
		<-slots
	}
	return nil
}

// jobs divides the nodes into stretches, oldest first.
func (v *weaver) jobs() []*job {
	fresh := func(from int) *job {
		return &job{from: from, asks: map[ask]string{}, ready: make(chan struct{})}
	}
	var out []*job
	cur := fresh(len(v.nodes) - 1)
	for i := len(v.nodes) - 1; i >= 0; i-- {
		for _, e := range v.nodes[i].edges {
			if !e.whole && !v.absent(e) {
				cur.asks[v.askOf(i, e)] = path.Dir(v.paths.list[v.nodes[i].path])
			}
		}
		last := i == 0 || v.nodes[i-1].commit != v.nodes[i].commit
		if i == 0 || len(cur.asks) >= chunk && last {
			cur.to = i
			out = append(out, cur)
			cur = fresh(i - 1)
		}
	}
	return out
}

// askOf is the question that an edge of a node needs answered.
func (v *weaver) askOf(node int, e edge) ask {
	if e.dir.New != "" {
		return ask{trees: e.dir}
	}
	return ask{pair: v.pairOf(node, e)}
}

func (v *weaver) pairOf(node int, e edge) git.Pair {
	return git.Pair{Commit: v.graph.SHAs[v.nodes[node].commit], Parent: v.graph.SHAs[e.parent]}
}

// specs narrows what git compares in a directory, and in a whole commit: to the
// nodes' names when they are few, else to the extensions among them.
func (v *weaver) specs() (inDir, inCommit []string) {
	const fewNames, fewExtensions = 32, 8
	names, paths, exts := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range v.nodes {
		name := v.paths.list[v.nodes[i].path]
		if len(paths) <= v.most {
			names[":(top,literal)"+path.Base(name)], paths[":(top,literal)"+name] = true, true
		}
		if exts[path.Ext(name)] = true; len(exts) > fewExtensions && len(paths) > v.most {
			break
		}
	}
	odd := len(exts) > fewExtensions
	for e := range exts {
		odd = odd || e == "" || strings.ContainsAny(e, "*?[\\")
	}
	for _, e := range slices.Sorted(maps.Keys(exts)) {
		if !odd {
			inDir, inCommit = append(inDir, ":(glob)*"+e), append(inCommit, "*"+e)
		}
	}
	if len(paths) <= v.most { // else the names are not all here either
		inCommit = slices.Sorted(maps.Keys(paths))
		if len(names) <= fewNames {
			inDir = slices.Sorted(maps.Keys(names))
		}
	}
	return inDir, inCommit
}

// share is a part of a job's questions and the answers to it.
type share struct {
	trees   []git.Trees
	pairs   []git.Pair
	patches map[[2]string][]git.Hunk
}

// divide gives each of n processes as much to do, and all of a directory to the
// same one, since contents of a file are stored as differences to each other.
func (j *job) divide(n int) []*share {
	byDir := map[string][]ask{}
	for a, dir := range j.asks {
		byDir[dir] = append(byDir[dir], a)
	}
	dirs := slices.SortedFunc(maps.Keys(byDir), func(a, b string) int {
		return cmp.Or(-cmp.Compare(len(byDir[a]), len(byDir[b])), cmp.Compare(a, b))
	})
	var out []*share
	for range min(n, len(dirs)) {
		out = append(out, &share{patches: map[[2]string][]git.Hunk{}})
	}
	for _, d := range dirs {
		s := slices.MinFunc(out, func(a, b *share) int {
			return cmp.Compare(len(a.trees)+len(a.pairs), len(b.trees)+len(b.pairs))
		})
		for _, a := range byDir[d] {
			if a.trees.New != "" {
				s.trees = append(s.trees, a.trees)
			} else {
				s.pairs = append(s.pairs, a.pair)
			}
		}
	}
	return out
}

// fetch reads a job's patches with up to n processes at a time.
func (v *weaver) fetch(ctx context.Context, j *job, n int, inDir, inCommit []string) error {
	parts := j.divide(n)
	g, ctx := errgroup.WithContext(ctx)
	for _, s := range parts {
		g.Go(guard.Func(func() error {
			err := s.read(len(s.trees), func(from, to int, put func(int, []git.Patch) error) (int, error) {
				return v.repo.TreePatches(ctx, s.trees[from:to], inDir, put)
			})
			if err != nil {
				return err
			}
			return s.read(len(s.pairs), func(from, to int, put func(int, []git.Patch) error) (int, error) {
				return v.repo.Patches(ctx, s.pairs[from:to], inCommit, put)
			})
		}))
	}
	err := g.Wait()
	j.patches = map[[2]string][]git.Hunk{}
	for _, s := range parts {
		maps.Copy(j.patches, s.patches)
	}
	return err
}

// read asks n questions of a kind. Where git stops at an object that is missing,
// it goes on behind it.
func (s *share) read(n int, patches func(from, to int, put func(int, []git.Patch) error) (int, error)) error {
	err := overDamage(n, func(from, to int) (int, error) {
		return patches(from, to, func(_ int, ps []git.Patch) error {
			for _, p := range ps {
				s.patches[[2]string{p.Old, p.New}] = p.Hunks
			}
			return nil
		})
	}, func(int) {})
	if err != nil {
		return fmt.Errorf("read differences: %w", err)
	}
	return nil
}
