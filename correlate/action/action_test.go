package action_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/action"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

var now = time.Date(2026, 5, 1, 3, 0, 0, 0, time.UTC)

// world is a case in which a rollback of a configuration is asked for at once.
type world struct {
	rule   action.Rule
	record evidence.Decision
	report report.Report
	dry    bool
}

func burns(short, long float64) []report.Budget {
	return []report.Budget{{SLO: "answers", Windows: []report.BudgetWindow{
		{Window: 5 * time.Minute, Burn: 90, At: now}, {Window: 30 * time.Minute, Burn: short, At: now.Add(-time.Minute)}, {Window: 6 * time.Hour, Burn: long, At: now.Add(-time.Minute)}}}}
}

func fresh() world {
	return world{
		rule: action.Rule{Name: "r", Action: casefile.RollBack, Services: []string{"shop"}, Target: "platform", Decision: "D-1", Grade: casefile.Automatic},
		record: evidence.Decision{ID: "D-1", Status: "accepted", When: evidence.DecisionWhen{EffectiveAt: now.Add(-time.Hour)},
			How: evidence.DecisionHow{Actions: map[string]string{"rollback": "automatic", "degrade": "automatic"}}},
		report: report.Report{State: "firing", Service: "edge", Title: "shop waits", Verdict: report.Verdict{Word: report.Likely},
			Causes: []report.Cause{{Entity: evidence.Entity{Name: "shop"}}}, Impact: report.Impact{Budgets: burns(7, 6)},
			Rollback: &report.Rollback{Kind: "config", Target: &report.RollbackTarget{Service: "shop", Of: "pool", From: "5", To: "50"}}},
	}
}

func (w world) decide() action.Decision {
	out := action.Decide([]action.Rule{w.rule}, action.Case{Incident: "INC-1", Revision: 2, Report: &w.report, Records: map[string]evidence.Decision{w.record.ID: w.record}, Now: now, DryRun: w.dry})
	if len(out) == 0 {
		return action.Decision{Why: "not concerned"}
	}
	return out[0]
}

func binary(w *world) {
	w.report.Rollback = &report.Rollback{Kind: "binary", Target: &report.RollbackTarget{Service: "shop", From: "b2", To: "a1"}}
}

func database(w *world) {
	w.report.Rollback = &report.Rollback{Kind: "database", Source: "DEC-9"}
}

