package gittest

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Choose returns a number from 0 to n-1. A property test hands in its source
// of choices, a benchmark a seeded generator.
type Choose func(n int) int

// file is one file of a generated tree.
type file struct {
	mode string
	text string // content, or the commit a submodule points at
}

// tree is a generated commit's files.
type tree map[string]file

// generator writes a random history as a stream for git fast-import.
type generator struct {
	choose  Choose
	stream  bytes.Buffer
	trees   []tree // by mark - 1
	heads   []int  // marks of the branches' ends
	past    []file // contents that were there once, for reverts
	counter int
}

// Random makes a history of n commits with branches, merges, criss-cross
// merges, renames with and without edits, reverts, deletions, changes of mode
// and type, submodules, CRLF and files without a newline at their end. The
// branches are called b0, b1, …
func Random(choose Choose, n int) []byte {
	g := &generator{choose: choose}
	first := tree{}
	for i := range 2 + choose(3) {
		first[fmt.Sprintf("dir%d/f%d.txt", i%2, i)] = file{"100644", g.lines(choose(14))}
	}
	g.commit(first, nil)
	g.heads = []int{1}
	for len(g.trees) < n {
		g.step()
	}
	for i, h := range g.heads {
		fmt.Fprintf(&g.stream, "reset refs/heads/b%d\nfrom :%d\n\n", i, h)
	}
	return g.stream.Bytes()
}

func (g *generator) step() {
	at := g.choose(len(g.heads))
	switch k := g.choose(10); {
	case k == 0 && len(g.heads) < 4: // a branch from anywhere
		from := 1 + g.choose(len(g.trees))
		g.heads = append(g.heads, g.commit(g.change(g.trees[from-1]), []int{from}))
	case k <= 3 && len(g.heads) > 1:
		other := g.choose(len(g.heads))
		if g.heads[other] == g.heads[at] {
			return
		}
		a, b := g.heads[at], g.heads[other]
		g.heads[at] = g.commit(g.merge(a, b), []int{a, b})
		if g.choose(4) == 0 { // criss-cross
			g.heads[other] = g.commit(g.merge(b, a), []int{b, a})
		}
	default:
		h := g.heads[at]
		g.heads[at] = g.commit(g.change(g.trees[h-1]), []int{h})
	}
}

// commit writes a commit and returns its mark.
func (g *generator) commit(t tree, parents []int) int {
	mark := len(g.trees) + 1
	when := 1_600_000_000 + mark*100
	if g.choose(6) == 0 {
		when -= g.choose(900) // clocks are wrong
	}
	w := &g.stream
	fmt.Fprintf(w, "commit refs/heads/gen\nmark :%d\nauthor A%d <a%d@example.org> %d +0000\ncommitter C <c@example.org> %d +0000\ndata 2\nc\n", mark, mark%3, mark%3, when, when)
	for i, p := range parents {
		fmt.Fprintf(w, "%s :%d\n", []string{"from", "merge"}[min(i, 1)], p)
	}
	w.WriteString("deleteall\n")
	for _, p := range slices.Sorted(maps.Keys(t)) {
		f := t[p]
		if f.mode == "160000" {
			fmt.Fprintf(w, "M 160000 %s %s\n", f.text, p)
			continue
		}
		fmt.Fprintf(w, "M %s inline %s\ndata %d\n%s\n", f.mode, p, len(f.text), f.text)
	}
	w.WriteString("\n")
	g.trees = append(g.trees, t)
	return mark
}

// lines makes n lines from few words, so that the same line stands in many
// places and a diff has choices to make.
func (g *generator) lines(n int) string {
	var b strings.Builder
	for range n {
		switch g.choose(4) {
		case 0:
			b.WriteString("}\n")
		case 1:
			fmt.Fprintf(&b, "\tcall(%d)\n", g.choose(4))
		case 2:
			b.WriteString("\n")
		default:
			g.counter++
			fmt.Fprintf(&b, "unique %d\n", g.counter)
		}
	}
	return b.String()
}

