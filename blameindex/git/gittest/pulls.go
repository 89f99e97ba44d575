package gittest

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// pulls writes a history of short branches that all part from a trunk which
// moves on meanwhile, edit what the trunk edits as well, and are merged.
type pulls struct {
	out    io.Writer
	r      *rand.Rand
	mark   int
	lines  int
	trunks []snapshot // the newest last
	err    error
}

// snapshot is the trunk at a commit. What it holds is never changed.
type snapshot struct {
	mark  int
	files map[string][]numbered
}

// numbered is a line that is the same one in every version of its file.
type numbered struct {
	id   int
	text string
}

// change is one edit of a branch: the line is replaced, or taken out when fresh
// is empty. to is the new name of a file that was renamed.
type change struct {
	path, to string
	line     int
	fresh    []numbered
}

// Pulls writes the stream for git fast-import: like Large, but every change
// comes by a pull request. The branch is main, and t100, t200, … are the
// commits of the trunk that many merges before its end.
func Pulls(out io.Writer, s Shape, seed uint64) error {
	g := &pulls{out: out, r: rand.New(rand.NewPCG(seed, 11))}
	first := snapshot{mark: 1, files: map[string][]numbered{}}
	for i := range s.Files {
		first.files[fmt.Sprintf("pkg%d/part%d/file%d.go", i%7, i%23, i)] = g.fresh(40 + g.r.IntN(200))
	}
	g.commit(nil, slices.Sorted(maps.Keys(first.files)), nil, first.files)
	g.trunks = append(g.trunks, first)
	var tagged []int
	for g.mark < s.Commits {
		g.pull()
		tagged = append(tagged, g.trunks[len(g.trunks)-1].mark)
	}
	for back := 100; back < len(tagged) && back <= 500; back += 100 {
		g.print("reset refs/tags/t%d\nfrom :%d\n\n", back, tagged[len(tagged)-1-back])
	}
	g.print("reset refs/heads/main\nfrom :%d\n\ndone\n", tagged[len(tagged)-1])
	return g.err
}

func (g *pulls) print(format string, args ...any) {
	if g.err == nil {
		_, g.err = fmt.Fprintf(g.out, format, args...)
	}
}

func (g *pulls) fresh(n int) []numbered {
	words := []string{"if err != nil {", "}", "", "return nil, err", "for i := range n {"}
	out := make([]numbered, n)
	for i := range out {
		g.lines++
		text := words[g.lines%len(words)]
		if g.r.IntN(3) > 0 {
			text = fmt.Sprintf("value%d := read(ctx, %d)", g.lines%97, g.r.IntN(100_000))
		}
		out[i] = numbered{g.lines, "\t" + text}
	}
	return out
}

// pull parts from a trunk of some time ago, commits and is merged.
func (g *pulls) pull() {
	back := int(g.r.ExpFloat64() * 12)
	if g.r.IntN(40) == 0 {
		back *= 15
	}
	head := g.trunks[len(g.trunks)-1]
	at := g.trunks[max(0, len(g.trunks)-1-back)]
	tip, files := at.mark, maps.Clone(at.files)
	names := slices.Sorted(maps.Keys(files))
	var all []change
	for range 1 + g.r.IntN(4) {
		var cs []change
		for range 1 + g.r.IntN(3) {
			f := g.r.Float64()
			if c, ok := g.edit(files, names[int(f*f*float64(len(names)))]); ok {
				cs = append(cs, c)
			}
		}
		touched, gone := apply(files, cs)
		tip = g.commit([]int{tip}, touched, gone, files)
		all = append(all, cs...)
	}
	merged := maps.Clone(head.files)
	touched, gone := apply(merged, all)
	g.trunks = append(g.trunks, snapshot{g.commit([]int{head.mark, tip}, touched, gone, merged), merged})
	if len(g.trunks) > 400 {
		g.trunks = g.trunks[1:]
	}
}

func (g *pulls) edit(files map[string][]numbered, path string) (change, bool) {
	text := files[path]
	if len(text) < 20 {
		return change{}, false // renamed by this very branch, or cut down
	}
	if g.r.IntN(60) == 0 {
		g.lines++
		return change{path: path, to: fmt.Sprintf("pkg%d/moved%d.go", g.r.IntN(7), g.lines)}, true
	}
	return change{path: path, line: text[g.r.IntN(len(text))].id, fresh: g.fresh(g.r.IntN(5))}, true
}

// apply makes changes to files as far as what they are about is there, and
// names the files that are to be written and those that are gone.
func apply(files map[string][]numbered, cs []change) (touched, gone []string) {
	for _, c := range cs {
		text, there := files[c.path]
		at := slices.IndexFunc(text, func(l numbered) bool { return l.id == c.line })
		switch {
		case there && c.to != "":
			delete(files, c.path)
			files[c.to] = text
			touched = append(slices.DeleteFunc(touched, func(p string) bool { return p == c.path }), c.to)
			gone = append(gone, c.path)
		case at >= 0:
			files[c.path] = slices.Concat(text[:at], c.fresh, text[at+1:])
			touched = append(touched, c.path)
		}
	}
	slices.Sort(touched)
	return slices.Compact(touched), gone
}

func (g *pulls) commit(parents []int, touched, gone []string, files map[string][]numbered) int {
	g.mark++
	g.print("commit refs/heads/work\nmark :%d\nauthor Dev %d <dev%d@example.org> %d +0000\ncommitter Dev <dev@example.org> %d +0000\ndata 2\nc\n",
		g.mark, g.mark%40, g.mark%40, 1_400_000_000+g.mark*900, 1_400_000_000+g.mark*900)
	for i, p := range parents {
		g.print("%s :%d\n", []string{"from", "merge"}[i], p)
	}
	for _, p := range gone {
		g.print("D %s\n", p)
	}
	for _, p := range touched {
		var b strings.Builder
		for _, l := range files[p] {
			b.WriteString(l.text + "\n")
		}
		g.print("M 100644 inline %s\ndata %d\n%s\n", p, b.Len(), b.String())
	}
	g.print("\n")
	return g.mark
}
