package eval

import (
	"slices"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/weights"
)

func TestARuleThatFiresOnAThirdMustCountNothing(t *testing.T) {
	by := weights.Default()
	rates := []RuleRate{
		{Rule: "pool", Fired: 40, Of: 110, Counts: 1000},
		{Rule: "cache", Fired: 4, Of: 110, Counts: 1000},
		{Rule: "lock", Fired: 60, Of: 110, Counts: 0},
		{Rule: "auth", Fired: 4, Of: 5, Counts: 1000}, // of too few
	}
	if got := TooOften(rates, by); !slices.Equal(got, []string{"pool"}) {
		t.Errorf("got %q, want the pool rule", got)
	}
	by.Commit.RuleRates["pool"] = 334
	if got := by.Telling("pool"); got != 0 {
		t.Errorf("a rule that is recorded at a third counts %d, want nothing", got)
	}
}
