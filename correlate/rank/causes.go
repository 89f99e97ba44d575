package rank

import (
	"cmp"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

func milli(x float64) int { return stat.Milli(x) }

// mechanismsInOrder are all mechanisms, in the order that settles ties.
func mechanismsInOrder() []report.Mechanism {
	return []report.Mechanism{
		report.MechanismResource, report.MechanismSaturation, report.MechanismLatency, report.MechanismError, report.MechanismBehaviour,
		report.MechanismAbsence, report.MechanismExternal, report.MechanismData, report.MechanismSurge,
	}
}

// causesOf are the hypotheses about one entity, best first. An entity about
// which nothing speaks has one with what speaks about it whatever the
// mechanism.
func causesOf(v *view.View, e int, terms []scoredTerm) []report.Cause {
	var out []report.Cause
	for _, m := range mechanismsInOrder() {
		if slices.ContainsFunc(terms, func(t scoredTerm) bool { return t.mechanism == m && t.term.Points > 0 }) {
			out = append(out, causeOf(v, e, m, terms))
		}
	}
	if len(out) == 0 {
		out = append(out, causeOf(v, e, report.MechanismBehaviour, terms))
	}
	slices.SortStableFunc(out, func(a, b report.Cause) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

// causeOf sums the terms for one mechanism of one entity.
func causeOf(v *view.View, e int, m report.Mechanism, terms []scoredTerm) report.Cause {
	c := report.Cause{Entity: evidence.Entity{Name: v.Names[e], Kind: v.Kinds[e]}, Mechanism: m, Trigger: report.TriggerNone}
	var own, other []scoredTerm
	slow := bringsDelay(m, terms)
	for _, t := range terms {
		switch t.mechanism {
		case m, "":
			own = append(own, t)
		default:
			share := supports(t.mechanism, m, v.By)
			if t.mechanism == report.MechanismLatency {
				share *= slow
			} else if m == report.MechanismLatency { // what brings no delay bears out none
				share *= waitedFor(t.mechanism, terms)
			}
			t.term.Points, t.term.Unchecked = milli(float64(t.term.Points)/1000*share), milli(float64(t.term.Unchecked)/1000*share)
			t.term.Borrowed = true
			if t.term.Points != 0 {
				other = append(other, t)
			}
		}
	}
	byPoints := func(a, b scoredTerm) int { return cmp.Compare(b.term.Points, a.term.Points) }
	slices.SortStableFunc(own, byPoints)
	slices.SortStableFunc(other, byPoints)
	c.Trigger, c.Change = trigger(v, e, m)
	all := append(own, other...)
	for _, t := range all {
		c.Add(t.term)
		if t.mechanism == m && c.State == "" {
			c.State = t.state
		}
	}
	c.Loci = lociOf(m, all, v.By.Rank.PatternPlaces)
	return c
}

// bringsDelay is how much of an entity's delay what speaks for a mechanism can
// account for, 0 to 1: a hypothesis is not borne out by time that passes without
// what it tells of, nor as far as nobody waits for that.
func bringsDelay(m report.Mechanism, terms []scoredTerm) float64 {
	sum, anyway := 0.0, 0.0
	for _, t := range terms {
		if t.mechanism == m && t.term.Points > 0 {
			sum += float64(t.term.Points)
			anyway += float64(t.term.Points) * t.anyway
		}
	}
	if sum == 0 {
		return 1
	}
	return max(0, waitedFor(m, terms)-anyway/sum)
}

// waitedFor is what is left of what speaks for a mechanism, 0 to 1, once the same rules
// have said that nobody waits for it.
func waitedFor(m report.Mechanism, terms []scoredTerm) float64 {
	speaks := map[string]bool{}
	sum, denied := 0.0, 0.0
	for _, t := range terms {
		if t.mechanism == m && t.term.Points > 0 {
			speaks[t.term.ID] = true
			sum += float64(t.term.Points)
		}
	}
	if sum == 0 {
		return 1
	}
	for _, t := range terms {
		if t.mechanism == m && t.term.Points < 0 && speaks[t.term.ID] {
			denied -= float64(t.term.Points)
		}
	}
	return max(0, 1-denied/sum)
}

// lociOf are the loci of a cause's terms, those of the heaviest terms first. A
// failure is best placed by the pattern of events that shows where the code
// took another way: the two events enclose the region, while the error line
// stands where the failure was noticed; telling is how many points that takes.
func lociOf(m report.Mechanism, terms []scoredTerm, telling int) []report.Locus {
	var loci []report.Locus
	add := func(t scoredTerm) {
		for _, l := range t.loci {
			if !slices.Contains(loci, l) {
				loci = append(loci, l)
			}
		}
	}
	if m == report.MechanismError {
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
