package lineage

import (
	"context"

	"github.com/wherefore-dev/wherefore/blameindex/git"
)

// touch is a file of the set that a commit changed against all of its parents.
type touch struct {
	path    int32
	class   int32
	changes []git.Change // by parent
}

// touched takes the files out of the set that do not simply move on to the
// first parent. One that another parent has unchanged moves on there at once.
func (w *walker) touched(c int32, set map[int32]int32, ds diffs) []touch {
	against := make([]map[int32]git.Change, len(ds))
	for i := range ds {
		against[i] = map[int32]git.Change{}
		for _, ch := range ds[i] {
			id, known := w.paths.ids[ch.Path]
			if !known {
				continue
			}
			if _, in := set[id]; in && !sameContent(ch) {
				against[i][id] = ch
			}
		}
	}
	var out []touch
	for _, ch := range ds[0] {
		id, known := w.paths.ids[ch.Path]
		if _, differs := against[0][id]; !known || !differs {
			continue
		}
		t := touch{path: id, class: set[id]}
		delete(set, id)
		moved := false
		for i := range ds {
			other, differs := against[i][id]
			if !differs {
				w.ask(w.graph.Parents[c][i], id, t.class)
				moved = true
				break
			}
			t.changes = append(t.changes, other)
		}
		if !moved && w.classes[w.root(t.class)].seed == 0 {
			out = append(out, t)
		}
	}
	return out
}

// sameContent reports a change of mode alone, which git blame hands on whole.
func sameContent(ch git.Change) bool { return ch.Status == 'M' && ch.Old == ch.New }

// settle ends a class at the commit that changed the file.
func (w *walker) settle(c, path, cl int32, edges []edge) {
	r := w.root(cl)
	if w.classes[r].seed != 0 {
		return
	}
	w.classes[r].node = int32(len(w.nodes))
	w.nodes = append(w.nodes, node{commit: c, path: path, edges: edges, outside: int(c) >= w.graph.Within})
	w.open--
}

// renew settles the files that a commit changed and asks for their parents'
// files instead, in the two passes of git blame: unrenamed paths first.
func (w *walker) renew(ctx context.Context, c int32, ts []touch, ds diffs) error {
	var look []lookup
	for i := range ts {
		for p, ch := range ts[i].changes {
			if ch.Status == 'A' {
				look = append(look, lookup{touch: i, parent: p})
			}
		}
	}
	if err := w.findRenames(ctx, c, ts, ds, look); err != nil {
		return err
	}
	found := map[[2]int]lookup{}
	for _, l := range look {
		found[[2]int{l.touch, l.parent}] = l
	}
	for i, t := range ts {
		w.renewOne(c, t, func(parent int) lookup { return found[[2]int{i, parent}] })
	}
	return nil
}

// seek notes that a path is asked for from now on.
func (w *walker) seek(path string) {
	if w.few != nil && !w.few[path] {
		w.beyond = true
	}
}

func (w *walker) renewOne(c int32, t touch, renamed func(parent int) lookup) {
	edges := make([]edge, len(t.changes))
	there := make([]bool, len(t.changes))
	twice := func(i int, oid string) bool {
		for j := range i {
			if there[j] && edges[j].old == oid {
				return true
			}
		}
		return false
	}
	for i, ch := range t.changes {
		if ch.Status == 'M' && !twice(i, ch.Old) {
			edges[i] = edge{parent: w.graph.Parents[c][i], class: t.path, old: ch.Old, new: ch.New, dir: ch.Dir}
			there[i] = true
		}
	}
	for i := range t.changes {
		l := renamed(i)
		switch {
		case l.lost:
			w.lose(map[int32]int32{t.path: t.class})
			return
		case there[i] || l.from == "":
		case l.patch.Old == l.patch.New:
			w.seek(l.from)
			w.ask(w.graph.Parents[c][i], w.paths.id(l.from), t.class)
			return
		case !twice(i, l.patch.Old):
			w.seek(l.from)
			edges[i] = edge{parent: w.graph.Parents[c][i], class: w.paths.id(l.from), old: l.patch.Old, new: l.patch.New, renamed: true, hunks: l.patch.Hunks, whole: true}
			there[i] = true
		}
	}
	var kept []edge
	for i, e := range edges {
		if there[i] {
			path := e.class // until here the path it is asked for under
			e.class = w.newClass()
			w.ask(e.parent, path, e.class)
			kept = append(kept, e)
		}
	}
	w.settle(c, t.path, t.class, kept)
}
