package correlate

import "fmt"

// explainBySurge takes back part of what speaks for entities that are busy,
// slow or full while the traffic itself rose: under a surge they are where it
// hurts, not why. Failures that load does not explain keep their points, and so
// does everything when the surge itself is in doubt.
func (v *view) explainBySurge(terms [][]scoredTerm) {
	w, surge := -1, 0
	for e := range terms {
		for _, t := range terms[e] {
			if t.mechanism == MechanismSurge {
				w = e
				surge += t.term.Points
			}
		}
	}
	if w < 0 || surge <= 0 {
		return
	}
	share := min(0.6, float64(surge)/float64(weightOf("surge/entry-rate")))
	for e := range terms {
		if e == w {
			continue
		}
		terms[e] = takeBack(terms[e], share, []Mechanism{MechanismResource, MechanismSaturation, MechanismLatency, MechanismError}, func(m Mechanism) Term {
			return Term{ID: "explain/surge", Why: fmt.Sprintf("the traffic rose, which explains part of the %s at %s", m, v.names[e])}
		})
	}
}

// takeBack adds a negative term for each of some mechanisms that has points: a
// share of them, 0 to 1, which something else explains; explained words it.
func takeBack(terms []scoredTerm, share float64, mechanisms []Mechanism, explained func(Mechanism) Term) []scoredTerm {
	for _, m := range mechanisms {
		sum := 0
		for _, t := range terms {
			if t.mechanism == m {
				sum += t.term.Points
			}
		}
		if points := milli(-share * float64(sum) / 1000); points < 0 {
			t := explained(m)
			t.Points = points
			terms = append(terms, scoredTerm{mechanism: m, term: t})
		}
	}
	return terms
}
