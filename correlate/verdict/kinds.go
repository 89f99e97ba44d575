package verdict

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/signal"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// kindsInOrder are the independent kinds of evidence.
var kindsInOrder = []string{"traces", "logs", "metrics", "changes", "code"}

// isFinding reports whether a term speaks of trouble at all, and not only of
// where its entity stands, when it was changed, or that it is alerted on, or of lines
// that tell of no failure.
func isFinding(t report.Term) bool { return signal.RoleOf(t.ID) != signal.Circumstance && !t.Plain }

// findings counts the terms that speak of a cause's trouble.
func findings(c *report.Cause) int {
	n := 0
	for _, t := range c.Terms {
		if t.Points > 0 && isFinding(t) {
			n++
		}
	}
	return n
}

// showsTrouble reports whether anything speaks for a cause besides its
// circumstances.
func showsTrouble(c *report.Cause, by *weights.Verdict) bool {
	return slices.ContainsFunc(c.Terms, func(t report.Term) bool { return t.Carries() >= by.Support && isFinding(t) })
}

// evidenceKinds are the independent kinds of evidence that speak for a cause, in
// a fixed order. A change counts only where something observed goes with it: two
// versions that differ, or a commit that the ranking of commits bears out.
func evidenceKinds(c *report.Cause, by *weights.Verdict) []string {
	var kinds []string
	for _, kind := range kindsInOrder {
		if slices.ContainsFunc(c.Terms, func(t report.Term) bool { return t.Carries() >= by.Support && isFinding(t) && termSource(t) == kind }) {
			kinds = append(kinds, kind)
		}
	}
	if !slices.Contains(kinds, "code") && borneOut(c, by) {
		kinds = append(kinds, "code")
	}
	return kinds
}

// borneOut reports whether a cause's first commit is held for what its code does:
// a mechanism that fits, lines and files that failing evidence names. That it went
// live lately and is about the right service are circumstances; that versions
// differ is evidence of its own and counts once. A commit that is not known to
// have gone live on the entity says nothing of whose trouble it is. What profiles add
// is left out: they explain, and make no cause surer.
func borneOut(c *report.Cause, by *weights.Verdict) bool {
	k, ok := c.Commit()
	if !ok || k.Share-k.ByProfiles < by.CommitShare || !changed(c) {
		return false
	}
	seen := 0
	for _, t := range k.Terms {
		if _, does := report.MechanismRule(t.ID); does || slices.Contains(ofTheCode, t.ID) {
			seen += t.Points
		}
	}
	return seen >= by.CommitSeen
}

// ofTheCode are the terms by which a commit is seen in what failed: its lines, its
// places, its texts.
var ofTheCode = []string{"commit/blame", "commit/file", "commit/inside", "commit/line", "commit/callee", "commit/literal", "commit/told"}

// changed reports whether a change of the cause's very entity goes with it, the one
// that is held to have set it off where one is.
func changed(c *report.Cause) bool {
	return slices.ContainsFunc(c.Terms, func(t report.Term) bool {
		switch {
		case t.Points <= 0:
			return false
		case signal.OfChange(t.ID):
			return c.Change == "" || slices.ContainsFunc(t.Refs, func(r evidence.Ref) bool { return r.ID == c.Change })
		}
		return t.ID == "change/produces" || t.ID == "change/gray"
	})
}

// changeSeen reports whether something observed bears out that a change set a
// cause off: its code, or two versions that differ clearly.
func changeSeen(c *report.Cause, by *weights.Verdict) bool {
	return borneOut(c, by) || slices.ContainsFunc(c.Terms, func(t report.Term) bool { return t.ID == "change/gray" && t.Points >= by.Versions })
}

// termSource is the source that a term rests on; empty for a term about position
// only.
func termSource(t report.Term) string {
	if t.Source != "" {
		return t.Source
	}
	return evidence.SourceOf(t.Refs)
}
