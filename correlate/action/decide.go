package action

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// Case is everything that is decided from.
type Case struct {
	Incident string
	Revision int // of the report
	Report   *report.Report
	// Records are the decisions that the rules name, by ID; one that is not there
	// allows nothing.
	Records map[string]evidence.Decision
	Now     time.Time
	// Approved says that a person agreed to what is asked for: how fresh the burn rate
	// is was theirs to judge.
	Approved bool
	// DryRun decides and asks for nothing.
	DryRun bool
}

// Decision is what came of one rule: an action, or why there is none.
type Decision struct {
	Rule   string
	Action *casefile.Action
	Why    string
}

// Concerned are the rules that a report speaks of at all: their service is blamed
// or alerts. The others are nothing to tell of.
func Concerned(rules []Rule, r *report.Report) []Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(x Rule) bool { return x.service(r) == "" })
}

// service is the one of a rule's services that the report is about: what is
// blamed, or, to be degraded, what its users see; empty for none.
func (r Rule) service(rep *report.Report) string {
	var about []string
	if r.Action == casefile.Degrade {
		about = append(about, rep.Service)
	}
	if len(rep.Causes) > 0 {
		about = append(about, rep.Causes[0].Entity.Name)
	}
	for _, s := range about {
		if s != "" && slices.Contains(r.Services, s) {
			return s
		}
	}
	return ""
}

// Decide says what to ask for, by rule in their order. One service is asked one
// thing: the first rule that applies.
func Decide(rules []Rule, c Case) []Decision {
	var out []Decision
	taken := map[string]string{}
	for _, r := range Concerned(rules, c.Report) {
		d := Decision{Rule: r.Name}
		service := r.service(c.Report)
		if by := taken[service]; by != "" {
			d.Why = "the rule " + by + " asks for something else of " + service
		} else if d.Action, d.Why = r.decide(c, service); d.Action != nil {
			taken[service] = r.Name
		}
		out = append(out, d)
	}
	return out
}

// decide applies one rule.
func (r Rule) decide(c Case, service string) (*casefile.Action, string) {
	rep := c.Report
	switch {
	case rep.State != evidence.StatusFiring:
		return nil, "the alert does not fire any more"
	case rep.Verdict.Word != report.Confirmed && rep.Verdict.Word != report.Likely:
		return nil, fmt.Sprintf("the verdict is %s, and at least %s is needed", rep.Verdict.Word, report.Likely)
	case len(rep.Causes) == 0:
		return nil, "there is no cause"
	}
	asOf := c.Now
	if c.Approved {
		asOf = time.Time{}
	}
	burns, why := burning(rep.Impact.Budgets, cmp.Or(r.Burn, DefaultBurn), asOf)
	if why != "" {
		return nil, why
	}
	record, known := c.Records[r.Decision]
	if !known {
		return nil, "there is no decision " + r.Decision + " that allows it"
	}
	allowed, why := Allows(record, r.Action, c.Now)
	if why != "" {
		return nil, "the decision " + r.Decision + " does not allow it: " + why
	}
	a := &casefile.Action{Incident: c.Incident, Kind: r.Action, Service: service, Rule: r.Name, Target: r.Target, Decision: r.Decision, Report: c.Revision}
	cap, why := r.aim(a, rep)
	if why != "" {
		return nil, why
	}
	a.Because = fmt.Sprintf("%s: %s; %s", rep.Verdict.Word, rep.Title, burns)
	a.ID = casefile.ActionID(a.Incident, a.Kind, a.Service, a.Revision)
	r.grade(a, allowed, cap)
	a.State = first(a.Grade)
	if c.DryRun {
		a.State = casefile.ActionDry
	}
	return a, ""
}

// first is the state in which an action of a grade begins.
func first(g casefile.Grade) casefile.ActionState {
	switch g {
	case casefile.Automatic:
		return casefile.ActionQueued
	case casefile.Approval:
		return casefile.ActionWaiting
	}
	return casefile.ActionByHand
}

