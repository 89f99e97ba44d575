package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/topology"
	"github.com/wherefore-dev/wherefore/correlate/weights"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// Seal finishes causes whose order is settled: each gets its rank, why it is not
// first, and the decision behind its commit.
func Seal(c *gathered.Evidence, causes []report.Cause) {
	for i := range causes {
		cause := &causes[i]
		cause.Rank = i + 1
		if i > 0 && cause.Lost == "" {
			cause.Lost = wording.Say("lost", lost(cause))
		}
		if links := c.Links[report.SuspectCommit(cause)]; len(links) > 0 {
			cause.Decision = links[0].DecisionID // its own before one that merely covers it
		}
	}
}

// Settle says how sure the report is of its first cause, by rules over the
// kinds of evidence, the distance to the second, and what could not be asked.
// withoutTraces is the entity that would be first without the tracing backend.
func Settle(c *gathered.Evidence, causes []report.Cause, withoutTraces string) report.Verdict {
	out := report.Verdict{Word: report.Inconclusive, Because: []string{}}
	out.SourcesAnswered, out.SourcesAsked = sourcesAnswered(c)
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
		out.WhyNotSecond = wording.Say("second", whyNot(second, first))
	}
	out.NoCodeCause = first.Trigger != report.TriggerNone && first.Trigger != report.TriggerCode && first.Trigger != ""
	flips := sensitivity(c, causes, withoutTraces)
	for _, f := range flips {
		out.Sensitivity = append(out.Sensitivity, f.text)
	}
	out.Word, out.Because = judge(first, second, flips, c)
	return out
}

// judge applies the rules, weakest word first, and says which held.
func judge(first, second *report.Cause, flips []flip, c *gathered.Evidence) (report.VerdictWord, []string) {
	r := &c.By().Rank.Verdict
	j, kinds := judged(first, second, r), evidenceKinds(first, r)
	var because []string
	say := func(format string, args ...any) {
		because = append(because, wording.Say("because", fmt.Sprintf(format, args...)))
	}
	switch {
	case first.Score < r.Lead:
		say("the strongest candidate has only %d points; %d are needed for a lead", first.Score, r.Lead)
		return report.Inconclusive, because
	case !showsTrouble(first, r):
		say("%s", noTrouble(first, r))
		return report.Inconclusive, because
	case second != nil && j.ahead < r.Tie:
		say("%s", tied(first, second, r))
		return report.Inconclusive, because
	}
	measured := topology.MeasuredOf(c)
	caps := ceilings(c, first, measured)
	if len(kinds) > 0 {
		say("%s of evidence: %s", wording.Counted(len(kinds), "kind"), strings.Join(kinds, ", "))
	}
	say("%s", j.lead(second))
	word, why := bySupport(first, j.boldly(first, second, c, measured), kinds, flips, r, standsAlone(first, measured))
	if word != report.LeadOnly && mayBeVictim(c, first, measured) {
		word, why = report.LeadOnly, "nothing measured tells whether it is what "+first.Entity.Name+" calls that fails"
	}
	if under(word, caps) == word && why != "" {
		say("%s", why)
	}
	for _, cap := range caps {
		say("%s", cap.because)
	}
	return under(word, caps), because
}

// noTrouble says what is wanting of a cause that nothing but its circumstances may
// speak for.
func noTrouble(first *report.Cause, r *weights.Verdict) string {
	if slices.ContainsFunc(first.Terms, func(t report.Term) bool { return t.Points >= r.Support && isFinding(t) }) {
		return "what speaks of trouble of " + first.Entity.Name + " could not be checked: what would deny it told nothing"
	}
	return "only circumstances speak for " + first.Entity.Name + ", as where and when it changed or that the alert names it; no sign of trouble of its own"
}

// tied says how a second cause comes as near as it does: by the points that both are
// printed with, or once those are left out on which the word may not rest.
func tied(first, second *report.Cause, r *weights.Verdict) string {
	if 100*(first.Score-second.Score) < r.Tie*first.Score {
		return fmt.Sprintf("%s has nearly as many points, %d against %d", second.Entity.Name, second.Score, first.Score)
	}
	return fmt.Sprintf("%s has as many points as are left to %s, which has %d, without those that could not be checked or that are for a change which nothing bears out", second.Entity.Name, first.Entity.Name, first.Score)
}

// bySupport is the word that a cause's own points and kinds of evidence allow,
// and the rule that held. One kind is enough for a strong cause with twice the
// points of anything else, or with a clear lead where what it shows stands alone.
func bySupport(first *report.Cause, j standingOut, kinds []string, flips []flip, r *weights.Verdict, stands bool) (report.VerdictWord, string) {
	far := j.ahead >= r.Double || stands && j.ahead >= r.Wide
	alone := len(kinds) < r.Kinds && (!far || j.score < r.Strong)
	if alone || j.score < r.Likely || j.ahead < r.Clear {
		return report.LeadOnly, "that carries no more than a lead"
	}
	if j.ahead >= r.Double && j.score >= r.Strong && findings(first) >= r.Findings && len(kinds) >= r.Kinds {
		return report.Confirmed, "it has twice the points of anything else"
	}
	if i := slices.IndexFunc(flips, func(f flip) bool { return f.source == "" }); i >= 0 {
		return report.Likely, "one finding decides it: " + flips[i].text
	}
	if j.score < r.Confirm || j.ahead < r.Wide || len(kinds) < r.Kinds {
		return report.Likely, ""
	}
	return report.Confirmed, "no single finding decides it"
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

// sourcesAnswered counts the kinds of source that were asked and that gave
// something, or said that there is nothing. Traces, logs and metrics always have
// something to say: one of them that told nothing has not answered.
func sourcesAnswered(c *gathered.Evidence) (answered, asked int) {
	good, all := map[string]bool{}, map[string]bool{}
	for _, r := range c.Coverage {
		if r.Status == evidence.CoverageNotConfigured || r.Source == "alert" {
			continue
		}
		all[r.Source] = true
		if r.Status != evidence.CoverageFailed {
			good[r.Source] = true
		}
	}
	for _, s := range c.Sources {
		if s.Missing() {
			delete(good, s.Source)
		}
	}
	return len(good), len(all)
}

// whyNot compares a cause with the first in one sentence.
func whyNot(c, first *report.Cause) string {
	return fmt.Sprintf("%s has %d points against %d of %s: %s", c.Entity.Name, c.Score, first.Score, first.Entity.Name, lost(c))
}

// lost says why a cause is not first: what speaks against it, else how little
// speaks for it.
func lost(c *report.Cause) string {
	worst, best := against(c), report.Term{}
	for _, t := range c.Terms {
		if t.Points > best.Points {
			best = t
		}
	}
	switch {
	case worst.Points < 0:
		return worst.Short()
	case best.Points > 0:
		return "its strongest finding is: " + best.Short()
	default:
		return "nothing departs from normal in it"
	}
}
