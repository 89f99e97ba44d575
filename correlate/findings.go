package correlate

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// shownFindings is how many findings of one kind a report lists.
const shownFindings = 8

// ruledOut are the candidates with something speaking for them that was
// outweighed, and the changes that came too late.
func ruledOut(c *Case, causes []Cause) []Finding {
	var list []Finding
	for i := range causes {
		if i == 0 || len(list) == shownFindings {
			continue
		}
		worst, found := Term{}, false
		speaks := false
		for _, t := range causes[i].Terms {
			speaks = speaks || t.Points > 0
			if t.Points < worst.Points {
				worst, found = t, true
			}
		}
		if speaks && found {
			list = append(list, Finding{ID: worst.ID, Entity: causes[i].Entity.Name, Text: fmt.Sprintf("%s (%s): %s", causes[i].Entity.Name, causes[i].Mechanism, worst.Why), Refs: worst.Refs})
		}
	}
	late := 0
	for _, ch := range c.Changes {
		if ch.Time.After(c.Onset.Latest.Add(onsetGuard)) && late < shownFindings {
			late++
			list = append(list, Finding{ID: "change/after-onset", Entity: ch.Service, Text: fmt.Sprintf("%s of %s at %s UTC: it came after the onset", ch.Kind, ch.Service, ch.Time.UTC().Format("15:04:05")),
				Refs: []evidence.Ref{{Kind: evidence.RefChange, ID: ch.ID, Service: ch.Service, Time: ch.Time}}})
		}
	}
	return list
}

// notChecked lists the questions that were not answered, and why.
func notChecked(c *Case) []Finding {
	var list []Finding
	for _, v := range c.Coverage {
		var text string
		switch v.Status {
		case evidence.CoverageFailed:
			text = fmt.Sprintf("%s: %s failed", v.Source, v.Query)
		case evidence.CoverageNotConfigured:
			text = fmt.Sprintf("%s: %s: not configured", v.Source, v.Query)
		case evidence.CoverageNotResolved:
			text = fmt.Sprintf("%s: %s: not resolved", v.Source, v.Query)
		case evidence.CoverageTruncated:
			text = fmt.Sprintf("%s: %s: only the first %d were read", v.Source, v.Query, v.Count)
		default:
			continue
		}
		if v.Detail != "" {
			text += ": " + v.Detail
		}
		list = append(list, Finding{ID: "coverage/" + v.Source, Text: text})
	}
	return append(list, Finding{ID: "coverage/profiles", Text: "profiles: no source reads them"})
}
