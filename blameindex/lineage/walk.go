package lineage

import (
	"context"

	"github.com/wherefore-dev/wherefore/blameindex/git"
)

// Target is a file whose lines are asked for.
type Target struct {
	Commit, Path string
	Lines        int // of the file, as git counts them
}

// Seed is a commit of which some files are known from an earlier pass.
type Seed struct {
	Commit string
	// Known gives the earlier ownership of each path, as the caller names it.
	Known map[string]int64
}

// node is a file at a commit that changed it.
type node struct {
	commit int32
	path   int32
	edges  []edge
	uses   int // edges and targets that wait for it
	runs   []run
	// outside says that the file leads out of the part of history.
	outside bool
}

// edge leads from a node to the same file in a parent.
type edge struct {
	parent   int32 // commit
	class    int32
	old, new string // contents
	dir      git.Trees
	renamed  bool
	hunks    []git.Hunk // of a rename; others are read later
	whole    bool       // hunks are there
}

// class is a set of files at commits that all have the same lines from the same
// origin: a file and what it was handed on to unchanged. Classes are united
// where branches meet; parent makes the forest (union-find).
type class struct {
	parent int32
	node   int32 // that settled it, -1 while open
	seed   int64 // earlier ownership, 0 when unknown
	from   int32 // seed that it is known from
	lost   bool
}

// walker carries the sets of files back through history.
type walker struct {
	repo    *git.Repo
	graph   *git.Graph
	paths   names
	classes []class
	nodes   []node
	sets    []map[int32]int32 // by commit: path to class
	open    int               // classes that are neither settled nor known
	seeds   map[int32]Seed
	workers int
	most    int // paths that it pays to name to git
	// few are the only paths that git is asked about, nil for all; beyond is set
	// when a rename leads to another one.
	few    map[string]bool
	beyond bool
	// damaged says with which parents the commit at hand cannot be compared as a
	// whole, because a commit or a tree is missing; nil when it can with all.
	damaged []bool
	// local are the objects that a partial clone has, trees its commits' topmost
	// ones; both nil for any other.
	local  map[string]int64
	trees  map[string]string
	onStep func(done, total int)
}

// names gives numbers to paths.
type names struct {
	ids  map[string]int32
	list []string
}

func (n *names) id(s string) int32 {
	if id, ok := n.ids[s]; ok {
		return id
	}
	id := int32(len(n.list))
	n.ids[s] = id
	n.list = append(n.list, s)
	return id
}

func (w *walker) newClass() int32 {
	id := int32(len(w.classes))
	w.classes = append(w.classes, class{parent: id, node: -1})
	w.open++
	return id
}

func (w *walker) root(c int32) int32 {
	for w.classes[c].parent != c {
		w.classes[c].parent = w.classes[w.classes[c].parent].parent
		c = w.classes[c].parent
	}
	return c
}

func (w *walker) unite(a, b int32) int32 {
	a, b = w.root(a), w.root(b)
	if a == b {
		return a
	}
	if w.classes[b].seed != 0 && w.classes[a].seed == 0 {
		a, b = b, a
	}
	if w.classes[b].seed == 0 {
		w.open--
	}
	w.classes[b].parent = a
	return a
}

// ask puts a file into a commit's set.
func (w *walker) ask(commit, path, c int32) {
	if w.sets[commit] == nil {
		w.sets[commit] = map[int32]int32{}
	}
	if other, ok := w.sets[commit][path]; ok {
		c = w.unite(other, c)
	}
	w.sets[commit][path] = c
}

// hand moves a whole set to a parent.
func (w *walker) hand(parent int32, set map[int32]int32) {
	have := w.sets[parent]
	if len(have) < len(set) {
		have, set = set, have
	}
	for path, c := range set {
		if other, ok := have[path]; ok {
			c = w.unite(other, c)
		}
		have[path] = c
	}
	w.sets[parent] = have
}

// Bounds of a step through history: commits whose changes are asked of git at
// a time, and up to how many files it pays to name them to git. Then a rename
// makes the answers behind it worthless, so steps are short where renames are.
const (
	batch         = 1024
	fewBatchLeast = 256
	fewBatchMost  = 8192
	fewSought     = 192
)

// walk carries the sets through the graph until nothing is open.
func (w *walker) walk(ctx context.Context) error {
	n := len(w.graph.SHAs)
	fewSize := batch
	for start := 0; start < n && w.open > 0; {
		size := batch
		if w.few = w.sought(); w.few != nil {
			size = fewSize
		}
		end := w.beforeSeed(start, min(start+size, n))
		changes, err := w.changes(ctx, start, end)
		if err != nil {
			return err
		}
		w.beyond = false
		for ; start < end && w.open > 0 && !w.beyond; start++ {
			if err := w.step(ctx, int32(start), changes[start-end+len(changes)]); err != nil {
				return err
			}
		}
		if w.beyond {
			fewSize = max(fewSize/2, fewBatchLeast)
		} else {
			fewSize = min(fewSize*2, fewBatchMost)
		}
		if w.onStep != nil {
			w.onStep(start, n)
		}
	}
	return nil
}

// beforeSeed ends a batch with the first seed in it, since most files are known
// there and only few are asked about further on.
func (w *walker) beforeSeed(start, end int) int {
	for s := range w.seeds {
		if at := int(s); at >= start && at < end {
			end = at + 1
		}
	}
	return end
}

// sought are the paths in the sets when they are so few that git need not look
// at others; nil when they are many.
func (w *walker) sought() map[string]bool {
	if w.open > w.most {
		return nil
	}
	out := map[string]bool{}
	for _, set := range w.sets {
		for path := range set {
			if out[w.paths.list[path]] = true; len(out) > w.most {
				return nil
			}
		}
	}
	return out
}

// step handles one commit: what it changed becomes nodes, the rest moves on.
func (w *walker) step(ctx context.Context, c int32, ds diffs) error {
	w.meetSeed(c)
	set := w.sets[c]
	w.sets[c] = nil
	if len(set) == 0 || w.open == 0 {
		return nil
	}
	parents := w.graph.Parents[c]
	if len(parents) == 0 {
		for path, cl := range set {
			w.settle(c, path, cl, nil)
		}
		return nil
	}
	if err := w.mend(ctx, c, set, ds); err != nil {
		return err
	}
	touched := w.touched(c, set, ds)
	if parents[0] >= 0 { // nothing is left for a lost one
		w.hand(parents[0], set)
	}
	return w.renew(ctx, c, touched, ds)
}

func (w *walker) lose(set map[int32]int32) {
	for _, cl := range set {
		r := w.root(cl)
		if w.classes[r].seed == 0 {
			w.classes[r].lost = true
			w.open--
		}
	}
}

// meetSeed marks the files that are known at a commit. Those that somebody still
// asks for elsewhere are carried on, so that they are recognised when branches
// meet further back.
func (w *walker) meetSeed(c int32) {
	s, ok := w.seeds[c]
	if !ok {
		return
	}
	asked := map[int32]bool{}
	for _, set := range w.sets {
		for path, cl := range set {
			if w.classes[w.root(cl)].seed == 0 {
				asked[path] = true
			}
		}
	}
	for path, known := range s.Known {
		id := w.paths.id(path)
		cl, there := w.sets[c][id]
		if !there {
			if !asked[id] {
				continue
			}
			cl = w.newClass()
			w.ask(c, id, cl)
		}
		r := w.root(cl)
		if w.classes[r].seed == 0 {
			w.classes[r].seed, w.classes[r].from = known, c
			w.open--
		}
	}
}