// TestWhatIsAskedForAndHowFarItGoes is the table of docs/actions.md.
func TestWhatIsAskedForAndHowFarItGoes(t *testing.T) {
	const nothing = casefile.ActionState("")
	for _, c := range []struct {
		name   string
		change func(*world)
		state  casefile.ActionState
		says   string // of the reason, or of what capped the grade
	}{
		{"configuration", func(*world) {}, casefile.ActionQueued, ""},
		{"configuration, confirmed", func(w *world) { w.report.Verdict.Word = report.Confirmed }, casefile.ActionQueued, ""},
		{"degradation", func(w *world) { w.rule.Action = casefile.Degrade; w.report.Rollback = nil }, casefile.ActionQueued, ""},
		{"degradation of who alerts", func(w *world) { w.rule.Action, w.rule.Services = casefile.Degrade, []string{"edge"} }, casefile.ActionQueued, ""},
		{"binary is never automatic", binary, casefile.ActionWaiting, "a binary goes back by approval at most"},
		{"database is never sent", database, casefile.ActionByHand, "a database goes back by manual at most"},
		{"the rule asks for less", func(w *world) { w.rule.Grade = casefile.Approval }, casefile.ActionWaiting, ""},
		{"the rule says no grade", func(w *world) { w.rule.Grade = "" }, casefile.ActionByHand, ""},
		{"the decision allows less", func(w *world) { w.record.How.Actions["rollback"] = "approval" }, casefile.ActionWaiting, "D-1 allows approval at most"},
		{"the rollback is refused", func(w *world) { binary(w); w.report.Rollback.Refused = "a migration lies between" }, casefile.ActionByHand, "a migration lies between"},
		{"dry run", func(w *world) { w.dry = true }, casefile.ActionDry, ""},

		{"a lead", func(w *world) { w.report.Verdict.Word = report.LeadOnly }, nothing, "the verdict is Lead only"},
		{"inconclusive", func(w *world) { w.report.Verdict.Word = report.Inconclusive }, nothing, "the verdict is Inconclusive"},
		{"no word", func(w *world) { w.report.Verdict.Word = "" }, nothing, "the verdict"},
		{"resolved", func(w *world) { w.report.State = "resolved" }, nothing, "does not fire"},
		{"at the rate exactly", func(w *world) { w.report.Impact.Budgets = burns(5, 5) }, nothing, "both have to pass 5"},
		{"long window below", func(w *world) { w.report.Impact.Budgets = burns(90, 4.9) }, nothing, "both have to pass 5"},
		{"short window below", func(w *world) { w.report.Impact.Budgets = burns(4.9, 90) }, nothing, "both have to pass 5"},
		{"not a number", func(w *world) { w.report.Impact.Budgets = burns(math.NaN(), 90) }, nothing, "both have to pass 5"},
		{"the second budget burns", func(w *world) {
			w.report.Impact.Budgets = append(burns(1, 1), burns(7, 7)...)
		}, casefile.ActionQueued, ""},
		{"a rule may ask for more", func(w *world) { w.rule.Burn = 6.5 }, nothing, "both have to pass 6.5"},
		{"only one window", func(w *world) { w.report.Impact.Budgets[0].Windows = w.report.Impact.Budgets[0].Windows[:2] }, nothing, "no error budget was measured over 30 min and 6 h"},
		{"no budget", func(w *world) { w.report.Impact.Budgets = nil }, nothing, "no error budget was measured"},
		{"too little traffic", func(w *world) { w.report.Impact.Budgets[0].Windows[1].Few = true }, nothing, "too few events"},
		{"an hour ago", func(w *world) { w.report.Impact.Budgets[0].Windows[2].At = now.Add(-time.Hour) }, nothing, "which is not now"},
		{"in the future", func(w *world) {
			for i := range w.report.Impact.Budgets[0].Windows {
				w.report.Impact.Budgets[0].Windows[i].At = now.Add(time.Hour)
			}
		}, nothing, "which is not now"},

		{"no record", func(w *world) { w.record.ID = "D-2" }, nothing, "there is no decision D-1"},
		{"proposed", func(w *world) { w.record.Status = "proposed" }, nothing, "not accepted"},
		{"superseded", func(w *world) { w.record.SupersededBy = "D-3" }, nothing, "superseded by D-3"},
		{"deleted", func(w *world) { w.record.Deleted = true }, nothing, "deleted"},
		{"not in effect", func(w *world) { w.record.When.EffectiveAt = now.Add(time.Minute) }, nothing, "not in effect"},
		{"says no date", func(w *world) { w.record.When.EffectiveAt = time.Time{} }, nothing, "not in effect"},
		{"allows something else", func(w *world) { delete(w.record.How.Actions, "rollback") }, nothing, "nothing of rollback"},
		{"a grade that there is not", func(w *world) { w.record.How.Actions["rollback"] = "always" }, nothing, "nothing of rollback"},

		{"another service", func(w *world) { w.report.Causes[0].Entity.Name = "cart" }, nothing, "not concerned"},
		{"no cause", func(w *world) {
			w.rule.Action, w.rule.Services, w.report.Causes = casefile.Degrade, []string{"edge"}, nil
		}, nothing, "no cause"},
		{"a rollback of who alerts", func(w *world) { w.rule.Services = []string{"edge"} }, nothing, "not concerned"},
		{"no rollback", func(w *world) { w.report.Rollback = nil }, nothing, "no rollback"},
		{"none fits", func(w *world) { w.report.Rollback.Kind = "none" }, nothing, "no rollback"},
		{"a kind that there is not", func(w *world) { w.report.Rollback.Kind = "network" }, nothing, "not known"},
		{"a database without a script", func(w *world) { database(w); w.report.Rollback.Source = "" }, nothing, "no script"},
		{"nobody knows where to", func(w *world) { w.report.Rollback.Target.To = "" }, nothing, "not known where"},
		{"no target", func(w *world) { w.report.Rollback.Target = nil }, nothing, "not known where"},
		{"it is there already", func(w *world) { w.report.Rollback.Target.From = "50" }, nothing, "runs already"},
		{"somebody else goes back", func(w *world) { w.report.Rollback.Target.Service = "cart" }, nothing, "what would go back is cart"},
	} {
		w := fresh()
		c.change(&w)
		d := w.decide()
		state, said := nothing, d.Why
		if d.Action != nil {
			state, said = d.Action.State, d.Action.Capped
			if d.Action.ID == "" || d.Action.Revision == "" || d.Action.Because == "" || d.Why != "" {
				t.Errorf("%s: the action is not whole: %+v", c.name, d)
			}
		}
		if state != c.state || !strings.Contains(said, c.says) || c.says == "" && said != "" {
			t.Errorf("%s: got %q, %q; want %q, %q", c.name, state, said, c.state, c.says)
		}
	}
}

