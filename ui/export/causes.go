package export

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/compose"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// mostLoci is how many places of a cause the document names; the report has the
// rest.
const mostLoci = 5

func causes(in Input) []block {
	r := in.Report
	if len(r.Causes) == 0 {
		return append(judgments(in), block{text: "No cause was found."}, block{prompt: "What was it?"})
	}
	c := r.Causes[0]
	facts := []string{"Entity: " + c.Entity.Name, "Mechanism: " + string(c.Mechanism), "Trigger: " + triggerWord(c.Trigger)}
	for i, l := range c.Loci {
		if i < mostLoci {
			facts = append(facts, fmt.Sprintf("Shows in %s %s", l.Kind, l.Name))
		}
	}
	blocks := []block{{text: sentence(c.Sentence, entities(r)...)}, {items: append(facts, commit(c, in.ShowAuthors)...)}}
	blocks = append(blocks, suspectCode(r, c)...)
	blocks = append(blocks, judgments(in)...)
	for _, d := range r.Decisions {
		if behind(c, d.ID) {
			blocks = append(blocks, decisionBlocks(d)...)
		}
	}
	if r.Verdict.WhyNotSecond != "" {
		blocks = append(blocks, block{text: "Why not the second cause: " + sentence(r.Verdict.WhyNotSecond, entities(r)...)})
	}
	return append(blocks, block{prompt: "Why could this happen at all? Ask why five times; blame no person."})
}

// commit names the commit that a cause blames with the strongest reason, or
// says that none is; the report has all that were weighed.
func commit(c report.Cause, names bool) []string {
	if len(c.Commits) == 0 {
		return nil
	}
	k, named := c.Commit()
	if !named {
		return []string{visible.Capital(c.Commits[0].Subject)}
	}
	who := ""
	if names && k.Author != "" {
		who = " by " + k.Author
	}
	out := []string{fmt.Sprintf("Commit %s “%s”%s, %s", k.SHA, k.Subject, who, clock(k.Time))}
	if why := slices.MaxFunc(append(k.Terms, report.Term{}), func(a, b report.Term) int { return cmp.Compare(a.Points, b.Points) }).Why; why != "" {
		out = append(out, "Why this commit: "+why)
	}
	return out
}

// judgments are what people said of the cause; they stand beside it and change
// nothing of it.
func judgments(in Input) []block {
	var items []string
	for _, f := range in.Feedback {
		items = append(items, fmt.Sprintf("%s %s (revision %d)", visible.Capital(person(f.Author, in.ShowAuthors)), judged(f), f.Revision))
	}
	if len(items) == 0 {
		return nil
	}
	return []block{{text: "What people judged:"}, {items: items}}
}

// behind reports whether a decision stands behind a cause, rather than beside
// its code.
func behind(c report.Cause, decision string) bool {
	k, _ := c.Commit()
	return decision != "" && (decision == c.Decision || decision == k.Decision)
}

func decisionBlocks(d report.DecisionView) []block {
	items := []string{"Why: " + d.Why, "What: " + d.What, "Effective: " + clock(d.When.EffectiveAt)}
	for _, c := range d.Conditions {
		items = append(items, "Promised "+promise(c))
	}
	return []block{{text: "Decision " + d.ID + ", " + cmp.Or(d.Title, "without a title") + ":"}, {items: items}}
}

func promise(c report.ConditionResult) string {
	s := c.Condition.Text + ": " + c.Result
	if c.Value != nil {
		s += strings.TrimRight(" ("+figure(*c.Value)+" "+c.Condition.Unit, " ") + ")"
	}
	if c.Before == "broken" {
		s += ", broken before the incident too"
	}
	return s
}

func triggerWord(t report.Trigger) string {
	if t == "" || t == report.TriggerNone {
		return "unknown"
	}
	return string(t)
}

// trigger lists the suspected changes, the one that the cause names first.
func trigger(r report.Report) []block {
	named := ""
	if len(r.Causes) > 0 {
		named = r.Causes[0].Change
	}
	suspects := slices.DeleteFunc(slices.Clone(r.Changes), func(c report.ChangeView) bool { return !c.Suspect && c.ID != named })
	slices.SortStableFunc(suspects, func(a, b report.ChangeView) int {
		switch named {
		case "":
			return 0
		case a.ID:
			return -1
		case b.ID:
			return 1
		}
		return 0
	})
	var items []string
	for _, c := range suspects {
		moved := ""
		if c.From != "" || c.To != "" {
			moved = " from " + visible.ShortHashes(cmp.Or(c.From, "unknown")) + " to " + visible.ShortHashes(cmp.Or(c.To, c.Commit, "unknown"))
		}
		items = append(items, fmt.Sprintf("%s of %s%s at %s, %s. %s", visible.Capital(string(c.Kind)), cmp.Or(c.Service, "unknown"), moved, clock(c.Time), aroundOnset(r.Onset, c.BeforeOnset), sentence(c.Why)))
	}
	if len(items) == 0 {
		return []block{{text: "No change is suspected."}, {prompt: "What set it off?"}}
	}
	return []block{{items: items}}
}

