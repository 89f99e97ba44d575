package compose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// shownFindings is how many late changes a report lists.
const shownFindings = 8

// ruledOut are the outweighed candidates, a surge that was none, and the changes
// that came too late. One that is suspected all the same, since it set the first cause
// off or brought the commit that is blamed, is none of them.
func ruledOut(c *gathered.Evidence, causes []report.Cause, outweighed []report.Finding, untouched map[string]bool) []report.Finding {
	list := slices.Clone(outweighed)
	if f, ok := steadyTraffic(c, causes); ok {
		list = append(list, f)
	}
	late := 0
	for _, ch := range c.Changes {
		if c.MayBeDueTo(ch.Time) || late == shownFindings {
			continue
		}
		if suspect, _, _ := suspicion(c, ch, causes, untouched); !suspect {
			late++
			list = append(list, report.Finding{ID: "change/after-onset", Entity: ch.Service, Text: wording.Say("change/after-onset", fmt.Sprintf("%s of %s at %s UTC: it came after the onset", ch.Kind, ch.Service, ch.Time.UTC().Format("15:04:05"))),
				Refs: []evidence.Ref{{Kind: evidence.RefChange, ID: ch.ID, Service: ch.Service, Time: ch.Time}}})
		}
	}
	return list
}

// steadyTraffic rules a surge out where the alerting entities count requests
// and got about as many as before.
func steadyTraffic(c *gathered.Evidence, causes []report.Cause) (report.Finding, bool) {
	if len(causes) > 0 && causes[0].Mechanism == report.MechanismSurge {
		return report.Finding{}, false
	}
	for i := range c.Metrics {
		m := &c.Metrics[i]
		if m.Stat != "rate" || !slices.Contains(c.Alerting, m.Entity) || !metric.CountsRequests(m.Name, m.Stat, m.Kind) || len(m.Incident) == 0 {
			continue
		}
		before := stat.Median(metric.Values(m.Baseline))
		if before <= 0 {
			continue
		}
		if ratio := stat.Median(metric.Values(m.Incident)) / before; ratio < c.By().Signal.Surge.Steady {
			return report.Finding{ID: "surge/entry-rate", Entity: m.Entity, Text: wording.Say("surge/entry-rate", fmt.Sprintf("no surge of traffic: %s gets %.2f times its usual requests", m.Entity, ratio)),
				Refs: []evidence.Ref{{Kind: evidence.RefSeries, ID: m.Name + metric.LabelsText(m.Labels), Service: m.Entity}}}, true
		}
	}
	return report.Finding{}, false
}

// incomplete says which parts of a question's answer are missing.
func incomplete(v evidence.Coverage) []report.Finding {
	var list []report.Finding
	say := func(text string) {
		list = append(list, report.Finding{ID: "coverage/" + v.Source, Text: wording.Say("coverage/"+v.Source, fmt.Sprintf("%s: %s: %s", v.Source, v.Query, text))})
	}
	if len(v.Missing) > 0 {
		var windows []string
		for _, w := range v.Missing {
			windows = append(windows, w.Start.UTC().Format(time.TimeOnly)+" to "+w.End.UTC().Format(time.TimeOnly))
		}
		say("no answer for " + strings.Join(windows, ", "))
	}
	if v.Cut > 0 {
		say(wording.Counted(v.Cut, "line") + " had more in them than is kept of one line, and the rest was not read")
	}
	return list
}

// notChecked lists the questions that were not answered, and why, and of which
// minutes or lines the others brought nothing.
func notChecked(c *gathered.Evidence) []report.Finding {
	var list []report.Finding
	for _, v := range c.Coverage {
		list = append(list, incomplete(v)...)
		var text string
		switch v.Status {
		case evidence.CoverageFailed:
			text = fmt.Sprintf("%s: %s failed", v.Source, v.Query)
		case evidence.CoverageNotConfigured:
			text = fmt.Sprintf("%s: %s: not configured", v.Source, v.Query)
		case evidence.CoverageNotResolved:
			text = fmt.Sprintf("%s: %s: not resolved", v.Source, v.Query)
		case evidence.CoverageTruncated:
			text = fmt.Sprintf("%s: %s: %d were read, there are more", v.Source, v.Query, v.Count)
			if v.Lost > 0 {
				text = fmt.Sprintf("%s: %s", v.Source, v.Query)
			}
		default:
			continue
		}
		if v.Detail != "" {
			text += ": " + v.Detail
		}
		list = append(list, report.Finding{ID: "coverage/" + v.Source, Text: wording.Say("coverage/"+v.Source, text)})
	}
	list = append(list, untold(c)...)
	if !slices.ContainsFunc(c.Coverage, func(v evidence.Coverage) bool { return v.Source == "profiles" }) {
		list = append(list, report.Finding{ID: "coverage/profiles", Text: wording.Say("coverage/profiles", "profiles: no source reads them")})
	}
	return list
}
