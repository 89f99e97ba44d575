package correlate

import (
	"cmp"
	"slices"
)

// rankCauses gives every candidate entity one cause, the alerting ones first.
func rankCauses(c *Case) []Cause {
	causes := make([]Cause, 0, len(c.Entities))
	for _, e := range c.Entities {
		cause := Cause{Entity: e, Mechanism: MechanismBehaviour, Trigger: TriggerNone, Sentence: e.Name + " is among the candidates"}
		if slices.Contains(c.Alerting, e.Name) {
			cause.Sentence = e.Name + " is what the alert names"
			cause.add(Term{ID: "alert/named", Points: 1, Why: "the alert names it"})
		}
		causes = append(causes, cause)
	}
	slices.SortStableFunc(causes, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Entity.Name, b.Entity.Name))
	})
	return causes
}

// add adds a term to a cause and its points to the score.
func (c *Cause) add(t Term) {
	c.Terms = append(c.Terms, t)
	c.Score += t.Points
}
