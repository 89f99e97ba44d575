package blameindex

import (
	"slices"
	"testing"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TestTheNarrowestScopeComesFirst also where folders are named as such.
func TestTheNarrowestScopeComesFirst(t *testing.T) {
	links := linkSet{}
	for id, scope := range map[string]string{"A-all": "**", "B-room": "services", "C-part": "services/pay/", "D-file": "services/pay/pool.go", "E-other": "services/payment", "F-deep": "services/*/pool.go"} {
		links.addRecord(decision.Record{Decision: evidence.Decision{ID: id, Scope: []string{scope}}}, "services/pay/pool.go", 1)
	}
	var got []string
	for _, l := range links.sorted() {
		got = append(got, l.DecisionID)
	}
	if want := []string{"D-file", "C-part", "B-room", "F-deep", "A-all"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
