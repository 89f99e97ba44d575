package lineage

import "github.com/wherefore-dev/wherefore/blameindex/git"

// endless is the length of a stretch that reaches to the end of a file whose
// number of lines nobody has counted. Files are only read where they are asked
// for; in history the differences are enough.
const endless = 1 << 30

// run is a stretch of lines of one origin.
type run struct {
	lines  int32
	commit int32 // number, unknownCommit or outsideCommit
	path   int32
	orig   int32 // first line there, from 0
}

// What stands in the place of a commit: an object was missing, or the line leads
// out of the part of history that was looked at.
const (
	unknownCommit = -1
	outsideCommit = -2
)

// builder puts stretches one behind the other and joins those that continue
// each other.
type builder struct{ runs []run }

func (b *builder) add(r run) {
	if r.lines <= 0 {
		return
	}
	if n := len(b.runs); n > 0 {
		last := &b.runs[n-1]
		if last.commit == r.commit && last.path == r.path && last.orig+last.lines == r.orig && last.lines < endless {
			last.lines += min(r.lines, endless)
			return
		}
	}
	b.runs = append(b.runs, r)
}

// slice adds lines from..from+n of another file's runs.
func (b *builder) slice(runs []run, from, n int32) {
	at := int32(0)
	for _, r := range runs {
		if n <= 0 {
			return
		}
		if end := at + r.lines; from < end {
			skip := max(from-at, 0)
			take := min(r.lines-skip, n)
			b.add(run{lines: take, commit: r.commit, path: r.path, orig: r.orig + skip})
			from, n = from+take, n-take
		}
		at += r.lines
		if at >= endless {
			at = endless
		}
	}
}

// parentView is one parent's runs and how its lines became the child's.
type parentView struct {
	runs  []run
	hunks []git.Hunk
	lost  bool
}

// build gives the child's runs: each line goes to the first parent that has it
// unchanged, what none has is the child's own.
func build(parents []parentView, own run) []run {
	var b builder
	fill(&b, parents, own, 0, endless)
	return b.runs
}

// fill adds the child's lines from..from+n.
func fill(b *builder, parents []parentView, own run, from, n int32) {
	if n <= 0 {
		return
	}
	if len(parents) == 0 {
		b.add(run{lines: n, commit: own.commit, path: own.path, orig: own.orig + from})
		return
	}
	p := parents[0]
	if p.lost {
		b.add(run{lines: n, commit: unknownCommit, path: own.path, orig: from})
		return
	}
	end := from + n
	child, parent := int32(0), int32(0) // where the last hunk ended in both
	for _, h := range p.hunks {
		if lo, hi := max(child, from), min(h.New, end); lo < hi {
			b.slice(p.runs, parent+lo-child, hi-lo)
		}
		if lo, hi := max(h.New, from), min(h.New+h.NewN, end); lo < hi {
			fill(b, parents[1:], own, lo, hi-lo)
		}
		child, parent = h.New+h.NewN, h.Old+h.OldN
		if child >= end {
			return
		}
	}
	if lo := max(child, from); lo < end {
		b.slice(p.runs, parent+lo-child, end-lo)
	}
}

// cut ends runs after n lines.
func cut(runs []run, n int32) []run {
	var b builder
	b.slice(runs, 0, n)
	return b.runs
}
