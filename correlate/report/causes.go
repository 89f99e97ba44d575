package report

import (
	"cmp"
	"strings"
)

// mechanismTerms begins the ids of the terms that say what a commit's diff does; the
// mechanism's rule follows.
const mechanismTerms = "commit/mechanism-"

// MechanismTerm is the id of a mechanism rule's term.
func MechanismTerm(rule string) string { return mechanismTerms + rule }

// MechanismRule is the mechanism rule of a term with an id, false for any other term.
func MechanismRule(id string) (rule string, ok bool) {
	rule, ok = strings.CutPrefix(id, mechanismTerms)
	return rule, ok && rule != ""
}

// RuleID is the mechanism rule behind a commit's score, empty when none.
func (c CommitScore) RuleID() string {
	for _, t := range c.Terms {
		if rule, ok := MechanismRule(t.ID); ok {
			return rule
		}
	}
	return ""
}

// Claim is a term in words, for a list of them: what is borrowed says so.
func (t Term) Claim() string {
	if t.Borrowed {
		return "in support: " + t.Why
	}
	return t.Why
}

// Carries are the points that a word may rest on: those that no check could have taken
// back that was not made.
func (t Term) Carries() int { return t.Points - min(t.Unchecked, max(0, t.Points)) }

// Short is a term as briefly as it can be said.
func (t Term) Short() string { return cmp.Or(t.Said, t.Why) }

// Add adds a term to a cause and its points to the score.
func (c *Cause) Add(t Term) {
	c.Terms = append(c.Terms, t)
	c.Score += t.Points
}

// SuspectCommit is the SHA of the commit blamed by a cause, empty for none.
func SuspectCommit(c *Cause) string {
	if c.Trigger == TriggerCode && len(c.Commits) > 0 && c.Commits[0].SHA != NoCommit {
		return c.Commits[0].SHA
	}
	return ""
}

// NoCommit is the SHA of the scored answer that none of the commits produces
// what is seen. It stands among a cause's commits at its own rank.
const NoCommit = "none"

// CompareCauses orders by score, then by how much speaks for the cause, then by
// name, so that the order is total.
func CompareCauses(a, b Cause) int {
	return cmp.Or(
		cmp.Compare(b.Score, a.Score),
		cmp.Compare(len(b.Terms), len(a.Terms)),
		cmp.Compare(a.Entity.Name, b.Entity.Name),
		cmp.Compare(a.Mechanism, b.Mechanism),
	)
}
