package gittest

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
)

// Shape says how large a generated history is.
type Shape struct {
	Commits int
	Files   int // Go files alive at the head
}

// large writes a long history in the shape of a real project: a few files that
// everybody edits and many that rest, long branches and their merges, moves,
// mass reformatting, and vendored dumps that come and go.
type large struct {
	w      *bytes.Buffer
	out    io.Writer
	r      *rand.Rand
	mark   int
	live   []string // Go files
	text   map[string][]string
	vendor []string
	n      int
}

// Large writes the stream for git fast-import; the branch is main, and every
// hundredth commit before the end has a tag t1, t2, … counted from the end.
func Large(out io.Writer, s Shape, seed uint64) error {
	g := &large{w: &bytes.Buffer{}, out: out, r: rand.New(rand.NewPCG(seed, 7)), text: map[string][]string{}}
	g.head(nil)
	for range s.Files / 4 {
		g.add(g.name())
	}
	g.end()
	branchAt, branchFiles := 0, map[string]bool{}
	trunk := g.mark
	for g.mark < s.Commits {
		switch k := g.r.IntN(1000); {
		case k == 0 && g.r.IntN(4) == 0: // a handful in the whole history
			trunk = g.reformat(trunk)
		case k == 1:
			trunk = g.dump(trunk)
		case k < 8:
			trunk = g.move(trunk)
		case k < 8+20 && branchAt == 0:
			branchAt = trunk
		case branchAt != 0 && k < 200: // a commit on the branch, files of its own
			branchAt = g.edit(branchAt, branchFiles, true)
			if len(branchFiles) > 12 {
				trunk = g.mergeBranch(trunk, branchAt, branchFiles)
				branchAt, branchFiles = 0, map[string]bool{}
			}
		default:
			if len(g.live) < s.Files && g.r.IntN(s.Commits/s.Files) == 0 {
				trunk = g.create(trunk)
			} else {
				trunk = g.edit(trunk, branchFiles, false)
			}
		}
		if left := s.Commits - g.mark; left >= 0 && left%100 == 0 && left <= 500 {
			fmt.Fprintf(g.w, "reset refs/tags/t%d\nfrom :%d\n\n", left/100, trunk)
		}
		if g.w.Len() > 1<<20 {
			if err := g.flush(); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(g.w, "reset refs/heads/main\nfrom :%d\n\ndone\n", trunk)
	return g.flush()
}

func (g *large) flush() error {
	_, err := g.w.WriteTo(g.out)
	return err
}

func (g *large) head(parents []int) {
	g.mark++
	when := 1_400_000_000 + g.mark*1800
	msg := fmt.Sprintf("Change number %d of the generated history\n\nIt is like any other, and says so in a body of ordinary length.\n", g.mark)
	fmt.Fprintf(g.w, "commit refs/heads/work\nmark :%d\nauthor Dev %d <dev%d@example.org> %d +0000\ncommitter Dev %d <dev%d@example.org> %d +0000\ndata %d\n%s\n",
		g.mark, g.mark%40, g.mark%40, when, g.mark%40, g.mark%40, when, len(msg), msg)
	for i, p := range parents {
		fmt.Fprintf(g.w, "%s :%d\n", []string{"from", "merge"}[i], p)
	}
}

func (g *large) end() { g.w.WriteString("\n") }

func (g *large) name() string {
	g.n++
	return fmt.Sprintf("pkg/area%d/part%d/file%d.go", g.r.IntN(12), g.r.IntN(9), g.n)
}

func (g *large) line() string {
	words := []string{"err", "ctx", "client", "request", "node", "store", "watch", "lease", "index", "buffer"}
	switch g.r.IntN(8) {
	case 0:
		return "}"
	case 1:
		return ""
	case 2:
		return "\tif err != nil {"
	case 3:
		return "\t\treturn nil, err"
	}
	return fmt.Sprintf("\t%s%d := %s.%s(ctx, %d)", words[g.r.IntN(10)], g.r.IntN(50), words[g.r.IntN(10)], words[g.r.IntN(10)], g.r.IntN(10000))
}

func (g *large) put(path string) {
	body := strings.Join(g.text[path], "\n") + "\n"
	fmt.Fprintf(g.w, "M 100644 inline %s\ndata %d\n%s\n", path, len(body), body)
}

func (g *large) add(path string) {
	n := 40 + g.r.IntN(120) + g.r.IntN(8)*g.r.IntN(100)
	lines := []string{"package x", ""}
	for range n {
		lines = append(lines, g.line())
	}
	g.text[path] = lines
	g.live = append(g.live, path)
	g.put(path)
}

func (g *large) create(from int) int {
	g.head([]int{from})
	g.add(g.name())
	g.end()
	return g.mark
}

// some picks a file, the early ones far more often: in a project few files are
// edited all the time.
func (g *large) some() string {
	f := g.r.Float64()
	return g.live[int(f*f*float64(len(g.live)))]
}

func (g *large) edit(from int, branch map[string]bool, onBranch bool) int {
	g.head([]int{from})
	var done []string
	for range 1 + g.r.IntN(4) {
		path := g.some()
		if branch[path] != onBranch && (onBranch && g.r.IntN(2) == 0 || !onBranch) || slices.Contains(done, path) {
			continue
		}
		if onBranch {
			branch[path] = true
		}
		done = append(done, path)
		lines := g.text[path]
		for range 1 + g.r.IntN(3) {
			at := g.r.IntN(len(lines))
			n := min(g.r.IntN(6), len(lines)-at)
			var fresh []string
			for range n + g.r.IntN(4) - 1 {
				fresh = append(fresh, g.line())
			}
			lines = slices.Concat(lines[:at], fresh, lines[at+n:])
		}
		if len(lines) < 20 {
			lines = append(lines, g.line(), g.line())
		}
		g.text[path] = lines
		g.put(path)
	}
	g.end()
	return g.mark
}

func (g *large) mergeBranch(trunk, branch int, files map[string]bool) int {
	g.head([]int{trunk, branch})
	var names []string
	for p := range files {
		names = append(names, p)
	}
	sort.Strings(names)
	for _, p := range names {
		if _, there := g.text[p]; there {
			g.put(p)
		}
	}
	g.end()
	return g.mark
}

// move renames the files of a directory, some with an edit.
func (g *large) move(from int) int {
	g.head([]int{from})
	prefix := fmt.Sprintf("pkg/area%d/part%d/", g.r.IntN(12), g.r.IntN(9))
	for i, p := range g.live {
		base, in := strings.CutPrefix(p, prefix)
		if !in || i > 400 {
			continue
		}
		to := fmt.Sprintf("pkg/area%d/part%d/%s", g.r.IntN(12), g.r.IntN(9), base)
		if to == p || g.text[to] != nil {
			continue
		}
		g.text[to] = g.text[p]
		if g.r.IntN(3) == 0 {
			g.text[to] = append([]string{"// moved"}, g.text[to]...)
		}
		delete(g.text, p)
		g.live[i] = to
		fmt.Fprintf(g.w, "D %s\n", p)
		g.put(to)
	}
	g.end()
	return g.mark
}

// reformat touches every file.
func (g *large) reformat(from int) int {
	g.head([]int{from})
	for _, p := range g.live {
		for i, l := range g.text[p] {
			if g.r.IntN(12) == 0 {
				g.text[p][i] = strings.TrimRight(strings.ReplaceAll(l, "\t", "  "), " ") + " "
			}
		}
		g.put(p)
	}
	g.end()
	return g.mark
}

// dump replaces the vendored files.
func (g *large) dump(from int) int {
	g.head([]int{from})
	for _, p := range g.vendor {
		fmt.Fprintf(g.w, "D %s\n", p)
	}
	g.vendor = g.vendor[:0]
	for i := range 150 + g.r.IntN(100) {
		p := fmt.Sprintf("vendor/lib%d/v%d/file%d.txt", i%20, g.mark, i)
		g.vendor = append(g.vendor, p)
		var b strings.Builder
		for range 30 + g.r.IntN(100) {
			b.WriteString(g.line() + "\n")
		}
		fmt.Fprintf(g.w, "M 100644 inline %s\ndata %d\n%s\n", p, b.Len(), b.String())
	}
	g.end()
	return g.mark
}