func (g *generator) change(old tree) tree {
	t := maps.Clone(old)
	for range 1 + g.choose(3) {
		g.mutate(t)
	}
	return t
}

func (g *generator) pick(t tree) (string, bool) {
	names := slices.Sorted(maps.Keys(t))
	if len(names) == 0 {
		return "", false
	}
	return names[g.choose(len(names))], true
}

func (g *generator) mutate(t tree) {
	name, ok := g.pick(t)
	f := t[name]
	if !ok || g.choose(8) == 0 {
		g.counter++
		t[fmt.Sprintf("dir%d/n%d.txt", g.choose(3), g.counter)] = file{"100644", g.lines(1 + g.choose(12))}
		return
	}
	g.past = append(g.past, f)
	target := fmt.Sprintf("dir%d/%s%d.txt", g.choose(3), []string{"f", "n", "r"}[g.choose(3)], g.choose(6))
	switch k := g.choose(16); {
	case k == 0:
		delete(t, name)
	case k <= 2: // plain move
		delete(t, name)
		t[target] = f
	case k == 3 && f.mode[:3] == "100": // move with an edit
		delete(t, name)
		f.text = g.edit(f.text)
		t[target] = f
	case k == 4: // copy
		t[target] = f
	case k == 5: // content of long ago
		if p := g.past[g.choose(len(g.past))]; p.mode[:3] == "100" {
			t[name] = p
		}
	case k == 6:
		g.retype(t, name, f)
	case k == 7 && f.mode[:3] == "100":
		if strings.Contains(f.text, "\r\n") {
			f.text = strings.ReplaceAll(f.text, "\r\n", "\n")
		} else {
			f.text = strings.ReplaceAll(f.text, "\n", "\r\n")
		}
		t[name] = f
	case k == 8 && f.mode[:3] == "100":
		f.text = strings.TrimSuffix(f.text, "\n")
		t[name] = f
	case f.mode[:3] == "100":
		f.text = g.edit(f.text)
		t[name] = f
	}
}

// retype changes the mode, or what kind of thing a path is.
func (g *generator) retype(t tree, name string, f file) {
	switch g.choose(5) {
	case 0:
		t[name] = file{"120000", "target"}
	case 1:
		t[name] = file{"160000", strings.Repeat("a", 40)}
	default:
		if f.mode == "100644" {
			f.mode = "100755"
		} else {
			f = file{"100644", g.lines(1 + g.choose(8))}
		}
		t[name] = f
	}
}

func (g *generator) edit(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for range 1 + g.choose(3) {
		at, n := g.choose(len(lines)+1), g.choose(4)
		end := min(at+n, len(lines))
		lines = slices.Concat(lines[:at], strings.SplitAfter(g.lines(g.choose(4)), "\n"), lines[end:])
	}
	return strings.Join(lines, "")
}

// merge takes each path from one side, or lines from both.
func (g *generator) merge(a, b int) tree {
	ours, theirs := g.trees[a-1], g.trees[b-1]
	t := maps.Clone(ours)
	for _, name := range slices.Sorted(maps.Keys(theirs)) {
		x, both := ours[name]
		y := theirs[name]
		switch {
		case both && x == y:
		case !both:
			if g.choose(4) > 0 {
				t[name] = y
			}
		case x.mode[:3] != "100" || y.mode[:3] != "100" || g.choose(3) == 0:
			t[name] = y
		case g.choose(3) == 0: // ours
		default:
			xs, ys := strings.SplitAfter(x.text, "\n"), strings.SplitAfter(y.text, "\n")
			mixed := slices.Concat(xs[:g.choose(len(xs)+1)], ys[g.choose(len(ys)+1):])
			x.text = strings.Join(mixed, "")
			if g.choose(3) == 0 {
				x.text = g.edit(x.text)
			}
			t[name] = x
		}
	}
	if g.choose(4) == 0 {
		return g.change(t)
	}
	return t
}
