package rank

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/kube"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/signal"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/weights"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// supports is the share of a term's points for one mechanism that counts for
// another of the same entity.
func supports(of, m report.Mechanism, by *weights.Set) float64 {
	if effects(m, of) {
		return by.Rank.Supports
	}
	return by.Rank.SupportsBack
}

// effects reports whether a mechanism ordinarily shows as another one too.
func effects(m, as report.Mechanism) bool {
	switch m {
	case report.MechanismResource, report.MechanismSaturation, report.MechanismExternal:
		return as == report.MechanismLatency || as == report.MechanismError || as == report.MechanismBehaviour
	case report.MechanismBehaviour:
		return as == report.MechanismError || as == report.MechanismLatency
	case report.MechanismAbsence, report.MechanismData, report.MechanismSurge:
		return as != report.MechanismResource
	case report.MechanismError:
		return as == report.MechanismLatency
	}
	return false
}

// Causes scores every candidate under every mechanism that any evidence
// speaks for. The best cause of each entity comes first in total order, then
// the entities' further causes. A cause's score is the sum of its terms.
func Causes(v *view.View) []report.Cause {
	terms := make([][]scoredTerm, len(v.Names))
	for _, s := range signal.Rules() {
		for _, f := range s.Eval(v) {
			if t, ok := scoreFinding(v, s.Id, f); ok {
				terms[f.Entity] = append(append(terms[f.Entity], t), t.discounted(f.Fact)...)
			}
		}
	}
	for e := range terms {
		terms[e] = withCompany(terms[e])
	}
	explainBySurge(v, terms)
	explainByState(v, terms)
	leaveStrangersOut(v, terms)
	causes := blameNodes(v, terms)
	for e := range v.Names {
		causes = append(causes, causesOf(v, e, terms[e])...)
	}
	slices.SortFunc(causes, report.CompareCauses)
	causes = bestFirst(causes)
	for i := range causes {
		causes[i].Rank = i + 1
		causes[i].Lead = wording.Say("lead", lead(&causes[i]))
		causes[i].Sentence = wording.Say("sentence", sentence(&causes[i]))
	}
	return causes
}

// withCompany drops what only explains where nothing else shows trouble.
func withCompany(terms []scoredTerm) []scoredTerm {
	if slices.ContainsFunc(terms, func(t scoredTerm) bool { return t.term.Points > 0 && signal.RoleOf(t.term.ID) != signal.Circumstance }) {
		return terms
	}
	return slices.DeleteFunc(terms, func(t scoredTerm) bool { return t.explains })
}

// scoredTerm is a finding with its points.
type scoredTerm struct {
	explains  bool
	term      report.Term
	mechanism report.Mechanism
	loci      []report.Locus
	state     kube.Reason
	anyway    float64 // see [signal.Finding]
}

// scoreFinding turns a finding into a term; ok is false for one without points.
func scoreFinding(v *view.View, id string, f signal.Finding) (scoredTerm, bool) {
	by := v.By
	if f.Strength < 0 {
		f.Strength *= f.Fact.Kept() // nothing is held against what is taken back already
	}
	points := milli(float64(by.Of(id)) / 1000 * max(-1, min(1, f.Strength)))
	if points == 0 && !f.Explains {
		return scoredTerm{}, false
	}
	if f.Fact != nil && f.Fact.Season != "" && points > 0 {
		f.Why += "; " + f.Fact.Season
	}
	source := cmp.Or(f.Source, evidence.SourceOf(f.Refs), familySource(id))
	return scoredTerm{
		term: report.Term{ID: id, Points: points, Why: wording.Say(id, f.Why), Said: wording.Say(id, f.Said), Query: f.Query, Refs: f.Refs, Chart: f.Chart, Seen: f.Seen, Total: f.Total, Counts: wording.Say(id, f.Counts),
			Source: source, By: callsBehind(v, f, source), Elsewhere: f.Elsewhere, Plain: f.Plain, Unchecked: milli(float64(by.Of(id)) / 1000 * min(1, max(0, f.Unchecked)))},
		mechanism: f.Mechanism, loci: f.Loci, state: f.State, anyway: f.Anyway, explains: f.Explains,
	}, true
}

// bestFirst puts the best cause of every entity before the entities' further
// ones, each part in order; further causes with nothing to say for themselves
// are dropped.
func bestFirst(causes []report.Cause) []report.Cause {
	var first, rest []report.Cause
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
func sentence(c *report.Cause) string {
	if len(c.Terms) == 0 || c.Score <= 0 {
		return c.Lead
	}
	if c.Terms[0].ID == notRunning {
		return c.Terms[0].Short() // says both
	}
	return c.Lead + ": " + c.Terms[0].Short()
}

// lead says which entity hurts and how.
func lead(c *report.Cause) string {
	if len(c.Terms) == 0 || c.Score <= 0 {
		return "Nothing speaks for " + c.Entity.Name
	}
	if c.State != "" {
		return c.Entity.Name + " does not run"
	}
	if !slices.ContainsFunc(c.Terms, func(t report.Term) bool { return t.Points > 0 && signal.RoleOf(t.ID) != signal.Circumstance }) {
		return "Only circumstantial evidence points to " + c.Entity.Name
	}
	if c.Mechanism == report.MechanismExternal && c.Entity.Kind == evidence.KindExternal {
		return c.Entity.Name + ", which is outside, fails"
	}
	return c.Entity.Name + " " + map[report.Mechanism]string{
		report.MechanismResource:   "runs out of a resource of its own",
		report.MechanismSaturation: "has exhausted a limited resource",
		report.MechanismLatency:    "is slow by itself or on its network",
		report.MechanismError:      "is where the failures start",
		report.MechanismBehaviour:  "takes another code path than before",
		report.MechanismAbsence:    "is gone",
		report.MechanismExternal:   "fails at an external dependency",
		report.MechanismData:       "fails on one input again and again",
		report.MechanismSurge:      "is hit by more traffic than before",
	}[c.Mechanism]
}

// familySource is the source of a rule's family, for findings without references.
func familySource(id string) string {
	switch family, _, _ := strings.Cut(id, "/"); family {
	case "change":
		return "changes"
	case "resource", "saturation", "surge":
		return "metrics"
	case "behaviour":
		return "traces"
	}
	return ""
}
