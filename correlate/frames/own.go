package frames

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// Owned settles whose code the frames of stacks are in. The repository says it
// first: a frame that it has is the service's own, whatever its path looks like,
// and a dependency's or the runtime's counts only where a candidate commit
// touched its file. The limit of frames counts after that.
type Owned struct {
	own      int               // frames of a stack that count
	commits  []evidence.Commit // the candidates
	stacks   map[place][]int   // in which a place stands
	resolved map[int]int       // places of a stack that the repository has
	places   Stacks
}

// NewOwned begins with nothing looked up: own is how many frames of a stack count,
// commits are the candidates.
func NewOwned(own int, commits []evidence.Commit, stacks Stacks) *Owned {
	o := &Owned{own: own, commits: commits, stacks: map[place][]int{}, resolved: map[int]int{}, places: stacks}
	for i, places := range stacks {
		for _, p := range places {
			if list := o.stacks[p]; len(list) == 0 || list[len(list)-1] != i {
				o.stacks[p] = append(list, i)
			}
		}
	}
	return o
}

func placeOf(f *gathered.Frame) place {
	return place{f.Service, f.Frame.File, f.Frame.Function, f.Frame.Line}
}

// Worth reports whether the repository is to be asked about a frame: its stacks
// are short of own frames, and it may be the service's or was touched.
func (o *Owned) Worth(f *gathered.Frame) bool {
	if f.Frame.Rung != evidence.LocationStack {
		return true
	}
	if f.Frame.Origin() != evidence.OriginUnknown && !o.changed(f.Frame) {
		return false
	}
	return slices.ContainsFunc(o.stacks[placeOf(f)], func(i int) bool { return o.resolved[i] < o.own })
}

// changed reports whether a candidate commit touched a frame's file.
func (o *Owned) changed(f evidence.Frame) bool {
	return slices.ContainsFunc(o.commits, func(c evidence.Commit) bool { return f.ChangedBy(&c) })
}

// Found notes that the repository has a frame.
func (o *Owned) Found(f *gathered.Frame) {
	for _, i := range o.stacks[placeOf(f)] {
		o.resolved[i]++
	}
}

// Settle keeps of each stack the frames that the repository has, else, where it
// has none, the first that may be the service's or that a candidate touched, and
// counts their depth anew. Frames of which nobody knows whose they are take no
// place from those that a candidate touched: callers of a library stand between.
func (o *Owned) Settle(frames []gathered.Frame, limit int) []gathered.Frame {
	has := map[place]bool{}
	for i := range frames {
		if frames[i].Blame != nil {
			has[placeOf(&frames[i])] = true
		}
	}
	depth := map[place]int{}
	for i, places := range o.places {
		n, touched := 0, 0
		for _, p := range places {
			f := evidence.Frame{File: p.file, Function: p.function, Line: p.line}
			changed := o.resolved[i] == 0 && o.changed(f)
			own := has[p] || changed || o.resolved[i] == 0 && f.Origin() == evidence.OriginUnknown
			if !own || n >= o.own && !(changed && touched < o.own) {
				continue
			}
			if d, known := depth[p]; !known || n < d {
				depth[p] = n
			}
			n++
			if changed {
				touched++
			}
		}
	}
	kept := frames[:0]
	for _, f := range frames {
		if f.Frame.Rung == evidence.LocationStack {
			d, ok := depth[placeOf(&f)]
			if !ok {
				continue
			}
			f.Depth = d
		}
		kept = append(kept, f)
	}
	slices.SortFunc(kept, compareFrames)
	return kept[:min(len(kept), limit)]
}
