package maturity

import (
	"errors"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TestFactsThatCannotBeAreRefused by their name in the request.
func TestFactsThatCannotBeAreRefused(t *testing.T) {
	sum := strings.Repeat("a1", 32)
	for _, c := range []struct {
		facts Facts
		says  string
	}{
		{Facts{}, ""},
		{Facts{Builds: &Builds{SHA256: []string{sum, sum}}, Drill: &Drill{Degraded: -1, Healed: -1}, Coverage: &Coverage{Covered: 2, Statements: 2}}, ""},
		{Facts{Tests: &Tests{Passed: 3, Failed: -1}}, "facts.tests.failed is -1"},
		{Facts{Lint: &Lint{Found: -2}}, "facts.lint.found is -2"},
		{Facts{Decisions: &Decisions{Records: 1, Refused: -1}}, "facts.decisions.refused"},
		{Facts{Coverage: &Coverage{Covered: 9, Statements: 4}}, "9 of 4 statements"},
		{Facts{Builds: &Builds{SHA256: []string{"", ""}}}, "facts.builds.sha256[0]"},
		{Facts{Builds: &Builds{SHA256: []string{sum, "1"}}}, "facts.builds.sha256[1]"},
		{Facts{Smoke: &Smoke{Status: 200, Took: -1e9}}, "facts.smoke.took"},
		{Facts{Disruption: &Disruption{Replicas: -3}}, "facts.disruption.replicas"},
		{Facts{Source: &Source{MainCount: -1}}, "facts.source.main_count"},
	} {
		err := Validate(&Request{CheckRequest: casefile.CheckRequest{Level: 2, Service: "shop"}, Facts: c.facts})
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%+v: got %v, want none", c.facts, err)
		case c.says != "" && (err == nil || !errors.Is(err, evidence.ErrInvalid) || !strings.Contains(err.Error(), c.says)):
			t.Errorf("got %v, want %q", err, c.says)
		}
	}
}
