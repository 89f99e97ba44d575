package verdict

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// shownOutweighed is how many outweighed candidates a report lists.
const shownOutweighed = 8

// Outweighed are the candidates other than the first cause's with a finding for
// them and a stronger word against, each once by its best cause, in the causes'
// order, and what speaks against it.
func Outweighed(causes []report.Cause) []report.Finding {
	var list []report.Finding
	judged := map[string]bool{}
	for i := range causes {
		cause := &causes[i]
		if judged[cause.Entity.Name] || len(list) == shownOutweighed {
			continue
		}
		judged[cause.Entity.Name] = true
		if worst := against(cause); i > 0 && worst.Points < 0 && findings(cause) > 0 {
			list = append(list, report.Finding{ID: worst.ID, Entity: cause.Entity.Name, Text: wording.Say(worst.ID, fmt.Sprintf("%s (%s): %s", cause.Entity.Name, cause.Mechanism, worst.Short())), Refs: worst.Refs})
		}
	}
	return list
}

// against is the term that speaks most against a cause, without points where
// none does.
func against(c *report.Cause) report.Term {
	worst := report.Term{}
	for _, t := range c.Terms {
		if t.Points < worst.Points {
			worst = t
		}
	}
	return worst
}
