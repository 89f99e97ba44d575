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
		for _, m := range []Mechanism{MechanismResource, MechanismSaturation, MechanismLatency, MechanismError} {
			sum := 0
			for _, t := range terms[e] {
				if t.mechanism == m {
					sum += t.term.Points
				}
			}
			if points := milli(-share * float64(sum) / 1000); points < 0 {
				terms[e] = append(terms[e], scoredTerm{mechanism: m, term: Term{
					ID: "explain/surge", Points: points,
					Why: fmt.Sprintf("the traffic rose, which explains part of the %s at %s", m, v.names[e]),
				}})
			}
		}
	}
}
