package page

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/compose"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// DoCard is the first thing to do.
type DoCard struct {
	State     State
	Title     string
	Command   string
	Words     bool // the command is a sentence for a person and not for a shell
	Source    Link // the decision it comes from, or "standard move"
	Freshness []string
	Others    []DoCard
	// How says what a command is good for that the plan does not name.
	How string
	// Steps are those that the decision records for the rollback, in order; only
	// commands can be copied. Plan is the decision.
	Steps []StepRow
	Plan  Link
	// Ready says how far the recorded rollback can be trusted, a row for each point.
	Ready     []ReadyRow
	ReadyHead string
	// Recovery says what came of a rollback that was taken.
	Recovery string
	// Caution is said where the verdict does not carry an action by itself; Next
	// are the steps that would settle it.
	Caution string
	Next    []NextStep
	// Checks are the promises of the decision that the move comes from, by what they
	// tell of whether it worked.
	Checks []CheckGroup
}

// CheckGroup is promises that tell the same of a move, under what they tell.
type CheckGroup struct {
	Head string
	Rows []VerifyRow
}

func (b *builder) do() DoCard {
	a := b.rep.Actions
	none := "No move is known for this class of cause; look at the evidence first."
	c := DoCard{State: b.state(len(a) == 0, none)}
	for i, act := range a {
		one := b.action(act)
		switch {
		case i == 0:
			one.State = c.State
			one.Checks = b.checksOf(act)
			c = one
		case act.Kind == a[0].Kind && act.Source == a[0].Source:
			// Another part of the same plan, which stands under its steps.
		case act.Kind == a[0].Kind && act.Source == compose.StandardMove:
			if c.Command == "" && one.Command != "" {
				c.Command, c.How = one.Command, "on Kubernetes, if it still runs:"
				c.Freshness = append(c.Freshness, one.Freshness...)
			}
		case len(c.Others) < 5:
			c.Others = append(c.Others, one)
		}
	}
	if r := b.rep.Recovery; r != nil {
		c.Recovery = short(r.Says, 400)
	}
	c.Steps, c.Plan = b.steps()
	c.ReadyHead, c.Ready = b.ready()
	c.Caution, c.Next = b.caution(), b.next()
	return c
}

// StepRow is one step of a recorded rollback.
type StepRow struct {
	Kind, Text string
	Command    bool
}

// steps are those of the rollback; a single command stands on the card already.
func (b *builder) steps() ([]StepRow, Link) {
	r := b.rep.Rollback
	if r == nil || len(r.Steps) < 2 {
		return nil, Link{}
	}
	const most = 20
	var rows []StepRow
	for i, s := range r.Steps {
		if i == most {
			rows = append(rows, StepRow{Kind: report.StepWords, Text: plural(len(r.Steps)-most, "more step", "more steps") + " in the record"})
			break
		}
		rows = append(rows, StepRow{Kind: text(s.Kind), Text: visible.ShortBlock(s.Text, 600), Command: s.Kind == report.StepCommand})
	}
	return rows, Link{short(r.Source, 60), decisionURL(r.Source)}
}

// ReadyRow is one point of how far a rollback can be trusted.
type ReadyRow struct{ Name, Holds, Because string }

// ready is how far the recorded rollback can be trusted; empty without a plan.
func (b *builder) ready() (head string, rows []ReadyRow) {
	if b.rep.Rollback == nil || b.rep.Rollback.Readiness == nil {
		return "", nil
	}
	r := b.rep.Rollback.Readiness
	for _, p := range []struct {
		name string
		report.Answer
	}{{"timely", r.Timely}, {"idempotent", r.Idempotent}, {"observable", r.Observable}} {
		rows = append(rows, ReadyRow{p.name, text(p.Holds), short(p.Because, 300)})
	}
	return fmt.Sprintf("How well the plan is tried out: %d of 3 points", r.Level), rows
}

// caution says what a weak verdict means for who is about to act.
func (b *builder) caution() string {
	switch {
	case !b.loaded:
	case b.rep.Verdict.Word == report.LeadOnly:
		return "This is a lead and not a finding. What would settle it:"
	case b.rep.Verdict.Word == report.Inconclusive:
		return "No cause stands out. What would settle it:"
	}
	return ""
}

// checksOf are the conditions of an action's decision, else of the decision
// behind the first cause, that could be looked up. What holds while the incident goes
// on does not show the fix, and stands with the decision alone; what was broken before
// it cannot be waited for.
func (b *builder) checksOf(a report.Action) []CheckGroup {
	const most = 3
	ids := []string{a.Source}
	if len(b.rep.Causes) > 0 {
		ids = append(ids, b.rep.Causes[0].Decision)
	}
	for _, id := range ids {
		for _, d := range b.rep.Decisions {
			if d.ID != id {
				continue
			}
			groups := []CheckGroup{{Head: "Fixed when these hold:"}, {Head: "Broken before the incident too; fixed is back at the usual:"}}
			for _, r := range d.Conditions {
				g := &groups[0]
				switch {
				case r.Value == nil || r.Result == "kept":
					continue
				case r.Before == "broken":
					g = &groups[1]
				}
				if len(g.Rows) < most {
					g.Rows = append(g.Rows, verifyRow(r))
				}
			}
			groups = slices.DeleteFunc(groups, func(g CheckGroup) bool { return len(g.Rows) == 0 })
			if len(groups) > 0 {
				return groups
			}
		}
	}
	return nil
}

// inWords finds plans that are words: a shell has no use for an article, and
// Chinese or Japanese is no command either.
var inWords = regexp.MustCompile(`(?i)\b(?:the|an?|of|then|until|previous|after|before)\b|[\p{Han}\p{Hiragana}\p{Katakana}]`)

// spelled finds what only a command has.
var spelled = regexp.MustCompile(`(?:^|\s)--?\w|[|;&$]|\w=\S`)

func (b *builder) action(a report.Action) DoCard {
	c := DoCard{Title: short(cmp.Or(a.Title, a.Kind), 110), Command: visible.ShortBlock(a.Command, 1500), Freshness: texts(a.Freshness)}
	if now := b.in.Standing[a.Source]; now != "" && len(c.Freshness) > 0 {
		c.Freshness[0] = text(now) // how the record stood is said first
	}
	c.Words = inWords.MatchString(c.Command) && !spelled.MatchString(c.Command)
	c.Source.Text = short(a.Source, 60)
	if a.Source == compose.StandardMove {
		c.Source.Text = ""
	}
	for _, d := range b.rep.Decisions {
		if d.ID == a.Source {
			c.Source.URL = decisionURL(d.ID)
		}
	}
	return c
}
