package correlate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Basis is what a report is made of.
type Basis struct {
	Case *Case
	// Causes are ranked, settled and sealed.
	Causes    []Cause
	Suspects  *commitScorer
	Verdict   Verdict
	Decisions []DecisionView
	// Engine is the engine's version, Weights that of the weights.
	Engine, Weights string
	// Owners name who is responsible, by entity.
	Owners map[string]string
}

// report says what the case and its causes amount to.
func report(b Basis) Report {
	c, causes, a := b.Case, b.Causes, b.Case.Request.Alert
	r := Report{
		Version: ReportVersion, Engine: b.Engine, Weights: b.Weights, Revision: c.Request.Revision,
		Incident: a.IncidentID(), Alert: a, State: cmp.Or(a.Status, evidence.StatusFiring), FiredAt: c.FiredAt.UTC(),
		Severity: a.Label("severity"), Service: c.Service, Onset: c.Onset, Window: c.Incident, Baseline: c.lookback(),
		Causes: causes, Ranked: ranked(causes), Warnings: c.Warnings,
		Verdict: b.Verdict, Decisions: b.Decisions, Coverage: c.Coverage,
	}
	r.Owner = owner(b.Owners, a, r.Service, causes)
	r.Impact = impact(c, b.Suspects.hitBy())
	r.Impact.Services = b.Suspects.sufferers(causes, r.Impact.Services)
	r.Map = serviceMap(c, b.Suspects, causes, r.Impact.Services)
	r.Changes = changeViews(c, causes)
	r.Actions = append(plannedActions(c, causes), actionsFor(b.Suspects, causes)...)
	r.Trace = traceView(c, causes)
	r.Code = codeViews(c, causes)
	r.Timeline = timeline(c, causes)
	r.Gaps = gaps(c, causes)
	r.RuledOut = ruledOut(c, causes)
	r.NotChecked = notChecked(c)
	r.Title = title(&r, c)
	return r
}

// ranked is every candidate once, by its best cause, in the causes' order.
func ranked(causes []Cause) []EntityScore {
	var list []EntityScore
	seen := map[string]bool{}
	for _, c := range causes {
		if !seen[c.Entity.Name] {
			seen[c.Entity.Name] = true
			list = append(list, EntityScore{Entity: c.Entity.Name, Score: c.Score})
		}
	}
	slices.SortStableFunc(list, func(a, b EntityScore) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Entity, b.Entity))
	})
	return list
}

// owner is who is responsible: for the blamed entity, else for the alerting
// one, by configuration or by the alert's own labels.
func owner(owners map[string]string, a evidence.Alert, service string, causes []Cause) string {
	if len(causes) > 0 {
		if o := owners[causes[0].Entity.Name]; o != "" {
			return o
		}
	}
	return cmp.Or(owners[service], a.Label("owner"), a.Label("team"))
}

// title is the first cause as one sentence, or the honest absence of one.
func title(r *Report, c *Case) string {
	if len(r.Causes) == 0 || r.Verdict.Word == Inconclusive {
		return inconclusiveTitle(r)
	}
	first := &r.Causes[0]
	s := claim(first)
	ch, ok := c.change(first.Change)
	if !ok {
		return s
	}
	s += " since " + changeWords(ch)
	if sha := suspectCommit(first); sha != "" && len(s)+len(first.Commits[0].Subject) < titleLength {
		s += " (“" + first.Commits[0].Subject + "”)"
	}
	return s
}

// titleLength is how many bytes of a title a phone shows whole, claimLength how
// many of them may go to the claim.
const (
	titleLength = 140
	claimLength = 120
)

// claim is what the strongest finding says went wrong, in a person's words. A
// finding that only says when or where something happened, or that is borrowed
// from another mechanism, does not say what.
func claim(c *Cause) string {
	best := Term{}
	for _, t := range c.Terms {
		rule, _, _ := strings.Cut(t.ID, "/")
		says := rule != "change" && rule != "topology" && rule != "alert" || t.ID == "change/produces"
		if says && t.Points > best.Points && !strings.HasPrefix(t.Why, inSupport) {
			best = t
		}
	}
	said, _, _ := strings.Cut(best.Why, ", ")
	said = cmp.Or(best.Said, said)
	if said != "" && len(said) <= claimLength {
		return said
	}
	head, _, _ := strings.Cut(c.Sentence, ": ")
	return head
}

func inconclusiveTitle(r *Report) string {
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
	case len(r.Causes) > 1 && r.Causes[1].Score > 0 && r.Causes[0].Entity.Name != r.Causes[1].Entity.Name:
		return fmt.Sprintf("No single cause stands out: %s and %s are close", r.Causes[0].Entity.Name, r.Causes[1].Entity.Name)
	default:
		return "No cause stands out; the weak lead is " + r.Causes[0].Entity.Name
	}
}

// changeWords name a change.
func changeWords(ch evidence.Change) string {
	switch ch.Kind {
	case evidence.ChangeDeploy:
		return "the deploy of " + cmp.Or(shortRevision(ch.To), shortRevision(ch.Commit), "a new version")
	case evidence.ChangeFlag:
		name := "flag " + cmp.Or(ch.Attributes["flag"], ch.Summary, ch.ID)
		if ch.From == "" || ch.To == "" {
			return name + " was switched"
		}
		return name + " went from " + ch.From + " to " + ch.To
	default:
		return "the " + string(ch.Kind) + " change"
	}
}

// change is the change of that ID; false for an empty or unknown one.
func (c *Case) change(id string) (evidence.Change, bool) {
	if id == "" {
		return evidence.Change{}, false
	}
	i := slices.IndexFunc(c.Changes, func(ch evidence.Change) bool { return ch.ID == id })
	if i < 0 {
		return evidence.Change{}, false
	}
	return c.Changes[i], true
}

func shortRevision(r string) string {
	if shaLike.MatchString(r) && len(r) > 12 {
		return r[:7]
	}
	return r
}

// approximately says a duration the way people do, to a minute from one on.
func approximately(d time.Duration) string {
	switch d = d.Abs(); {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int((d+30*time.Second)/time.Minute))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int((d+30*time.Minute)/time.Hour))
	default:
		return fmt.Sprintf("%d days", int((d+12*time.Hour)/(24*time.Hour)))
	}
}

// listed joins names for a sentence, at most most of them.
func listed(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