// TestNoGradeIsAboveWhatIsTakenBack goes through every rule, decision and kind.
func TestNoGradeIsAboveWhatIsTakenBack(t *testing.T) {
	rank := func(g casefile.Grade) int { return slices.Index(casefile.Grades, g) }
	most := map[string]casefile.Grade{"config": casefile.Automatic, "binary": casefile.Approval, "database": casefile.Manual}
	for _, rule := range casefile.Grades {
		for _, allowed := range casefile.Grades {
			for kind, bound := range most {
				w := fresh()
				map[string]func(*world){"config": func(*world) {}, "binary": binary, "database": database}[kind](&w)
				w.rule.Grade, w.record.How.Actions["rollback"] = rule, string(allowed)
				a := w.decide().Action
				if a == nil || rank(a.Grade) != min(rank(rule), rank(allowed), rank(bound)) {
					t.Errorf("rule %s, decision %s, %s: got %+v", rule, allowed, kind, a)
				}
			}
		}
	}
}

func TestTheKeyIsOfIncidentActionServiceAndRevision(t *testing.T) {
	w := fresh()
	first := w.decide().Action.ID
	for name, change := range map[string]func(*world){"title": func(w *world) { w.report.Title = "other" }, "verdict": func(w *world) { w.report.Verdict.Word = report.Confirmed },
		"grade": func(w *world) { w.rule.Grade = casefile.Approval }, "rule": func(w *world) { w.rule.Name = "x" }} {
		v := fresh()
		change(&v)
		if got := v.decide().Action.ID; got != first {
			t.Errorf("another %s is another key: %s and %s", name, got, first)
		}
	}
	w.report.Rollback.Target.To = "51"
	if w.decide().Action.ID == first {
		t.Error("another revision has the same key")
	}
}

func TestOneServiceIsAskedOneThing(t *testing.T) {
	w := fresh()
	other := w.rule
	other.Name, other.Action = "second", casefile.Degrade
	out := action.Decide([]action.Rule{w.rule, other}, action.Case{Incident: "INC-1", Report: &w.report, Records: map[string]evidence.Decision{"D-1": w.record}, Now: now})
	if len(out) != 2 || out[0].Action == nil || out[1].Action != nil || !strings.Contains(out[1].Why, "the rule r asks") {
		t.Errorf("got %+v", out)
	}
}

func TestFaultsOfARuleAreSaid(t *testing.T) {
	if why := fresh().rule.Check(); why != "" {
		t.Errorf("a good rule is refused: %s", why)
	}
	for want, spoil := range map[string]func(*action.Rule){
		"needs a name": func(r *action.Rule) { r.Name = "" }, `"restart" is not`: func(r *action.Rule) { r.Action = "restart" },
		"names each service": func(r *action.Rule) { r.Services = []string{"*"} }, "target names": func(r *action.Rule) { r.Target = "" },
		"decision names": func(r *action.Rule) { r.Decision = "" }, `"always" is not`: func(r *action.Rule) { r.Grade = "always" },
		"mode says": func(r *action.Rule) { r.Mode = "x" }, "at least 1": func(r *action.Rule) { r.Burn = .5 }, "burn is NaN": func(r *action.Rule) { r.Burn = math.NaN() },
	} {
		r := fresh().rule
		spoil(&r)
		if why := r.Check(); !strings.Contains(why, want) {
			t.Errorf("got %q, want %q in it", why, want)
		}
	}
}
