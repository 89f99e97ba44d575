package topology

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// mostNames is how many names a person is shown to choose from, shownWord the
// shortest word and shownStart the shortest beginning in common by which one is
// shown.
const (
	mostNames  = 3
	shownWord  = 3
	shownStart = 4
)

// nearest are the known names that are most like one that is not known, best
// first: by the words that they share, then by how much of their beginning.
func nearest(name string, known []string) []string {
	type scored struct {
		name         string
		words, start int
	}
	own := wordsOf(name)
	var list []scored
	for _, k := range known {
		s := scored{name: k, start: common(nameForm(name), nameForm(k))}
		for _, w := range wordsOf(k) {
			if len(w) >= shownWord && slices.Contains(own, w) {
				s.words++
			}
		}
		if s.words > 0 || s.start >= shownStart {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.words, a.words), cmp.Compare(b.start, a.start), cmp.Compare(a.name, b.name))
	})
	var out []string
	for _, s := range list[:min(len(list), mostNames)] {
		out = append(out, s.name)
	}
	return out
}

func wordsOf(name string) []string {
	return strings.FieldsFunc(nameForm(name), func(r rune) bool { return strings.ContainsRune("-./:", r) })
}

func common(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// HasNearest reports whether any known name is like one that did not resolve.
func HasNearest(name string, known []string) bool { return len(nearest(name, known)) > 0 }

// AliasHint tells how the configuration makes one name mean another, for a name that
// did not resolve: the nearest known names, and the line to write.
func AliasHint(name string, known []string) string {
	list := nearest(name, known)
	if len(list) == 0 {
		if len(known) == 0 {
			return ""
		}
		return fmt.Sprintf("none of its names is like it; where it goes by another, write engine.names.aliases: {%q: NAME}", name)
	}
	return fmt.Sprintf("nearest is %s; if it is meant, write engine.names.aliases: {%q: %q}", strings.Join(list, ", "), name, list[0])
}