// aim says what is taken back, from where to where. caution, when not empty, is
// why no program may do it.
func (r Rule) aim(a *casefile.Action, rep *report.Report) (caution, why string) {
	if r.Action == casefile.Degrade {
		a.Of, a.Revision = report.RollbackConfig, cmp.Or(r.Mode, defaultMode)
		return "", ""
	}
	back := rep.Rollback
	switch {
	case back == nil || back.Kind == report.RollbackNone:
		return "", "no rollback fits the cause"
	case bounds[back.Kind] == "":
		return "", fmt.Sprintf("a rollback of %q is not known", back.Kind)
	case back.Kind == report.RollbackDatabase && back.Source == "":
		return "", "no script takes the migration back"
	case back.Kind == report.RollbackDatabase:
		a.Of, a.Revision = back.Kind, "as "+back.Source+" records it"
		return "", ""
	case back.Target == nil || back.Target.To == "":
		return "", "it is not known where to go back to"
	case back.Target.Service != "" && back.Target.Service != a.Service:
		return "", "what would go back is " + back.Target.Service
	}
	a.Of, a.From, a.Revision = back.Kind, back.Target.From, back.Target.To
	if back.Target.Of != "" {
		a.From, a.Revision = back.Target.Of+"="+back.Target.From, back.Target.Of+"="+back.Target.To
	}
	if a.From == a.Revision {
		return "", "it runs already what it would go back to"
	}
	return back.Refused, ""
}

// grade settles how far an action goes without a person: the most careful of what
// the rule says, the decision allows and what is taken back bears.
func (r Rule) grade(a *casefile.Action, allowed casefile.Grade, caution string) {
	wanted := cmp.Or(r.Grade, casefile.Manual)
	a.Grade = lower(lower(wanted, allowed), bounds[a.Of])
	if caution != "" {
		a.Grade = casefile.Manual
	}
	var caps []string
	if lower(wanted, allowed) != wanted {
		caps = append(caps, fmt.Sprintf("%s allows %s at most", a.Decision, allowed))
	}
	if b := bounds[a.Of]; lower(wanted, b) != wanted {
		caps = append(caps, fmt.Sprintf("a %s goes back by %s at most", a.Of, b))
	}
	if caution != "" {
		caps = append(caps, "not as it stands: "+caution)
	}
	a.Capped = strings.Join(caps, "; ")
}

// burning says how a budget burns that passes a rate over both windows, or why
// none does.
func burning(budgets []report.Budget, rate float64, now time.Time) (says, why string) {
	why = "no error budget was measured over " + wording.Duration(ShortWindow) + " and " + wording.Duration(LongWindow)
	for i := range budgets {
		b := &budgets[i]
		short, s := window(b, ShortWindow)
		long, l := window(b, LongWindow)
		if !s || !l {
			continue
		}
		name := cmp.Or(b.SLO, "the error budget")
		rates := fmt.Sprintf("%s burns at %.3g over %s and %.3g over %s", name, short.Burn, wording.Duration(ShortWindow), long.Burn, wording.Duration(LongWindow))
		switch oldest := evidence.Earlier(short.At, long.At); {
		case short.Few || long.Few:
			why = rates + ", of too few events to tell"
		case !now.IsZero() && (now.Sub(oldest) > mostAge || oldest.Sub(now) > mostAge):
			why = fmt.Sprintf("%s, as of %s, which is not now", rates, oldest.UTC().Format(time.RFC3339))
		case short.Burn > rate && long.Burn > rate:
			return rates, ""
		default:
			why = fmt.Sprintf("%s, and both have to pass %.3g", rates, rate)
		}
	}
	return "", why
}

func window(b *report.Budget, w time.Duration) (report.BudgetWindow, bool) {
	i := slices.IndexFunc(b.Windows, func(x report.BudgetWindow) bool { return x.Window == w })
	if i < 0 {
		return report.BudgetWindow{}, false
	}
	return b.Windows[i], true
}
