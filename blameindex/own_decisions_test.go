package blameindex

import (
	"os"
	"testing"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
)

// TestOurOwnDecisionsAreComplete holds docs/decisions to what we ask of others.
func TestOurOwnDecisionsAreComplete(t *testing.T) {
	records, faults, err := decision.ReadDir(os.DirFS("../docs/decisions"), "docs/decisions", decision.DefaultVocabulary())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(faults, decision.Across(records)...) {
		t.Errorf("%s", f)
	}
	const departures = 3
	if len(records) < departures {
		t.Errorf("got %d records, want the departures from the seed at least", len(records))
	}
}
