package spoken

import "strings"

// Table finds phrases among words. Add all of them before it is read; then it
// may be used concurrently.
type Table[V any] struct {
	byFirst map[string][]entry[V]
	// open are phrases of one word that is only the beginning of one.
	open []entry[V]
}

type entry[V any] struct {
	words []string
	// part is true where the last word is only the beginning of one.
	part  bool
	value V
}

// Add adds a phrase in lower case, its words apart by blanks. A star at its end
// lets the last word go on: "redeliver*".
func (t *Table[V]) Add(phrase string, v V) {
	words := strings.Fields(strings.TrimSuffix(phrase, "*"))
	if len(words) == 0 {
		return
	}
	e := entry[V]{words, strings.HasSuffix(phrase, "*"), v}
	if e.part && len(words) == 1 {
		t.open = append(t.open, e)
		return
	}
	if t.byFirst == nil {
		t.byFirst = map[string][]entry[V]{}
	}
	t.byFirst[words[0]] = append(t.byFirst[words[0]], e)
}

// Find calls back for each phrase that stands in the words, at every place.
func (t *Table[V]) Find(words []string, found func(V)) {
	for i, w := range words {
		for _, e := range t.byFirst[w] {
			if e.stands(words[i:]) {
				found(e.value)
			}
		}
		for _, e := range t.open {
			if strings.HasPrefix(w, e.words[0]) {
				found(e.value)
			}
		}
	}
}

func (e entry[V]) stands(words []string) bool {
	if len(words) < len(e.words) {
		return false
	}
	last := len(e.words) - 1
	for i, w := range e.words {
		if words[i] != w && !(e.part && i == last && strings.HasPrefix(words[i], w)) {
			return false
		}
	}
	return true
}
