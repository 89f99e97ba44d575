package rank

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// verdictRules are the bars that a first cause must pass, fixed a priori.
type verdictRules struct {
	lead    int // below this score nothing is said to be a cause
	likely  int // a cause that is likely has at least this score
	confirm int // and one that is confirmed this
	// The second's distance, as a share of the first's score in per cent.
	tie, clear, wide, double int
	// strong is the score from which a cause with twice the second's points is
	// confirmed by findings of one kind.
	strong int
}

// rulesOfVerdict: a score of 1000 is one piece of evidence at full strength.
// Two independent kinds of evidence, or a wide lead, make a cause likely. A
// confirmed one must besides stand so far ahead that no single finding decides
// it, or have twice the points of whatever comes second.
func rulesOfVerdict() verdictRules {
	return verdictRules{lead: 250, likely: 500, confirm: 900, tie: 5, clear: 15, wide: 30, double: 50, strong: 800}
}

// Seal finishes causes whose order is settled: each gets its rank, why it is not
// first, and the decision behind its commit.
func Seal(c *gathered.Evidence, causes []report.Cause) {
	for i := range causes {
		cause := &causes[i]
		cause.Rank = i + 1
		if i > 0 && cause.Lost == "" {
			cause.Lost = Lost(cause)
		}
		if links := c.Links[report.SuspectCommit(cause)]; len(links) > 0 {
			cause.Decision = links[0].DecisionID // its own before one that merely covers it
		}
	}
}

// Verdict settles how sure the report is of its first cause, by rules over the
// kinds of evidence, the distance to the second, and what could not be asked.
// withoutTraces is the entity that would be first without the tracing backend.
func Verdict(c *gathered.Evidence, causes []report.Cause, withoutTraces string) report.Verdict {
	out := report.Verdict{Word: report.Inconclusive, Because: []string{}}
	out.SourcesAnswered, out.SourcesAsked = sourcesAnswered(c.Coverage)
	if len(causes) == 0 {
		out.Because = append(out.Because, "there is no candidate to blame")
		return out
	}
	first := &causes[0]
	for _, t := range first.Terms {
		if t.Points > 0 {
			out.For++
		} else if t.Points < 0 {
			out.Against++
		}
	}
	second := runnerUp(causes)
	out.Gap = first.Score
	if second != nil {
		out.Gap = first.Score - max(second.Score, 0)
		out.WhyNotSecond = whyNot(second, first)
	}
	out.NoCodeCause = first.Trigger != report.TriggerNone && first.Trigger != report.TriggerCode && first.Trigger != ""
	flips := sensitivity(c, causes, withoutTraces)
	for _, f := range flips {
		out.Sensitivity = append(out.Sensitivity, f.text)
	}
	out.Word, out.Because = judge(first, second, out.Gap, flips, c)
	return out
}

// judge applies the rules, weakest word first, and says which held.
func judge(first, second *report.Cause, gap int, flips []flip, c *gathered.Evidence) (report.VerdictWord, []string) {
	r := rulesOfVerdict()
	kinds := evidenceKinds(first)
	share := 100
	if first.Score > 0 {
		share = 100 * gap / first.Score
	}
	var because []string
	say := func(format string, args ...any) { because = append(because, fmt.Sprintf(format, args...)) }
	switch {
	case first.Score < r.lead:
		say("the strongest candidate has only %d points; %d are needed for a lead", first.Score, r.lead)
		return report.Inconclusive, because
	case !showsTrouble(first):
		say("only circumstances speak for %s, as where and when it changed or that the alert names it; no sign of trouble of its own", first.Entity.Name)
		return report.Inconclusive, because
	case second != nil && share < r.tie:
		say("%s is only %d %% behind", second.Entity.Name, share)
		return report.Inconclusive, because
	}
	say("%s of evidence: %s", wording.Counted(len(kinds), "kind"), strings.Join(kinds, ", "))
	if second != nil {
		say("%d %% ahead of %s", share, second.Entity.Name)
	} else {
		say("no other candidate has evidence")
	}
	if len(kinds) < 2 && share < r.wide || first.Score < r.likely || share < r.clear {
		say("that carries no more than a lead")
		return report.LeadOnly, because
	}
	if mayBeVictim(c, first) {
		say("there are no traces to tell whether it is what %s calls that fails", first.Entity.Name)
		return report.LeadOnly, because
	}
	if failed := failedSources(c.Coverage); len(failed) > 0 {
		say("%s could not be asked", strings.Join(failed, " and "))
		return report.Likely, because
	}
	if share >= r.double && first.Score >= r.strong && Findings(first) >= 2 {
		say("it has twice the points of anything else")
		return report.Confirmed, because
	}
	if i := slices.IndexFunc(flips, func(f flip) bool { return f.source == "" }); i >= 0 {
		say("one finding decides it: %s", flips[i].text)
		return report.Likely, because
	}
	if first.Score < r.confirm || share < r.wide || len(kinds) < 2 {
		return report.Likely, because
	}
	say("no single finding decides it")
	return report.Confirmed, because
}

