package verdict

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// flip is one thing without which another cause would be first.
type flip struct {
	source string // the source that is left out, empty when it is one term
	text   string
}

// sensitivity takes away every source, and every single term of the first
// cause, and lists those without which another entity would be first. Traces
// decide when the trouble began and what other sources' terms are worth, so that
// without them all is worked out again; of the others it is enough to leave out
// what rests on them.
func sensitivity(c *gathered.Evidence, causes []report.Cause, withoutTraces string) []flip {
	var list []flip
	first := causes[0]
	for _, source := range []string{"traces", "logs", "metrics", "changes", "code"} {
		to := firstWithout(causes, source)
		if source == "traces" && c.WithoutTraces != nil {
			to = withoutTraces
		}
		if to != "" && to != first.Entity.Name {
			list = append(list, flip{source, wording.Say("flip", fmt.Sprintf("without %s %s would be first", source, to))})
		}
	}
	second := runnerUp(causes)
	if second == nil {
		return list
	}
	for _, t := range first.Terms {
		if t.Points > 0 && first.Score-t.Points < second.Score {
			list = append(list, flip{"", wording.Say("flip", fmt.Sprintf("without “%s” %s would be first", t.Short(), second.Entity.Name))})
		}
	}
	return list
}

// firstWithout is the entity that would be first if a source had been silent;
// empty when then nothing would have points.
func firstWithout(causes []report.Cause, source string) string {
	best, name := 0, ""
	for _, c := range causes {
		score := c.Score
		for _, t := range c.Terms {
			if termSource(t) == source {
				score -= t.Points
			}
		}
		if score > best {
			best, name = score, c.Entity.Name
		}
	}
	return name
}
