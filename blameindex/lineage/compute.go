package lineage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/wherefore-dev/wherefore/blameindex/git"
)

// Result is who owns a target's lines.
type Result struct {
	// Seed names the earlier ownership that the target still has; 0 when Spans
	// are given.
	Seed int64
	// Spans are in order of lines. One with an empty Commit is unknown, because
	// an object is missing or corrupt.
	Spans []git.Span
}

// Options tell Compute how.
type Options struct {
	Workers int // git processes at once; 0 means one a core
	// Few is up to how many files it pays to name them to git; 0 means the
	// default, negative never.
	Few int
	// Load reads an earlier ownership that a seed names.
	Load func(known int64) ([]git.Span, error)
	// Progress is called with the stage and how far it is, never concurrently.
	Progress func(stage string, done, total int)
}

// Compute finds who owns the lines of the targets and calls emit for each, as
// soon as it is known, never concurrently.
func Compute(ctx context.Context, repo *git.Repo, targets []Target, seeds []Seed, o Options, emit func(i int, r Result) error) error {
	if len(targets) == 0 {
		return nil
	}
	if o.Workers <= 0 {
		o.Workers = runtime.NumCPU()
	}
	if o.Few == 0 {
		o.Few = fewSought
	}
	w, asked, err := explore(ctx, repo, targets, seeds, o)
	if err != nil {
		return err
	}
	return newWeaver(w, targets, asked, o, emit).weave(ctx)
}

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
	asked := w.askTargets(targets)
	return w, asked, w.walk(ctx)
}

