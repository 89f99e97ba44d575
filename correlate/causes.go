package correlate

import (
	"cmp"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// inSupport begins the words of a term that a cause borrows from another
// mechanism of the same entity.
const inSupport = "in support: "

func milli(x float64) int { return stat.Milli(x) }

// mechanismsInOrder are all mechanisms, in the order that settles ties.
func mechanismsInOrder() []Mechanism {
	return []Mechanism{
		MechanismResource, MechanismSaturation, MechanismLatency, MechanismError, MechanismBehaviour,
		MechanismAbsence, MechanismExternal, MechanismData, MechanismSurge,
	}
}

// causesOf are the hypotheses about one entity, best first. An entity about
// which nothing speaks has one with what speaks about it whatever the
// mechanism.
func (v *view) causesOf(e int, terms []scoredTerm) []Cause {
	var out []Cause
	for _, m := range mechanismsInOrder() {
		if slices.ContainsFunc(terms, func(t scoredTerm) bool { return t.mechanism == m && t.term.Points > 0 }) {
			out = append(out, v.causeOf(e, m, terms))
		}
	}
	if len(out) == 0 {
		out = append(out, v.causeOf(e, MechanismBehaviour, terms))
	}
	slices.SortStableFunc(out, func(a, b Cause) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

// causeOf sums the terms for one mechanism of one entity.
func (v *view) causeOf(e int, m Mechanism, terms []scoredTerm) Cause {
	c := Cause{Entity: evidence.Entity{Name: v.names[e], Kind: v.kinds[e]}, Mechanism: m, Trigger: TriggerNone}
	var own, other []scoredTerm
	for _, t := range terms {
		switch t.mechanism {
		case m, "":
			own = append(own, t)
		default:
			t.term.Points = milli(float64(t.term.Points) / 1000 * supports(t.mechanism, m))
			t.term.Why = inSupport + t.term.Why
			if t.term.Points != 0 {
				other = append(other, t)
			}
		}
	}
	byPoints := func(a, b scoredTerm) int { return cmp.Compare(b.term.Points, a.term.Points) }
	slices.SortStableFunc(own, byPoints)
	slices.SortStableFunc(other, byPoints)
	c.Trigger, c.Change = v.trigger(e, m)
	all := append(own, other...)
	for _, t := range all {
		c.add(t.term)
	}
	c.Loci = lociOf(m, all)
	return c
}

// lociOf are the loci of a cause's terms, those of the heaviest terms first. A
// failure is best placed by the pattern of events that shows where the code
// took another way: the two events enclose the region, while the error line
// stands where the failure was noticed.
func lociOf(m Mechanism, terms []scoredTerm) []Locus {
	var loci []Locus
	add := func(t scoredTerm) {
		for _, l := range t.loci {
			if !slices.Contains(loci, l) {
				loci = append(loci, l)
			}
		}
	}
	if m == MechanismError {
		for _, t := range terms {
			if t.term.ID == "behaviour/pattern" && t.term.Points >= telling {
				add(t)
			}
		}
	}
	for _, t := range terms {
		add(t)
	}
	return loci
}

// telling is how many points a pattern needs to place a failure.
const telling = 20

// add adds a term to a cause and its points to the score.
func (c *Cause) add(t Term) {
	c.Terms = append(c.Terms, t)
	c.Score += t.Points
}
