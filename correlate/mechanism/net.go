package mechanism

import "slices"

// markNet marks the lines that changed in substance. A line that was removed in
// one place and added in another is moved; one that differs in blanks only is
// reformatted; lines that differ in one identifier throughout, in a consistent
// way, are renamed. None of those is net.
func (p *Patch) markNet() {
	balance := map[string]int{} // code -> added minus removed
	p.each(func(_ *File, l *Line) {
		switch l.Op {
		case '+':
			balance[l.Code]++
		case '-':
			balance[l.Code]--
		}
	})
	p.each(func(_ *File, l *Line) {
		switch n := balance[l.Code]; {
		case l.Code == "":
		case l.Op == '+' && n > 0:
			l.Net = true
			balance[l.Code]--
		case l.Op == '-' && n < 0:
			l.Net = true
			balance[l.Code]++
		}
	})
	p.markMoved()
	p.dropRenames()
}

// markMoved marks what a file gained and another lost: whoever names it by the
// file, a module or a package, no longer finds it.
func (p *Patch) markMoved() {
	lost := map[string]*File{}
	p.each(func(f *File, l *Line) {
		if l.Op == '-' && !l.Net && l.Code != "" {
			if was, ok := lost[l.Code]; ok && was != f {
				f = nil // of several
			}
			lost[l.Code] = f
		}
	})
	p.each(func(f *File, l *Line) {
		if was, ok := lost[l.Code]; ok && l.Op == '+' && !l.Net {
			l.Moved = was != nil && was != f
		}
	})
}

// each visits every changed line of files that matter.
func (p *Patch) each(visit func(*File, *Line)) {
	for _, f := range p.Files {
		if f.Kind.Innocent() {
			continue
		}
		for _, h := range f.Hunks {
			for i := range h.Lines {
				if h.Lines[i].Op != ' ' {
					visit(f, &h.Lines[i])
				}
			}
		}
	}
}

type renamePair struct {
	removed, added *Line
	from, to       string
}

// dropRenames takes renamed lines out. A rename is believed when one name
// becomes another in at least two lines, always the same other, and the old name
// is gone while the new one was not there before.
func (p *Patch) dropRenames() {
	var pairs []renamePair
	for _, f := range p.Files {
		if f.Kind != Code {
			continue
		}
		for _, h := range f.Hunks {
			pairs = append(pairs, h.renamePairs()...)
		}
	}
	if len(pairs) < 2 {
		return
	}
	count, target := map[[2]string]int{}, map[string]string{}
	for _, r := range pairs {
		count[[2]string{r.from, r.to}]++
		if t, ok := target[r.from]; ok && t != r.to {
			target[r.from] = ""
		} else if !ok {
			target[r.from] = r.to
		}
	}
	stays := p.namesThatStay(target)
	for _, r := range pairs {
		if target[r.from] == r.to && count[[2]string{r.from, r.to}] > 1 && !stays[r.from] && !stays[r.to] {
			r.removed.Net, r.added.Net = false, false
			if x := [2]string{r.from, r.to}; !slices.Contains(p.Renamed, x) {
				p.Renamed = append(p.Renamed, x)
			}
		}
	}
}

// namesThatStay are those old names that are still used after the change and
// those new names that were used before it.
func (p *Patch) namesThatStay(target map[string]string) map[string]bool {
	fresh := map[string]bool{}
	for _, to := range target {
		fresh[to] = true
	}
	stays := map[string]bool{}
	for _, f := range p.Files {
		for _, h := range f.Hunks {
			for i := range h.Lines {
				l := &h.Lines[i]
				for _, t := range l.tokens() {
					if t.kind != identToken {
						continue
					}
					if _, old := target[t.text]; old && l.Op != '-' || fresh[t.text] && l.Op != '+' {
						stays[t.text] = true
					}
				}
			}
		}
	}
	return stays
}

// renamePairs matches net removed lines with net added ones, in order, that
// differ in exactly one identifier.
func (h *Hunk) renamePairs() []renamePair {
	var removed, added []*Line
	for i := range h.Lines {
		switch l := &h.Lines[i]; {
		case l.Net && l.Op == '-':
			removed = append(removed, l)
		case l.Net && l.Op == '+':
			added = append(added, l)
		}
	}
	const mostAhead = 24 // lines down the added ones in which a partner is looked for
	var out []renamePair
	next := 0
	for _, r := range removed {
		for j := next; j < len(added) && j < next+mostAhead; j++ {
			if from, to, ok := oneNameApart(r.tokens(), added[j].tokens()); ok {
				out = append(out, renamePair{r, added[j], from, to})
				next = j + 1
				break
			}
		}
	}
	return out
}

func oneNameApart(a, b []token) (from, to string, ok bool) {
	if len(a) != len(b) || len(a) < 2 {
		return "", "", false
	}
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		if a[i].kind != identToken || b[i].kind != identToken || from != "" && (a[i].text != from || b[i].text != to) {
			return "", "", false
		}
		from, to = a[i].text, b[i].text
	}
	return from, to, from != ""
}
