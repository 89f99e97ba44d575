package loki

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// TestThePageGrowsBack once as many lines were read as had been refused, and not again
// where the source refuses so many every time.
func TestThePageGrowsBack(t *testing.T) {
	p := newPieces(evidence.Window{}, 800)
	p.size = 800
	refuse := func() {
		t.Helper()
		if given, ok := p.lessAfter(endpoint.ErrTooLarge); given || !ok {
			t.Fatalf("given up: %v, to be asked again: %v, want the latter", given, ok)
		}
	}
	sizes := func(answers int) []int {
		var out []int
		for range answers {
			p.answered(p.size, 0) // full pages
			out = append(out, p.size)
		}
		return out
	}
	refuse()
	if got := sizes(8); got[6] != 100 || got[7] != 800 {
		t.Errorf("behind what was too large: got sizes %v, want 100 and at last 800", got)
	}
	sizes(1)
	refuse() // of other lines
	if got := sizes(8); got[7] != 800 {
		t.Errorf("behind more that was: got sizes %v, want 800 at last", got)
	}
	refuse() // of as many as before
	if got := sizes(100); got[99] != 100 {
		t.Errorf("where so many are refused each time: got sizes %v, want 100", got)
	}
}
