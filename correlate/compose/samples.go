package compose

import (
	"cmp"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// sample is how well a sight of an error shows the failure that the report is about:
// by the points of the first cause's finding that refers to its trace, by being in the
// trace that is drawn, by coming after the onset.
type sample struct {
	pointed      int
	shown, after bool
}

// compare is negative when s shows it better than o.
func (s sample) compare(o sample) int {
	return cmp.Or(gathered.CompareBool(o.after && o.pointed > 0, s.after && s.pointed > 0), cmp.Compare(o.pointed, s.pointed),
		gathered.CompareBool(o.shown, s.shown), gathered.CompareBool(o.after, s.after))
}

// keep keeps a sight of an error among those that show it best, the earlier of equals.
func (f *failure) keep(ref evidence.Ref, by sample) {
	at, _ := slices.BinarySearchFunc(f.samples, by, func(have, by sample) int {
		if have.compare(by) <= 0 {
			return -1
		}
		return 1
	})
	f.samples, f.Refs = slices.Insert(f.samples, at, by), slices.Insert(f.Refs, at, ref)
	most := min(len(f.Refs), shownRefs)
	f.samples, f.Refs = f.samples[:most], f.Refs[:most]
}

func (v *voices) sample(ref evidence.Ref) sample {
	return sample{pointed: v.sought.pointed[ref.TraceID], shown: ref.TraceID != "" && ref.TraceID == v.drawn, after: !ref.Time.Before(v.c.Onset.Earliest)}
}
