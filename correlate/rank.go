package correlate

import (
	"cmp"
	"slices"
)

// supports is the share of a term's points for one mechanism that counts for
// another of the same entity. What a mechanism brings about supports it almost
// fully: a starved process is slow and fails. The other way round less: being
// slow does not make a process use more memory. PRISM adds internal and
// external evidence for the same reason, as if they were independent.
func supports(of, m Mechanism) float64 {
	if effects(m, of) {
		return 0.8
	}
	return 0.4
}

// effects reports whether a mechanism ordinarily shows as another one too.
func effects(m, as Mechanism) bool {
	switch m {
	case MechanismResource, MechanismSaturation, MechanismExternal:
		return as == MechanismLatency || as == MechanismError || as == MechanismBehaviour
	case MechanismBehaviour:
		return as == MechanismError || as == MechanismLatency
	case MechanismAbsence, MechanismData, MechanismSurge:
		return as != MechanismResource
	case MechanismError:
		return as == MechanismLatency
	}
	return false
}

// rankCauses scores every candidate under every mechanism that any evidence
// speaks for. The best cause of each entity comes first in total order, then
// the entities' further causes. A cause's score is the sum of its terms.
func rankCauses(c *Case) []Cause {
	v := newView(c)
	terms := make([][]scoredTerm, len(v.names))
	for _, s := range signals() {
		for _, f := range s.eval(v) {
			if t, ok := scoreFinding(s.id, f); ok {
				terms[f.entity] = append(append(terms[f.entity], t), t.discounted(f.fact)...)
			}
		}
	}
	v.explainBySurge(terms)
	causes := v.blameNodes(terms)
	for e := range v.names {
		causes = append(causes, v.causesOf(e, terms[e])...)
	}
	slices.SortFunc(causes, compareCauses)
	causes = bestFirst(causes)
	for i := range causes {
		causes[i].Rank = i + 1
		causes[i].Sentence = sentence(&causes[i])
	}
	return causes
}

// scoredTerm is a finding with its points.
type scoredTerm struct {
	term      Term
	mechanism Mechanism
	loci      []Locus
}

// scoreFinding turns a finding into a term; ok is false for one without points.
func scoreFinding(id string, f finding) (scoredTerm, bool) {
	if f.strength < 0 {
		f.strength *= f.fact.kept() // nothing is held against what is taken back already
	}
	points := milli(float64(weightOf(id)) / 1000 * max(-1, min(1, f.strength)))
	if points == 0 {
		return scoredTerm{}, false
	}
	if f.fact != nil && f.fact.season != "" && points > 0 {
		f.why += "; " + f.fact.season
	}
	return scoredTerm{
		term:      Term{ID: id, Points: points, Why: f.why, Said: f.said, Query: f.query, Refs: f.refs, Chart: f.chart, Seen: f.seen, Total: f.total},
		mechanism: f.mechanism, loci: f.loci,
	}, true
}

// compareCauses orders by score, then by how much speaks for the cause, then by
// name, so that the order is total.
func compareCauses(a, b Cause) int {
	return cmp.Or(
		cmp.Compare(b.Score, a.Score),
		cmp.Compare(len(b.Terms), len(a.Terms)),
		cmp.Compare(a.Entity.Name, b.Entity.Name),
		cmp.Compare(a.Mechanism, b.Mechanism),
	)
}

// bestFirst puts the best cause of every entity before the entities' further
// ones, each part in order; further causes with nothing to say for themselves
// are dropped.
func bestFirst(causes []Cause) []Cause {
	var first, rest []Cause
	seen := map[string]bool{}
	for _, c := range causes {
		switch {
		case !seen[c.Entity.Name]:
			seen[c.Entity.Name] = true
			first = append(first, c)
		case c.Score > 0:
			rest = append(rest, c)
		}
	}
	return append(first, rest...)
}

// sentence says a cause in one sentence: what hurts, and the strongest term.
func sentence(c *Cause) string {
	what := map[Mechanism]string{
		MechanismResource:   "runs out of a resource of its own",
		MechanismSaturation: "has used up something bounded",
		MechanismLatency:    "is slow by itself or on its network",
		MechanismError:      "is where the failures start",
		MechanismBehaviour:  "takes another way through its code than before",
		MechanismAbsence:    "is gone",
		MechanismExternal:   "fails at what it depends on outside",
		MechanismData:       "chokes on one input that comes again and again",
		MechanismSurge:      "is hit by more traffic than before",
	}[c.Mechanism]
	if len(c.Terms) == 0 || c.Score <= 0 {
		return "Nothing speaks for " + c.Entity.Name
	}
	return c.Entity.Name + " " + what + ": " + cmp.Or(c.Terms[0].Said, c.Terms[0].Why)
}