// aroundOnset says when a change came, as the page does.
func aroundOnset(o report.Onset, before time.Duration) string {
	switch {
	case before == 0:
		return "at the onset"
	case o.Holds(before):
		return "as it began"
	case before < 0:
		return wording.Approximately(before) + " after onset"
	}
	return wording.Approximately(before) + " before onset"
}

func resolution(in Input) []block {
	var blocks []block
	if t := in.Incident.ResolvedAt; !t.IsZero() {
		blocks = append(blocks, block{text: fmt.Sprintf("Resolved at %s, %s after the alert.", clock(t), wording.Duration(t.Sub(in.Incident.StartedAt)))})
	}
	if r := in.Report.Recovery; r != nil {
		blocks = append(blocks, block{text: "Taken back: " + r.Says + "."})
	}
	if back := in.Report.Rollback; back != nil && back.Readiness != nil {
		r := back.Readiness
		blocks = append(blocks, block{text: fmt.Sprintf("The rollback recorded in %s has %d of 3 points: timely %s (%s), idempotent %s (%s), observable %s (%s).",
			back.Source, r.Level, r.Timely.Holds, r.Timely.Because, r.Idempotent.Holds, r.Idempotent.Because, r.Observable.Holds, r.Observable.Because)})
	}
	if len(in.Report.Actions) > 0 {
		a := in.Report.Actions[0]
		from := ", a standard move"
		if a.Source != compose.StandardMove {
			from = ", as planned in " + a.Source
		}
		blocks = append(blocks, block{text: "Recommended at the time: " + a.Title + from + "."})
		if a.Command != "" {
			blocks = append(blocks, block{code: a.Command})
		}
		if len(a.Freshness) > 0 {
			of := "Of that plan"
			if a.Source == compose.StandardMove {
				of = "Of that command"
			}
			blocks = append(blocks, block{text: of + ": " + strings.Join(a.Freshness, "; ") + "."})
		}
	}
	return append(blocks, block{prompt: "What was done, and what of it ended the incident?"})
}

// mostGaps is how many blind spots become action items, those that are worth most
// first; the supporting information has the rest.
const mostGaps = 3

// actionItems starts the table with what the report itself asks for: what would have
// kept the cause from going live, what would have ended it sooner, and what would have
// told of it sooner.
func actionItems(r report.Report) block {
	b := block{head: []string{"Action item", "Type", "Owner", "Bug"}}
	add := func(what, kind string) { b.rows = append(b.rows, []string{what, kind, "", ""}) }
	if len(r.Actions) > 0 {
		add(r.Actions[0].Title, "mitigate")
	}
	if len(r.Causes) > 0 {
		c := r.Causes[0]
		if k, named := c.Commit(); named && c.Trigger == report.TriggerCode {
			add("Write a test that fails with commit "+visible.ShortHashes(k.SHA)+atPlace(r), "prevent")
		}
		if c.Decision == "" && c.Trigger == report.TriggerCode {
			add("Record the decision behind the blamed lines", "prevent")
		}
		for _, d := range r.Decisions {
			if promises := broken(d); behind(c, d.ID) && len(promises) > 0 {
				add("Decide whether "+d.ID+" stands: it promised "+strings.Join(promises, ", "), "prevent")
			}
		}
	}
	for _, missing := range unready(r) {
		add(missing, "mitigate")
	}
	for _, g := range r.Gaps[:min(len(r.Gaps), mostGaps)] {
		add("Close the blind spot: "+g.Text, "detect")
	}
	add("…", "")
	return b
}

// atPlace says with which error a test should fail, and where it came up.
func atPlace(r report.Report) string {
	if len(r.Failures) == 0 || r.Failures[0].Place == nil {
		return ""
	}
	p := r.Failures[0].Place
	place := p.Path
	if p.Line > 0 {
		place += ":" + strconv.Itoa(p.Line)
	}
	return ": the error came up at " + place
}

// unready is what the recorded rollback lacks to be trusted.
func unready(r report.Report) []string {
	if r.Rollback == nil || r.Rollback.Readiness == nil {
		return nil
	}
	var out []string
	x := r.Rollback.Readiness
	for _, p := range []struct {
		holds        bool
		what, reason string
	}{{x.Timely.Holds == report.Yes, "timely", x.Timely.Because}, {x.Idempotent.Holds == report.Yes, "idempotent", x.Idempotent.Because}, {x.Observable.Holds == report.Yes, "observable", x.Observable.Because}} {
		if !p.holds {
			out = append(out, "Make the rollback in "+r.Rollback.Source+" "+p.what+": "+p.reason)
		}
	}
	return out
}

// broken are a decision's promises that did not hold.
func broken(d report.DecisionView) []string {
	var out []string
	for _, c := range d.Conditions {
		if c.Result == "broken" {
			out = append(out, c.Condition.Text)
		}
	}
	return out
}
