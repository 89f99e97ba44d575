// Package mask takes secrets and what identifies people out of text before it
// is stored, shown or sent. It knows them by their shape, by the name before
// them, and, where the program itself was configured with one, by their value.
//
// What telemetry is read for stays: trace and span IDs, hashes, digests, UUIDs,
// times, counts and addresses inside a network are never masked.
package mask

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// Masked stands where something was.
const Masked = "[redacted]"

// Masker masks text and counts what it masked, by kind. It may be used
// concurrently. A nil one changes nothing.
type Masker struct {
	mu     sync.Mutex
	counts map[string]int
}

// New makes a masker that has masked nothing yet.
func New() *Masker { return &Masker{counts: map[string]int{}} }

// Counts is what was masked so far, by kind; the caller's own.
func (m *Masker) Counts() map[string]int {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.counts)
}

// Text masks telemetry and prose.
func (m *Masker) Text(s string) string {
	if m == nil || s == "" {
		return s
	}
	return m.found(func(h hider) string { return hide(s, h, everything) })
}

// Code masks code, diffs and messages of commits: only what has a shape of its
// own, since "token := parse(x)" is what a diff is about, and authors have
// addresses.
func (m *Masker) Code(s string) string {
	if m == nil || s == "" {
		return s
	}
	return m.found(func(h hider) string { return hide(s, h, shapesOnly) })
}

// Map masks the values of a map, each with its name before it, in a copy; one
// that needs nothing is given back as it is.
func (m *Masker) Map(values map[string]string) map[string]string {
	if m == nil {
		return values
	}
	var out map[string]string
	for _, k := range slices.Sorted(maps.Keys(values)) {
		v := values[k]
		if w := m.Value(k, v); w != v {
			if out == nil {
				out = maps.Clone(values)
			}
			out[k] = w
		}
	}
	if out == nil {
		return values
	}
	return out
}

// Value masks a text that has a name.
func (m *Masker) Value(name, value string) string {
	if m == nil || value == "" {
		return value
	}
	if secretName(name) && !harmless(value) && !strings.Contains(value, Masked) {
		m.count("field", 1)
		return Masked
	}
	if clientName(name) {
		return m.found(func(h hider) string { return hideAddresses(value, h) })
	}
	return m.Text(value)
}

// Label masks the value of a label, by which its series are found: what has a shape
// of its own, and all of it where its name says that it is a secret or nothing else
// stands there. An address within a text stays.
func (m *Masker) Label(name, value string) string {
	switch whole := m.Value(name, value); {
	case whole == Masked:
		return Masked
	case whole == value && !clientName(name):
		return value // nothing was found, and so no shape
	}
	return m.Code(value)
}

// found counts what one call hid.
func (m *Masker) found(do func(hider) string) string {
	var kinds map[string]int
	out := do(func(kind string) {
		if kinds == nil {
			kinds = map[string]int{}
		}
		kinds[kind]++
	})
	for k, n := range kinds {
		m.count(k, n)
	}
	return out
}

func (m *Masker) count(kind string, n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts[kind] += n
}

// Text masks one text without counting.
func Text(s string) string { return hide(s, func(string) {}, everything) }

// Credentials masks what opens something and leaves people's addresses, which are
// what is asked for where an author is told.
func Credentials(s string) string { return hide(s, func(string) {}, shapesOnly) }

// hider is told the kind of each thing that is hidden.
type hider func(kind string)

// extent is how much is looked for.
type extent int

const (
	shapesOnly extent = iota
	everything
)

// hide masks everything that is looked for. What was masked before stays as it
// is, so that masking twice changes nothing.
func hide(s string, h hider, what extent) string {
	s = hideKnown(s, h)
	lower := lowered(s)
	g := gramsOf(lower)
	for i := range shapes {
		if x := &shapes[i]; (what == everything || !x.personal) && x.possible(s, lower, g) {
			if out := x.hide(s, h); out != s {
				s, lower = out, lowered(out)
				g = gramsOf(lower)
			}
		}
	}
	if what == everything && mayName(lower) {
		s = hideFields(s, h)
	}
	return s
}

// lowered is s in lower case, byte for byte: its positions are those of s.
func lowered(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= 'A' && c <= 'Z' {
			b := []byte(s)
			for j := i; j < len(b); j++ {
				if c := b[j]; c >= 'A' && c <= 'Z' {
					b[j] = c + 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}
