package compose

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/spoken"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// title is the first cause as one sentence, or the honest absence of one.
func title(r *report.Report, c *gathered.Evidence) string {
	if len(r.Causes) == 0 || r.Verdict.Word == report.Inconclusive {
		return inconclusiveTitle(r, c.By().Rank.Verdict.Clear)
	}
	first := &r.Causes[0]
	s := claim(first, r.Failures)
	ch, ok := c.Change(first.Change)
	if !ok {
		return s
	}
	if strings.Contains(s, " instead of ") {
		s += "," // it is that since then, and not instead of it
	}
	s += " since " + changeWords(ch)
	if sha := report.SuspectCommit(first); sha != "" && len(s)+len(first.Commits[0].Subject) < shownTitle {
		s += " (“" + first.Commits[0].Subject + "”)"
	}
	return s
}

const (
	// shownTitle is how many bytes of a title a phone shows whole, shownClaim how many
	// of them may go to the claim.
	shownTitle = 140
	shownClaim = 120
	// quotedSeen is in how many requests an error was seen that the title counts, and
	// quotedWords how many words the last part of a message has that is quoted alone.
	quotedSeen  = 2
	quotedWords = 2
)

// claim is what the strongest finding says went wrong, in a person's words. A
// finding that only says when or where something happened, or that is borrowed
// from another mechanism, does not say what; one that only says that failures
// start there, or that the code takes another path, gives way to the change that
// brings it about and to the error itself.
func claim(c *report.Cause, failures []report.Failure) string {
	var best, produces report.Term
	for _, t := range c.Terms {
		rule, _, _ := strings.Cut(t.ID, "/")
		says := rule != "change" && rule != "topology" && rule != "alert" || t.ID == "change/produces"
		if says && t.Points > best.Points && !t.Borrowed {
			best = t
		}
		if t.ID == "change/produces" && t.Points > produces.Points {
			produces = t
		}
	}
	own := failureWords(c, failures)
	switch {
	case c.Mechanism == report.MechanismBehaviour && best.ID == "behaviour/pattern":
		best.Said = cmp.Or(produces.Said, own, best.Said)
	case c.Mechanism == report.MechanismError || c.Mechanism == report.MechanismAbsence:
		best.Said = cmp.Or(own, best.Said)
	}
	if best.Said != "" && len(best.Said) <= shownClaim {
		return best.Said
	}
	return cmp.Or(c.Lead, best.Said, c.Sentence)
}

// failureWords is the first cause in the words of the error that it met with and
// that was not there before: where, and what the program says. It is empty where
// no error is the cause's own, or its callers' about what does not answer.
func failureWords(c *report.Cause, failures []report.Failure) string {
	if len(failures) == 0 || failures[0].Before > 0 {
		return ""
	}
	f := &failures[0]
	reason := innermostReason(f.Message)
	switch {
	case c.Mechanism == report.MechanismAbsence && f.Service != c.Entity.Name && spoken.Says(reason).Any(spoken.NoWay):
		return wording.Say("title/unreachable", fmt.Sprintf("%s cannot be reached: “%s”", c.Entity.Name, reason))
	case c.Mechanism == report.MechanismAbsence || f.Service != c.Entity.Name || f.Seen < quotedSeen:
		return ""
	}
	at := ""
	if f.Place != nil && f.Place.Line > 0 {
		at = fmt.Sprintf(" at %s:%d", f.Place.Path, f.Place.Line)
	}
	return wording.Say("title/error", fmt.Sprintf("%s in %s%s: “%s”", wording.Counted(f.Seen, "failure"), c.Entity.Name, at, reason))
}

// innermostReason is the last part of a message that wraps others before colons,
// as long as it says something: what follows a last colon is often only what the
// part before it is about, as the column after "no such column".
func innermostReason(message string) string {
	rest := message
	for {
		_, after, ok := strings.Cut(rest, ": ")
		// Half of what is quoted, or of an object, is no reason.
		if !ok || wordsIn(after) < quotedWords || strings.Count(after, `"`)%2 != 0 || strings.Count(after, "{") != strings.Count(after, "}") {
			return unquoted(rest)
		}
		rest = after
	}
}

// wordsIn counts the words of a text that are letters alone: no name with a
// punctuation mark in it, no number, no code.
func wordsIn(text string) int {
	n := 0
	for word := range strings.FieldsSeq(text) {
		word = strings.TrimRight(word, ",.;!")
		if word != "" && strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) < 0 {
			n++
		}
	}
	return n
}

// unquoted is a text without the quotation marks that a format put around all of it.
func unquoted(text string) string {
	if inner, ok := strings.CutPrefix(text, `"`); ok && strings.HasSuffix(inner, `"`) && strings.Count(inner, `"`) == 1 {
		return strings.TrimSuffix(inner, `"`)
	}
	return text
}

// inconclusiveTitle is the honest absence of a cause; the first two are close where the
// second is no more than clear, in per cent of the first's points, behind.
func inconclusiveTitle(r *report.Report, clear int) string {
	answered := 0
	for _, c := range r.Coverage {
		if c.Status == evidence.CoverageAnswered || c.Status == evidence.CoverageTruncated {
			answered++
		}
	}
	switch {
	case answered == 0:
		return "No cause found: no source had anything to say about " + cmp.Or(r.Service, "the alert")
	case len(r.Causes) == 0 || r.Causes[0].Score <= 0:
		return "No cause found: nothing departs from normal around " + r.Onset.At.Format("15:04") + " UTC"
	case len(r.Causes) > 1 && r.Causes[1].Score > 0 && r.Causes[0].Entity.Name != r.Causes[1].Entity.Name && 100*(r.Causes[0].Score-r.Causes[1].Score) < clear*r.Causes[0].Score:
		return fmt.Sprintf("No single cause stands out: %s and %s are close", r.Causes[0].Entity.Name, r.Causes[1].Entity.Name)
	default:
		return "No cause stands out; the weak lead is " + r.Causes[0].Entity.Name
	}
}

// changeWords name a change.
func changeWords(ch evidence.Change) string {
	switch ch.Kind {
	case evidence.ChangeDeploy:
		return "the deploy of " + cmp.Or(evidence.ShortRevision(ch.To), evidence.ShortRevision(ch.Commit), "a new version")
	case evidence.ChangeFlag:
		name := "flag " + cmp.Or(ch.Attributes["flag"], ch.Summary, ch.ID)
		if ch.From == "" || ch.To == "" {
			return name + " was switched"
		}
		return name + " went from " + ch.From + " to " + ch.To
	case evidence.ChangeConfig:
		return "the configuration change"
	case evidence.ChangeDecision:
		return "the decision at run time"
	case evidence.ChangeScale:
		return "the change of scale"
	case evidence.ChangeExperiment:
		return "the injected fault"
	}
	return "the " + string(ch.Kind)
}
