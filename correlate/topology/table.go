package topology

import (
	"cmp"
	"slices"
)

// SourceNames are the names that one source has, in its own spelling.
type SourceNames struct {
	Source string
	Names  []string
}

// NameRow is one entity and how each source spells it.
type NameRow struct {
	Entity string
	// Spelled has one place for each source, in the order given; empty where the
	// source has no name for it.
	Spelled []string
	Known   int // sources that have a name for it
}

// Table brings the names of several sources together as an investigation does,
// the most trusted source first. What is known to fewer sources comes first:
// there names may have to be mended.
func Table(sources []SourceNames, aliases map[string]string) []NameRow {
	n := NewNamer(aliases, nil)
	rows := map[string]*NameRow{}
	for i, s := range sources {
		for _, name := range slices.Sorted(slices.Values(s.Names)) {
			if name == "" {
				continue
			}
			n.Learn(name)
			entity := n.Name(name)
			r := rows[entity]
			if r == nil {
				r = &NameRow{Entity: entity, Spelled: make([]string, len(sources))}
				rows[entity] = r
			}
			if r.Spelled[i] == "" {
				r.Spelled[i] = name
				r.Known++
			}
		}
	}
	list := make([]NameRow, 0, len(rows))
	for _, r := range rows { // sorted below
		list = append(list, *r)
	}
	slices.SortFunc(list, func(a, b NameRow) int { return cmp.Or(cmp.Compare(a.Known, b.Known), cmp.Compare(a.Entity, b.Entity)) })
	return list
}
