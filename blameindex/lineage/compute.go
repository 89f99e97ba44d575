package lineage

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/wherefore-dev/wherefore/blameindex/git"
)

// Result is who owns a target's lines.
type Result struct {
	// Seed names the earlier ownership that the target still has; 0 when Spans
	// are given.
	Seed int64
	// Spans are in order of lines.
	Spans []Span
}

// Options tell Compute how.
type Options struct {
	Workers int // git processes at once; 0 means one a core
	// Few is up to how many files it pays to name them to git; 0 means the
	// default, negative never.
	Few int
	// Load reads an earlier ownership that a seed names: Spans with rows.
	Load func(known int64) ([]Span, error)
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
	left := make([]int, len(targets))
	for i := range left {
		left[i] = i
	}
	if len(seeds) > 0 {
		// What came after the seeds is tried first: all that most updates need.
		g, err := sinceSeeds(ctx, repo, targets, seeds)
		if err != nil && !errors.Is(err, errNeedsMore) {
			return err
		}
		if err == nil {
			if left, err = computeIn(ctx, repo, g, targets, left, seeds, o, emit); err != nil || len(left) == 0 {
				return err
			}
		}
	}
	g, err := repo.History(ctx, commitsOf(targets, seeds), nil)
	if err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	_, err = computeIn(ctx, repo, g, targets, left, seeds, o, emit)
	return err
}

// computeIn computes some of the targets, by number, within a part of history.
// It returns those that the part does not settle.
func computeIn(ctx context.Context, repo *git.Repo, g *git.Graph, targets []Target, some []int, seeds []Seed, o Options, emit func(i int, r Result) error) (left []int, err error) {
	asked := make([]Target, len(some))
	for i, t := range some {
		asked[i] = targets[t]
	}
	w := newWalker(repo, g, seeds, o)
	if err := w.learnLocal(ctx); err != nil {
		return nil, err
	}
	classes := w.askTargets(asked)
	if err := w.walk(ctx); err != nil {
		return nil, err
	}
	v := newWeaver(w, asked, classes, o, func(i int, r Result) error { return emit(some[i], r) })
	err = v.weave(ctx)
	for _, i := range v.left {
		left = append(left, some[i])
	}
	return left, err
}

// weaver computes the nodes' ownership, oldest first, and emits the targets.
type weaver struct {
	*walker
	targets []Target
	waiting map[int32][]int // targets by node
	done    int
	o       Options
	emit    func(int, Result) error
	commits rows // of seeds, numbered behind the graph's
	files   rows // of seeds, numbered behind the walker's paths
	loaded  map[int64][]run
	asked   []int32
	left    []int // targets of which a line leads out of the part of history
}

func newWeaver(w *walker, targets []Target, asked []int32, o Options, emit func(int, Result) error) *weaver {
	return &weaver{walker: w, targets: targets, waiting: map[int32][]int{}, o: o, emit: emit, asked: asked, loaded: map[int64][]run{},
		commits: rows{after: int32(len(w.graph.SHAs)), ids: map[int64]int32{}},
		files:   rows{after: int32(len(w.paths.list)), ids: map[int64]int32{}}}
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
			if err := v.answer(i, []run{{lines: endless, commit: unknownCommit}}); err != nil {
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

// answer finishes a target whose runs are known, unless a line of it leads out
// of the part of history.
func (v *weaver) answer(i int, runs []run) error {
	runs = cut(runs, int32(v.targets[i].Lines))
	if slices.ContainsFunc(runs, func(r run) bool { return r.commit == outsideCommit }) {
		v.left = append(v.left, i)
		return nil
	}
	return v.finish(i, v.result(runs))
}

// result turns runs into the caller's spans.
func (v *weaver) result(runs []run) Result {
	spans := make([]Span, 0, len(runs))
	line := 1
	for _, r := range runs {
		s := Span{Line: line, Lines: int(r.lines)}
		if r.commit != unknownCommit {
			s.Commit, s.Path, s.OrigLine = v.commits.name(r.commit, v.graph.SHAs), v.files.name(r.path, v.paths.list), int(r.orig)+1
		}
		spans = append(spans, s)
		line += int(r.lines)
	}
	return Result{Spans: spans}
}

func (v *weaver) buildJob(ctx context.Context, j *job) error {
	for i := j.from; i >= j.to && i >= 0; i-- {
		if err := v.buildNode(ctx, i, j); err != nil {
			return err
		}
	}
	return nil
}

func (v *weaver) buildNode(ctx context.Context, i int, j *job) error {
	n := &v.nodes[i]
	var parents []parentView
	for _, e := range n.edges {
		var err error
		p := parentView{hunks: e.hunks}
		p.lost = v.absent(e) && !e.whole
		if !e.whole && !p.lost {
			if p.hunks, p.lost, err = v.hunksOf(ctx, j, i, e); err != nil {
				return err
			}
		}
		if p.runs, err = v.runsOf(e.class); err != nil {
			return err
		}
		parents = append(parents, p)
	}
	n.runs = build(parents, run{commit: n.commit, path: n.path})
	if n.outside {
		n.runs = []run{{lines: endless, commit: outsideCommit, path: n.path}}
	}
	n.edges = nil
	for _, t := range v.waiting[int32(i)] {
		if err := v.answer(t, n.runs); err != nil {
			return err
		}
		v.release(int32(i))
	}
	return nil
}

// hunksOf finds an edge's difference among those that were read. A file that is
// not among them is asked for alone: git stopped at some other file's object, or
// it has no difference to show because one content is replaced by the other.
func (v *weaver) hunksOf(ctx context.Context, j *job, node int, e edge) (hunks []git.Hunk, lost bool, err error) {
	hunks, ok := j.patches[[2]string{e.old, e.new}]
	if ok {
		return hunks, false, nil
	}
	answered := false
	spec := []string{":(top,literal)" + v.paths.list[v.nodes[node].path]}
	_, err = v.repo.Patches(ctx, []git.Pair{v.pairOf(node, e)}, spec, func(_ int, ps []git.Patch) error {
		answered = true
		for _, p := range ps {
			if p.Old == e.old && p.New == e.new {
				hunks = p.Hunks
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, git.ErrStopped) {
		return nil, false, err
	}
	return hunks, err != nil || !answered, nil //nolint:nilerr // stopped early is what lost says
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
		if !s.Unknown() {
			r.commit, r.path = v.commits.id(s.Commit.Row), v.files.id(s.Path.Row)
		}
		b.add(r)
	}
	v.loaded[known] = b.runs
	return b.runs, nil
}
