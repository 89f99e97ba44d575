package mechanism

import (
	"github.com/wherefore-dev/wherefore/correlate/spoken"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// phrase is a piece of text that speaks for a signature.
type phrase struct {
	sig    Signature
	weight int // how surely it does, in thousandths
}

// Reader finds signatures in text. Build one per investigation; it may be used
// concurrently.
type Reader struct {
	table spoken.Table[phrase]
}

// NewReader makes the table of phrases ready.
func NewReader(by *weights.Mechanism) *Reader {
	r := &Reader{}
	for sig, phrases := range by.Phrases { // in any order: a table has none
		for text, weight := range phrases {
			r.table.Add(text, phrase{Signature(sig), weight})
		}
	}
	return r
}

// Symptoms are the signatures that a text speaks for, each with the largest
// weight, in thousandths; nil for none. Stack frames, paths, amounts and IDs in
// the text say nothing. It is linear in the text and meant for templates and
// exception texts rather than for every line.
func (r *Reader) Symptoms(text string) map[Signature]int {
	var out map[Signature]int
	r.table.Find(spoken.Words(text), func(p phrase) {
		if out == nil {
			out = map[Signature]int{}
		}
		out[p.sig] = max(out[p.sig], p.weight)
	})
	return out
}