// walkPart walks the commits after the seeds; errNeedsMore when they are not
// enough.
func walkPart(ctx context.Context, repo *git.Repo, targets []Target, seeds []Seed, tips, not []string, o Options) (*walker, []int32, error) {
	g, err := repo.History(ctx, tips, not)
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

// weaver computes the nodes' ownership, oldest first, and emits the targets.
type weaver struct {
	*walker
	targets []Target
	waiting map[int32][]int // targets by node
	done    int
	o       Options
	emit    func(int, Result) error
	shas    names // commits: the graph's, then those of seeds
	loaded  map[int64][]run
	asked   []int32
}

func newWeaver(w *walker, targets []Target, asked []int32, o Options, emit func(int, Result) error) *weaver {
	v := &weaver{walker: w, targets: targets, waiting: map[int32][]int{}, o: o, emit: emit, asked: asked, loaded: map[int64][]run{}}
	v.shas = names{ids: make(map[string]int32, len(w.graph.SHAs)), list: slices.Clone(w.graph.SHAs)}
	for i, s := range w.graph.SHAs {
		v.shas.ids[s] = int32(i)
	}
	return v
}

func (v *weaver) weave(ctx context.Context) error {
	for i, a := range v.asked {
		c := v.classes[v.root(a)]
		switch {
		case c.seed != 0:
			if err := v.finish(i, Result{Seed: c.seed}); err != nil {
				return err
			}
		case c.node < 0:
			if err := v.finish(i, v.result(i, []run{{lines: endless, commit: unknownCommit}})); err != nil {
				return err
			}
		default:
			v.nodes[c.node].uses++
			v.waiting[c.node] = append(v.waiting[c.node], i)
		}
	}
	for i := range v.nodes {
		for _, e := range v.nodes[i].edges {
			if c := v.classes[v.root(e.class)]; c.node >= 0 && c.seed == 0 {
				v.nodes[c.node].uses++
			}
		}
	}
	return v.readAndBuild(ctx)
}

func (v *weaver) finish(i int, r Result) error {
	v.done++
	if v.o.Progress != nil {
		v.o.Progress("files", v.done, len(v.targets))
	}
	return v.emit(i, r)
}

// result turns runs into the caller's spans.
func (v *weaver) result(i int, runs []run) Result {
	var spans []git.Span
	line := 1
	for _, r := range cut(runs, int32(v.targets[i].Lines)) {
		s := git.Span{Line: line, Lines: int(r.lines)}
		if r.commit != unknownCommit {
			s.Commit, s.Path, s.OrigLine = v.shas.list[r.commit], v.paths.list[r.path], int(r.orig)+1
		}
		spans = append(spans, s)
		line += int(r.lines)
	}
	return Result{Spans: spans}
}

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
	specs := v.specs()
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
		if !e.whole {
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

// fetch reads a job's patches. Where git stops at an object that is missing,
// that comparison is lost and it goes on behind it.
func (v *weaver) fetch(ctx context.Context, j *job, specs []string) {
	j.patches, j.lost = make([]map[[2]string][]git.Hunk, len(j.pairs)), make([]bool, len(j.pairs))
	for start := 0; start < len(j.pairs); {
		done, err := v.repo.Patches(ctx, j.pairs[start:], specs, func(i int, ps []git.Patch) error {
			m := make(map[[2]string][]git.Hunk, len(ps))
			for _, p := range ps {
				m[[2]string{p.Old, p.New}] = p.Hunks
			}
			j.patches[start+i] = m
			return nil
		})
		switch {
		case errors.Is(err, git.ErrStopped):
			j.lost[start+done] = true
			start += done + 1
		case err != nil:
			j.err = fmt.Errorf("read differences: %w", err)
			return
		default:
			start += done
		}
	}
}

func (v *weaver) buildJob(ctx context.Context, j *job) error {
	index := make(map[git.Pair]int, len(j.pairs))
	for i, p := range j.pairs {
		index[p] = i
	}
	for i := j.from; i >= j.to && i >= 0; i-- {
		if err := v.buildNode(ctx, i, j, index); err != nil {
			return err
		}
	}
	return nil
}

func (v *weaver) buildNode(ctx context.Context, i int, j *job, index map[git.Pair]int) error {
	n := &v.nodes[i]
	var parents []parentView
	for _, e := range n.edges {
		var err error
		p := parentView{hunks: e.hunks}
		if !e.whole {
			at := index[git.Pair{Commit: v.graph.SHAs[n.commit], Parent: v.graph.SHAs[e.parent]}]
			if p.hunks, p.lost, err = v.hunksOf(ctx, j, at, n.path, e); err != nil {
				return err
			}
		}
		if p.runs, err = v.runsOf(e.class); err != nil {
			return err
		}
		parents = append(parents, p)
	}
	n.runs = build(parents, run{commit: n.commit, path: n.path})
	n.edges = nil
	for _, t := range v.waiting[int32(i)] {
		if err := v.finish(t, v.result(t, n.runs)); err != nil {
			return err
		}
		v.release(int32(i))
	}
	return nil
}

// hunksOf finds an edge's difference among those that were read. Where git
// stopped at some other file's object, this file alone is asked for again.
func (v *weaver) hunksOf(ctx context.Context, j *job, at int, path int32, e edge) (hunks []git.Hunk, lost bool, err error) {
	hunks, ok := j.patches[at][[2]string{e.old, e.new}]
	if ok || !j.lost[at] {
		return hunks, !ok, nil
	}
	spec := []string{":(top,literal)" + v.paths.list[path]}
	_, err = v.repo.Patches(ctx, j.pairs[at:at+1], spec, func(_ int, ps []git.Patch) error {
		for _, p := range ps {
			if p.Old == e.old && p.New == e.new {
				hunks, ok = p.Hunks, true
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, git.ErrStopped) {
		return nil, false, err
	}
	return hunks, err != nil || !ok, nil
}

// runsOf gives the runs of a parent's file and forgets them after the last use.
func (v *weaver) runsOf(c int32) ([]run, error) {
	cl := v.classes[v.root(c)]
	switch {
	case cl.seed != 0:
		return v.load(cl.seed)
	case cl.node < 0:
		return []run{{lines: endless, commit: unknownCommit}}, nil
	}
	runs := v.nodes[cl.node].runs
	v.release(cl.node)
	return runs, nil
}

func (v *weaver) release(n int32) {
	if v.nodes[n].uses--; v.nodes[n].uses == 0 {
		v.nodes[n].runs = nil
	}
}

func (v *weaver) load(known int64) ([]run, error) {
	if runs, ok := v.loaded[known]; ok {
		return runs, nil
	}
	spans, err := v.o.Load(known)
	if err != nil {
		return nil, err
	}
	var b builder
	for _, s := range spans {
		r := run{lines: int32(s.Lines), commit: unknownCommit, orig: int32(s.OrigLine) - 1}
		if s.Commit != "" {
			r.commit, r.path = v.shas.id(s.Commit), v.paths.id(s.Path)
		}
		b.add(r)
	}
	v.loaded[known] = b.runs
	return b.runs, nil
}
