package maturity

import "fmt"

// leastCovered is the share of statements, in per cent.
const leastCovered = 85

var covered = Check{ID: "coverage", Name: "Tests run at least 85 % of the statements", Level: 2, judge: judgeCoverage}

func judgeCoverage(in *Input) Outcome {
	c := in.Facts.Coverage
	if c == nil {
		return missing("no coverage profile was given")
	}
	if o, old := in.outdated("coverage profile", c.At); old {
		return o
	}
	if c.Statements <= 0 || c.Covered < 0 || c.Covered > c.Statements {
		return missing("the coverage profile counts no statement that is not generated")
	}
	share := 100 * float64(c.Covered) / float64(c.Statements)
	o := Outcome{Status: Pass, Message: fmt.Sprintf("%.1f %% of %d statements, %d generated ones left out; %d %% are wanted", share, c.Statements, c.Generated, leastCovered)}
	if share < leastCovered {
		o.Status = Fail
	}
	return o
}
