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
		{Facts{Disruption: &Disruption{Beside: -1}}, "facts.disruption.beside"},
		{Facts{Drill: &Drill{Making: -1e9}}, "facts.drill.making"},
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

// TestWhatCouldNeverBeMetIsNoExpectation tells a misspelt expectation from one that an
// incident failed.
func TestWhatCouldNeverBeMetIsNoExpectation(t *testing.T) {
	for _, c := range []struct {
		expect casefile.CheckExpect
		says   string
	}{
		{casefile.CheckExpect{Entity: "shop", Trigger: "code", Commit: "163B086", Decision: "DEC-1"}, ""},
		{casefile.CheckExpect{Trigger: "cod"}, `trigger "cod" is not one of [code config`},
		{casefile.CheckExpect{Commit: "163b08"}, "seven of its hexadecimal digits"},
		{casefile.CheckExpect{Commit: "v1.8.2-rc1"}, "seven of its hexadecimal digits"},
	} {
		err := Validate(&Request{CheckRequest: casefile.CheckRequest{Level: 5, Incident: "INC-1", Expect: c.expect}})
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: got %v, want %q", c.expect, err, c.says)
		}
	}
}