// showsTrouble reports whether anything speaks for a cause besides its
// circumstances: that it changed, where it stands, that it is alerted on.
func showsTrouble(c *report.Cause) bool {
	return slices.ContainsFunc(c.Terms, func(t report.Term) bool {
		family, _, _ := strings.Cut(t.ID, "/")
		return t.Points >= leastSupport && family != "topology" && family != "alert" && t.ID != "change/before-onset" && t.ID != "change/produces"
	})
}

// Findings counts the terms that speak for a cause.
func Findings(c *report.Cause) int {
	n := 0
	for _, t := range c.Terms {
		if t.Points > 0 {
			n++
		}
	}
	return n
}

// runnerUp is the best cause about another entity, nil when none has points.
func runnerUp(causes []report.Cause) *report.Cause {
	for i := range causes[1:] {
		s := &causes[i+1]
		if s.Entity.Name != causes[0].Entity.Name && s.Score > 0 {
			return s
		}
	}
	return nil
}

// evidenceKinds are the independent kinds of evidence that speak for a cause:
// what its terms point at, in a fixed order.
func evidenceKinds(c *report.Cause) []string {
	var kinds []string
	for _, kind := range []string{"traces", "logs", "metrics", "changes", "code"} {
		if slices.ContainsFunc(c.Terms, func(t report.Term) bool { return t.Points >= leastSupport && termSource(t) == kind }) {
			kinds = append(kinds, kind)
		}
	}
	for _, k := range c.Commits[:min(1, len(c.Commits))] {
		if k.SHA != report.NoCommit && k.Score >= rulesOfVerdict().likely && !slices.Contains(kinds, "code") {
			kinds = append(kinds, "code")
		}
	}
	return kinds
}

// leastSupport is how many points a term needs to count as evidence of its own.
const leastSupport = 50

// termSource is the source that a term rests on, by what it refers to; empty
// for a term about position only.
func termSource(t report.Term) string {
	for _, r := range t.Refs {
		switch r.Kind {
		case evidence.RefTrace, evidence.RefSpan:
			return "traces"
		case evidence.RefLog:
			return "logs"
		case evidence.RefSeries, evidence.RefQuery:
			return "metrics"
		case evidence.RefChange:
			return "changes"
		case evidence.RefCommit, evidence.RefCode, evidence.RefDecision:
			return "code"
		}
	}
	switch family, _, _ := strings.Cut(t.ID, "/"); family {
	case "change":
		return "changes"
	case "resource", "saturation", "surge":
		return "metrics"
	case "behaviour":
		return "traces"
	}
	return ""
}

// sourcesAnswered counts the kinds of source that were asked and that gave
// something, or said that there is nothing.
func sourcesAnswered(coverage []evidence.Coverage) (answered, asked int) {
	good, all := map[string]bool{}, map[string]bool{}
	for _, c := range coverage {
		if c.Status == evidence.CoverageNotConfigured || c.Source == "alert" {
			continue
		}
		all[c.Source] = true
		if c.Status != evidence.CoverageFailed {
			good[c.Source] = true
		}
	}
	return len(good), len(all)
}

// failedSources are the main sources with a failed question, in order.
func failedSources(coverage []evidence.Coverage) []string {
	var list []string
	for _, c := range coverage {
		main := c.Source == "metrics" || c.Source == "traces" || c.Source == "logs" || c.Source == "changes"
		if main && c.Status == evidence.CoverageFailed && !slices.Contains(list, c.Source) {
			list = append(list, c.Source)
		}
	}
	return list
}

// whyNot compares a cause with the first in one sentence.
func whyNot(c, first *report.Cause) string {
	return fmt.Sprintf("%s has %d points against %d of %s: %s", c.Entity.Name, c.Score, first.Score, first.Entity.Name, Lost(c))
}

// Lost says why a cause is not first: what speaks against it, else how little
// speaks for it.
func Lost(c *report.Cause) string {
	worst, best := report.Term{}, report.Term{}
	for _, t := range c.Terms {
		if t.Points < worst.Points {
			worst = t
		}
		if t.Points > best.Points {
			best = t
		}
	}
	switch {
	case worst.Points < 0:
		return worst.Short()
	case best.Points > 0:
		return "only " + wording.Counted(Findings(c), "finding") + ", the strongest: " + best.Short()
	default:
		return "nothing departs from normal in it"
	}
}
