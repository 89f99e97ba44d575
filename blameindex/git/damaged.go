package git

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Lost stands in Graph.Parents for a parent that cannot be read.
const Lost = -2

// damagedHistory is History for a repository in which a commit is missing: git
// gives up there, this goes on with what can be read.
func (r *Repo) damagedHistory(ctx context.Context, tips []string) (*Graph, error) {
	ctx, cancel := context.WithTimeout(ctx, longCall)
	defer cancel()
	o := r.newReader(ctx)
	defer o.close()
	parents := map[string][]string{}
	cut := r.cutParents()
	for queue := slices.Clone(tips); len(queue) > 0; {
		sha := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if _, seen := parents[sha]; seen {
			continue
		}
		data, err := o.get(sha, "commit")
		if err != nil {
			return nil, err
		}
		if data == nil {
			continue
		}
		ps, fixed := cut[sha]
		if !fixed {
			ps = commitParents(data)
		}
		parents[sha] = append([]string{}, ps...)
		queue = append(queue, ps...)
	}
	return sortGraph(tips, parents), nil
}

func commitParents(data []byte) (out []string) {
	for line := range bytes.Lines(data) {
		line = bytes.TrimSuffix(line, []byte{'\n'})
		if p, ok := bytes.CutPrefix(line, []byte("parent ")); ok {
			out = append(out, string(p))
		} else if len(line) == 0 {
			break
		}
	}
	return out
}

// cutParents are the parents that git itself replaces: of the commits where a
// shallow clone begins, and of grafts.
func (r *Repo) cutParents() map[string][]string {
	out := map[string][]string{}
	for _, name := range []string{"info/grafts", "shallow"} {
		f, err := os.Open(filepath.Join(r.Common, name))
		if err != nil {
			continue // most repositories have neither
		}
		sc := bufio.NewScanner(f)
		for sc.Scan() {
			if w := strings.Fields(sc.Text()); len(w) > 0 && len(w[0]) == r.HashLen {
				out[w[0]] = w[1:]
			}
		}
		_ = f.Close() // only read
	}
	return out
}

// sortGraph puts every child before its parents: the reverse of the order in
// which a walk leaves the commits.
func sortGraph(tips []string, parents map[string][]string) *Graph {
	g := &Graph{Index: make(map[string]int32, len(parents))}
	type step struct {
		sha  string
		next int
	}
	entered := map[string]bool{}
	for _, tip := range tips {
		stack := []step{{sha: tip}}
		for len(stack) > 0 {
			at := &stack[len(stack)-1]
			ps, there := parents[at.sha]
			if at.next == 0 && (entered[at.sha] || !there) {
				stack = stack[:len(stack)-1]
				continue
			}
			entered[at.sha] = true
			if at.next < len(ps) {
				at.next++
				stack = append(stack, step{sha: ps[at.next-1]})
				continue
			}
			g.SHAs = append(g.SHAs, at.sha)
			stack = stack[:len(stack)-1]
		}
	}
	slices.Reverse(g.SHAs)
	g.Within = len(g.SHAs)
	for i, sha := range g.SHAs {
		g.Index[sha] = int32(i)
	}
	for _, sha := range g.SHAs {
		ps := []int32{}
		for _, p := range parents[sha] {
			i, ok := g.Index[p]
			if !ok {
				i = Lost
			}
			ps = append(ps, i)
		}
		g.Parents = append(g.Parents, ps)
	}
	return g
}

// Salvage compares the trees of a pair where git gave up: only what lies in a
// tree that cannot be read is lost. Only the paths asked for, which the pair's
// commit has, are looked at.
func (r *Repo) Salvage(ctx context.Context, p Pair, paths []string) (changes []Change, lost []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, longCall)
	defer cancel()
	o := r.newReader(ctx)
	defer o.close()
	s := salvage{reader: o}
	paths = slices.Sorted(slices.Values(paths))
	err = s.compare(p.Parent+"^{tree}", p.Commit+"^{tree}", "", paths)
	slices.SortFunc(s.changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return s.changes, s.lost, err
}

type salvage struct {
	*reader
	changes []Change
	lost    []string
}

// compare looks at the paths below a directory, given the two trees of it.
func (s *salvage) compare(old, now, dir string, paths []string) error {
	before, err := s.tree(old)
	if err != nil {
		return err
	}
	after, err := s.tree(now)
	if err != nil {
		return err
	}
	if before == nil || after == nil {
		s.lost = append(s.lost, paths...)
		return nil
	}
	find := func(list []treeEntry, name string) treeEntry {
		if i := slices.IndexFunc(list, func(e treeEntry) bool { return e.name == name }); i >= 0 {
			return list[i]
		}
		return treeEntry{}
	}
	below := map[string][]string{}
	var dirs []string
	for _, p := range paths {
		name, _, deeper := strings.Cut(p[len(dir):], "/")
		if deeper {
			if below[name] == nil {
				dirs = append(dirs, name)
			}
			below[name] = append(below[name], p)
			continue
		}
		s.file(find(before, name), find(after, name), p)
	}
	for _, name := range dirs {
		a, b := find(before, name), find(after, name)
		switch {
		case a.oid == b.oid && a.isTree():
		case a.isTree() && b.isTree():
			if err := s.compare(a.oid, b.oid, dir+name+"/", below[name]); err != nil {
				return err
			}
		default: // a file there, or nothing
			for _, p := range below[name] {
				s.changes = append(s.changes, Change{Status: 'A', Path: p})
			}
		}
	}
	return nil
}

// file adds what became of one file.
func (s *salvage) file(a, b treeEntry, path string) {
	c := Change{OldMode: a.mode, NewMode: b.mode, Old: a.oid, New: b.oid, Path: path}
	switch {
	case a.mode == b.mode && a.oid == b.oid:
		return
	case a.mode == "" || a.isTree():
		c.Status = 'A'
	case a.mode[:3] != b.mode[:min(3, len(b.mode))]:
		c.Status = 'T'
	default:
		c.Status = 'M'
	}
	s.changes = append(s.changes, c)
}

// damagedTree is Tree where git gives up at a tree that cannot be read.
func (r *Repo) damagedTree(ctx context.Context, commit string) ([]Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, longCall)
	defer cancel()
	o := r.newReader(ctx)
	defer o.close()
	var entries []Entry
	var list func(name, dir string) error
	list = func(name, dir string) error {
		tree, err := o.tree(name)
		if err != nil {
			return err
		}
		if tree == nil {
			entries = append(entries, Entry{Mode: UnreadTree, OID: name, Path: dir})
		}
		for _, e := range tree {
			switch {
			case !e.isTree():
				entries = append(entries, Entry{Mode: e.mode, OID: e.oid, Path: dir + e.name})
			default:
				if err := list(e.oid, dir+e.name+"/"); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if err := list(commit+"^{tree}", ""); err != nil {
		return nil, err
	}
	if len(entries) == 1 && entries[0].Path == "" {
		return nil, fmt.Errorf("the tree of %s is missing or corrupt: %w", commit, ErrStopped)
	}
	return entries, nil
}
