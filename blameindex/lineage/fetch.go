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
)

// chunk is how many pairs one git process compares before it makes room for
// the next: enough to be worth its start, few enough to keep memory small.
const chunk = 400

// job is a stretch of nodes, oldest first, and the patches that they need.
type job struct {
	from, to int // nodes, from > to: they were made newest first
	pairs    []git.Pair
	patches  []map[[2]string][]git.Hunk
	lost     []bool
	err      error
	ready    chan struct{}
}

func (v *weaver) readAndBuild(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	jobs := v.jobs()
	specs := [][]string{v.specs()}
	if len(jobs) == 1 {
		specs = v.shares()
	}
	slots := make(chan struct{}, v.o.Workers+2) // finished jobs wait here, so memory stays bounded
	var wg sync.WaitGroup
	work := make(chan *job)
	for range v.o.Workers {
		wg.Go(func() {
			for j := range work {
				v.fetch(ctx, j, specs)
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
		j.patches = nil
		<-slots
	}
	return nil
}

// jobs divides the nodes into stretches, oldest first.
func (v *weaver) jobs() []*job {
	var out []*job
	cur := &job{from: len(v.nodes) - 1, ready: make(chan struct{})}
	seen := map[git.Pair]bool{}
	for i := len(v.nodes) - 1; i >= 0; i-- {
		for _, p := range v.pairsOf(i) {
			if !seen[p] {
				seen[p] = true
				cur.pairs = append(cur.pairs, p)
			}
		}
		last := i == 0 || v.nodes[i-1].commit != v.nodes[i].commit
		if i == 0 || len(cur.pairs) >= chunk && last {
			cur.to = i
			out = append(out, cur)
			cur = &job{from: i - 1, ready: make(chan struct{})}
			clear(seen)
		}
	}
	return out
}

// pairsOf are the comparisons that a node needs from git.
func (v *weaver) pairsOf(i int) []git.Pair {
	var out []git.Pair
	for _, e := range v.nodes[i].edges {
		if !e.whole && !v.absent(e) {
			out = append(out, git.Pair{Commit: v.graph.SHAs[v.nodes[i].commit], Parent: v.graph.SHAs[e.parent]})
		}
	}
	return out
}

// specs narrows what git compares: to the nodes' paths when they are few, else
// to the extensions that occur among them.
func (v *weaver) specs() []string {
	const most = 8
	paths, exts := map[string]bool{}, map[string]bool{}
	for i := range v.nodes {
		name := v.paths.list[v.nodes[i].path]
		if len(paths) <= v.most {
			paths[":(top,literal)"+name] = true
		}
		exts["*"+path.Ext(name)] = true
		if len(exts) > most && len(paths) > v.most {
			return nil
		}
	}
	if len(paths) <= v.most {
		return slices.Sorted(maps.Keys(paths))
	}
	for e := range exts {
		if e == "*" || strings.ContainsAny(e[1:], "*?[\\") {
			return nil
		}
	}
	return slices.Sorted(maps.Keys(exts))
}

// shares are the nodes' paths, divided so that each process has as many
// comparisons: of a single stretch each reads its own files, since the contents
// of one file are stored as differences to each other. When the paths are many
// it is one share of specs.
func (v *weaver) shares() [][]string {
	nodes := map[string]int{}
	for i := range v.nodes {
		nodes[v.paths.list[v.nodes[i].path]] += len(v.nodes[i].edges)
	}
	n := min(v.o.Workers, len(nodes))
	if n < 2 || len(nodes) > n*v.most {
		return [][]string{v.specs()}
	}
	names := slices.SortedFunc(maps.Keys(nodes), func(a, b string) int {
		return cmp.Or(-cmp.Compare(nodes[a], nodes[b]), cmp.Compare(a, b))
	})
	out, load := make([][]string, n), make([]int, n)
	for _, name := range names {
		least := slices.Index(load, slices.Min(load))
		load[least] += nodes[name] + 1
		out[least] = append(out[least], ":(top,literal)"+name)
	}
	return out
}

// fetch reads a job's patches, each share of paths in a process of its own.
func (v *weaver) fetch(ctx context.Context, j *job, specs [][]string) {
	parts := make([]job, len(specs))
	var g errgroup.Group
	for i := range parts {
		parts[i].pairs = j.pairs
		g.Go(func() error { return v.fetchShare(ctx, &parts[i], specs[i]) })
	}
	j.err = g.Wait()
	j.patches, j.lost = parts[0].patches, parts[0].lost
	for _, p := range parts[1:] {
		for i := range j.pairs {
			j.lost[i] = j.lost[i] || p.lost[i]
			if j.patches[i] == nil {
				j.patches[i] = p.patches[i]
			} else {
				maps.Copy(j.patches[i], p.patches[i])
			}
		}
	}
}

// fetchShare reads patches of some paths. Where git stops at an object that is
// missing, that comparison is lost and it goes on behind it.
func (v *weaver) fetchShare(ctx context.Context, j *job, specs []string) error {
	j.patches, j.lost = make([]map[[2]string][]git.Hunk, len(j.pairs)), make([]bool, len(j.pairs))
	err := overDamage(len(j.pairs), func(from, to int) (int, error) {
		return v.repo.Patches(ctx, j.pairs[from:to], specs, func(i int, ps []git.Patch) error {
			m := make(map[[2]string][]git.Hunk, len(ps))
			for _, p := range ps {
				m[[2]string{p.Old, p.New}] = p.Hunks
			}
			j.patches[from+i] = m
			return nil
		})
	}, func(i int) { j.patches[i], j.lost[i] = nil, true })
	if err != nil {
		return fmt.Errorf("read differences: %w", err)
	}
	return nil
}
