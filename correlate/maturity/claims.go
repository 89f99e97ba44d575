package maturity

import (
	"fmt"
	"regexp"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

var sha256Text = regexp.MustCompile(`^[0-9a-f]{64}$`)

// possible says what of the facts cannot be, evidence.ErrInvalid in its chain: they
// come from whoever may ask for a check, and a count below zero is nobody's finding.
func (f *Facts) possible() error {
	type count struct {
		name string
		n    int
	}
	var counts []count
	if t := f.Tests; t != nil {
		counts = append(counts, count{"tests.passed", t.Passed}, count{"tests.failed", t.Failed}, count{"tests.skipped", t.Skipped}, count{"tests.packages", t.Packages})
	}
	if l := f.Lint; l != nil {
		counts = append(counts, count{"lint.found", l.Found})
	}
	if d := f.Decisions; d != nil {
		counts = append(counts, count{"decisions.records", d.Records}, count{"decisions.refused", d.Refused})
	}
	if c := f.Coverage; c != nil {
		counts = append(counts, count{"coverage.covered", c.Covered}, count{"coverage.statements", c.Statements}, count{"coverage.generated", c.Generated})
	}
	if s := f.Source; s != nil {
		counts = append(counts, count{"source.packages", s.Packages}, count{"source.main_count", s.MainCount})
	}
	if s := f.Smoke; s != nil {
		counts = append(counts, count{"smoke.status", s.Status}, count{"smoke.took", int(s.Took / time.Millisecond)})
	}
	if d := f.Drill; d != nil {
		counts = append(counts, count{"drill.making", int(d.Making / time.Millisecond)})
	}
	if d := f.Disruption; d != nil {
		counts = append(counts, count{"disruption.replicas", d.Replicas}, count{"disruption.available", d.Available}, count{"disruption.beside", d.Beside})
	}
	for _, c := range counts {
		if c.n < 0 {
			return fmt.Errorf("facts.%s is %d and cannot be below 0: %w", c.name, c.n, evidence.ErrInvalid)
		}
	}
	if c := f.Coverage; c != nil && c.Covered > c.Statements {
		return fmt.Errorf("facts.coverage.covered is %d of %d statements: %w", c.Covered, c.Statements, evidence.ErrInvalid)
	}
	if b := f.Builds; b != nil {
		for i, sum := range b.SHA256 {
			if !sha256Text.MatchString(sum) {
				return fmt.Errorf("facts.builds.sha256[%d] is no SHA-256 of 64 hexadecimal digits: %w", i, evidence.ErrInvalid)
			}
		}
	}
	return nil
}
