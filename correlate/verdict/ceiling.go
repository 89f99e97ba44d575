package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/signal"
	"github.com/wherefore-dev/wherefore/correlate/topology"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// ceiling is the boldest word that something allows, and what it is.
type ceiling struct {
	word    report.VerdictWord
	because string
}

// ceilings are what keeps the word down whatever the points say: what could not
// be asked, what told nothing, what is wrong with the telemetry, and a subject
// that nobody knows. The lowest decides; all are said.
func ceilings(c *gathered.Evidence, first *report.Cause, measured map[string]topology.Measured) []ceiling {
	by := &c.By().Rank.Verdict
	var list []ceiling
	add := func(word report.VerdictWord, format string, args ...any) {
		list = append(list, ceiling{word, wording.Say("ceiling", fmt.Sprintf(format, args...))})
	}
	missing, absent := standing(c, report.Standing.Missing), standing(c, func(s report.Standing) bool { return s.State == report.SourceNotConfigured })
	switch {
	case len(missing) >= by.Missing, len(missing) > 0 && len(missing)+len(absent) >= by.Missing:
		add(report.LeadOnly, "%s", told(c, missing))
	case len(missing) > 0:
		add(report.Likely, "%s", told(c, missing))
	}
	if len(absent) > 0 {
		word, how := report.Likely, ""
		if !compared(c, first, measured) {
			word, how = report.LeadOnly, ", and what is left did not measure the first cause, what it calls and what alerts, before and during"
		}
		add(word, "%s: not configured%s", strings.Join(absent, " and "), how)
	}
	if partly := partlyFailed(c); len(partly) > 0 {
		add(report.Likely, "%s could not be asked", strings.Join(partly, " and "))
	}
	if len(c.Unknown) > 0 && len(c.Alerting) <= len(c.Unknown) {
		add(report.LeadOnly, "no source knows %s", strings.Join(unknownNames(c), " and "))
	}
	if c.NoNormal() {
		add(report.LeadOnly, "there is no normal period to compare with")
	}
	if off := c.Clocks.Unclear[first.Entity.Name]; off > c.Guard {
		add(report.LeadOnly, "the clock of %s, or those of the services around it, are off by %s, so that normal and incident time cannot be told apart", first.Entity.Name, wording.Amount(off.Seconds(), "s"))
	}
	for _, f := range c.Flaws {
		if concerns(c, f, first) {
			add(report.Likely, "%s: %s, %d of %d", f.Source, f.Flaw, f.Count, f.Total)
		}
	}
	return list
}

// concerns reports whether what speaks for a cause rests on what is flawed: clocks
// that disagree make what two of them tell less sure, and all that one tells that is
// off by more than lies between normal time and the incident.
func concerns(c *gathered.Evidence, f gathered.Flawed, first *report.Cause) bool {
	if f.Flaw != report.FlawClockSkew || c.Clocks.Off(first.Entity.Name) > c.Guard {
		return true
	}
	return slices.Contains(f.Entities, first.Entity.Name) && slices.ContainsFunc(first.Terms, func(t report.Term) bool {
		return t.Points >= c.By().Rank.Verdict.Support && signal.ComparesClocks(t.ID)
	})
}

// standing are the sources of which something holds, in order.
func standing(c *gathered.Evidence, holds func(report.Standing) bool) []string {
	var list []string
	for _, s := range c.Sources {
		if holds(s) {
			list = append(list, s.Source)
		}
	}
	return list
}

// told says of each source why it told nothing.
func told(c *gathered.Evidence, sources []string) string {
	words := map[report.SourceState]string{
		report.SourceSilent: "told nothing", report.SourceFailed: "could not be asked", report.SourceNotRecorded: "are not in the recording",
	}
	var list []string
	for _, s := range c.Sources {
		if slices.Contains(sources, s.Source) {
			list = append(list, s.Source+" "+words[s.State])
		}
	}
	return strings.Join(list, ", ")
}

// partlyFailed are the sources of which some questions failed.
func partlyFailed(c *gathered.Evidence) []string {
	list := standing(c, func(s report.Standing) bool { return s.State == report.SourcePartly })
	if slices.ContainsFunc(c.Coverage, func(r evidence.Coverage) bool { return r.Source == "changes" && r.Status == evidence.CoverageFailed }) {
		list = append(list, "changes")
	}
	return list
}

func unknownNames(c *gathered.Evidence) []string {
	var list []string
	for _, u := range c.Unknown {
		name := fmt.Sprintf("“%s”", u.Name)
		if len(u.Near) > 0 {
			name += " (near it: " + strings.Join(u.Near, ", ") + ")"
		}
		list = append(list, name)
	}
	return list
}

// compared reports whether the first cause, what it calls and what alerts were
// measured in normal and in incident time. What is gone shows by its absence, and
// calls nobody any more; a machine is measured by those that live on it.
func compared(c *gathered.Evidence, first *report.Cause, measured map[string]topology.Measured) bool {
	own := measured[first.Entity.Name]
	gone := first.Mechanism == report.MechanismAbsence && own.Any[0]
	if !own.Both() && !gone && first.Entity.Kind != evidence.KindWorkload && first.Entity.Kind != evidence.KindNode {
		return false
	}
	for _, name := range c.Alerting {
		if !measured[name].Both() {
			return false
		}
	}
	if gone {
		return true
	}
	callees, _ := topology.CalleesOf(c, first.Entity.Name)
	return allMeasured(callees, measured)
}

// bold are the words from the most careful to the boldest.
var bold = []report.VerdictWord{report.Inconclusive, report.LeadOnly, report.Likely, report.Confirmed}

// under is the word that the ceilings leave of one.
func under(word report.VerdictWord, list []ceiling) report.VerdictWord {
	for _, c := range list {
		word = bold[min(slices.Index(bold, word), slices.Index(bold, c.word))]
	}
	return word
}
