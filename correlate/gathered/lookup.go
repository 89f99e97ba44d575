package gathered

import (
	"cmp"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// SortedChanges puts changes in order of time, then ID, each ID once.
func SortedChanges(list []evidence.Change) []evidence.Change {
	slices.SortStableFunc(list, func(a, b evidence.Change) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Service, b.Service))
	})
	return slices.CompactFunc(list, func(a, b evidence.Change) bool {
		return a.ID != "" && a.ID == b.ID && a.Service == b.Service && a.Time.Equal(b.Time)
	})
}

func (c *Evidence) KindOf(entity string) evidence.EntityKind {
	for _, e := range c.Entities {
		if e.Name == entity {
			return e.Kind
		}
	}
	return ""
}

// RevisionOf is what a service ran at the onset.
func (c *Evidence) RevisionOf(service string) Revision {
	i, ok := slices.BinarySearchFunc(c.Revisions, service, func(r Revision, s string) int { return cmp.Compare(r.Service, s) })
	if !ok {
		return Revision{Service: service, Rung: evidence.RevisionUnknown}
	}
	return c.Revisions[i]
}

// Change is the change of that ID; false for an empty or unknown one.
func (c *Evidence) Change(id string) (evidence.Change, bool) {
	if id == "" {
		return evidence.Change{}, false
	}
	i := slices.IndexFunc(c.Changes, func(ch evidence.Change) bool { return ch.ID == id })
	if i < 0 {
		return evidence.Change{}, false
	}
	return c.Changes[i], true
}
