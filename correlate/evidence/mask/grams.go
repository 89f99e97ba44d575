package mask

import "strings"

// grams are the pairs of neighbouring bytes of a text, with some that only look
// alike: what is not there is surely not in the text. They are collected in one
// pass, and then answer for every hint, which one pass a hint would not.
type grams [64]uint64

// gramOf is the place of a pair.
func gramOf(a, b byte) uint16 { return uint16(a&63)<<6 | uint16(b&63) }

func gramsOf(s string) *grams {
	var g grams
	for i := 1; i < len(s); i++ {
		at := gramOf(s[i-1], s[i])
		g[at>>6] |= 1 << (at & 63)
	}
	return &g
}

// hint is a text in lower case that is in everything of a shape.
type hint struct {
	text  string
	grams []uint16
}

func hintsOf(texts []string) []hint {
	list := make([]hint, len(texts))
	for i, t := range texts {
		list[i].text = t
		for j := 1; j < len(t); j++ {
			list[i].grams = append(list[i].grams, gramOf(t[j-1], t[j]))
		}
	}
	return list
}

// in reports whether the hint is in a text in lower case that has these grams.
func (h *hint) in(lower string, g *grams) bool {
	for _, at := range h.grams {
		if g[at>>6]&(1<<(at&63)) == 0 {
			return false
		}
	}
	return strings.Contains(lower, h.text)
}
