package page

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// silent are the sources of which every question failed, in the order in which
// they were asked.
func (b *builder) silent() []string {
	var failed, answered []string
	for _, c := range b.rep.Coverage {
		switch c.Status {
		case evidence.CoverageFailed:
			if !slices.Contains(failed, c.Source) {
				failed = append(failed, c.Source)
			}
		case evidence.CoverageAnswered, evidence.CoverageEmpty, evidence.CoverageTruncated:
			answered = append(answered, c.Source)
		}
	}
	return slices.DeleteFunc(failed, func(s string) bool { return slices.Contains(answered, s) })
}

// silence says once which sources gave no answer, and the first reason of each.
func (b *builder) silence() State {
	dead := b.silent()
	if len(dead) == 0 {
		return State{}
	}
	var reasons []string
	for _, s := range dead {
		for _, c := range b.rep.Coverage {
			if c.Source == s && c.Status == evidence.CoverageFailed && c.Detail != "" {
				if d := short(c.Detail, 160); !slices.Contains(reasons, d) {
					reasons = append(reasons, d)
				}
				break
			}
		}
	}
	words := enumerate(texts(dead)) + " could not be read, and what rests on them is missing here"
	for i, r := range reasons {
		words += map[bool]string{true: ": ", false: "; "}[i == 0] + r
	}
	return State{StatePartial, b.sentence(words) + "."}
}
