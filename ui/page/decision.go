package page

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// DecisionSection holds the decisions behind the first cause.
type DecisionSection struct {
	State State
	Cards []DecisionCard
}

// DecisionCard is a decision in its five dimensions.
type DecisionCard struct {
	ID       Link
	Title    string
	Status   Badge
	Why      string
	What     string
	Who      []string
	When     Clock
	Logged   string
	How      string // rollout and configuration
	Diff     string
	Rollback []Pair
	Verify   []VerifyRow
	Sum      Kept   // all promises in one
	NowURL   string // where the promises are looked up as of now
	Scope    []string
	Super    Link
	Record   string // where it stands
	Deleted  bool
}

// VerifyRow is one promise at incident time and now.
type VerifyRow struct {
	Text string
	Then Kept
	// Now is empty unless it was asked for.
	Now Kept
	// Usual is the median in normal time, empty when unknown.
	Usual string
}

// Kept is whether a promise held.
type Kept struct{ Word, Shape, Class, Value, Detail string }

func (b *builder) decisions() DecisionSection {
	all := b.rep.Decisions
	s := DecisionSection{State: b.state(len(all) == 0, "No recorded decision stands behind this.", "decisions")}
	for i, d := range all {
		if i < 3 {
			card := b.decisionCard(d.Decision, d.Conditions)
			if b.in.Can["conditions"] && len(card.Verify) > 0 {
				card.NowURL = decisionURL(d.ID) + "?check=now"
			}
			s.Cards = append(s.Cards, card)
		}
	}
	return s
}

func (c clocks) decisionCard(d evidence.Decision, results []report.ConditionResult) DecisionCard {
	card := DecisionCard{
		ID: Link{short(d.ID, 48), decisionURL(d.ID)}, Title: short(d.Title, 120), Status: statusBadge(d), Why: short(d.Why, 400), What: short(d.What, 300),
		When: c.at(d.When.EffectiveAt), How: short(d.How.Rollout, 300), Diff: visible.ShortBlock(d.How.ConfigDiff, 1200),
		Scope: texts(d.Scope), Deleted: d.Deleted,
	}
	for _, w := range [][2]string{{"proposed", d.Who.Initiator}, {"approved", d.Who.Approver}, {"carried out", d.Who.Executor}} {
		if w[1] != "" {
			card.Who = append(card.Who, w[0]+" by "+short(w[1], 60))
		}
	}
	if names := strings.Join(d.Who.Deciders, ", "); names != "" {
		card.Who = append(card.Who, "decided by "+short(names, 120))
	}
	if lag := d.When.LoggedAt.Sub(d.When.EffectiveAt); !d.When.LoggedAt.IsZero() && !d.When.EffectiveAt.IsZero() {
		card.Logged = "written down " + duration(lag) + " after it took effect"
		if lag <= 0 {
			card.Logged = "written down before it took effect"
		}
	}
	for _, k := range slices.Sorted(maps.Keys(d.How.Rollback)) {
		card.Rollback = append(card.Rollback, Pair{text(k), visible.ShortBlock(d.How.Rollback[k], 600)})
	}
	if d.SupersededBy != "" {
		card.Super = Link{short(d.SupersededBy, 48), decisionURL(d.SupersededBy)}
	}
	if d.Path != "" {
		card.Record = text(d.Path)
		if d.Line > 1 {
			card.Record = codePlace(evidence.CodeRef{Path: d.Path, Line: d.Line})
		}
	}
	card.Verify = verifyRows(d.How.Verify, results)
	card.Sum = allKept(card.Verify)
	return card
}

// allKept is the worst of the promises in words.
func allKept(rows []VerifyRow) Kept {
	n := map[string]int{}
	for _, r := range rows {
		n[r.Then.Word]++
	}
	switch {
	case n["broken"] > 0:
		return Kept{Word: fmt.Sprintf("%d of %d promises broken", n["broken"], len(rows)), Shape: "✕", Class: "bad"}
	case n["kept"] > 0 && n["kept"] == len(rows):
		return Kept{Word: "promises kept", Shape: "✓", Class: "good"}
	case len(rows) > 0:
		return Kept{Word: fmt.Sprintf("%d of %d promises unknown", n["unknown"], len(rows)), Shape: "?", Class: "plain"}
	}
	return Kept{Word: "nothing was promised", Shape: "○", Class: "plain"}
}

// verifyRows pairs promises with their results; one without is unknown.
func verifyRows(promised []evidence.Condition, results []report.ConditionResult) []VerifyRow {
	var out []VerifyRow
	for i, r := range results {
		if i < 12 {
			out = append(out, verifyRow(r))
		}
	}
	if len(results) > 0 {
		return out
	}
	for _, c := range promised {
		out = append(out, VerifyRow{Text: short(cmp.Or(c.Text, c.Expr, c.Name), 120), Then: kept(report.ConditionResult{Condition: c})})
	}
	return out
}

func verifyRow(r report.ConditionResult) VerifyRow {
	row := VerifyRow{Text: short(cmp.Or(r.Condition.Text, r.Condition.Expr, r.Condition.Name), 120), Then: kept(r)}
	if r.Usual != nil {
		row.Usual = value(*r.Usual, r.Condition.Unit)
	}
	return row
}

func kept(r report.ConditionResult) Kept {
	k := Kept{Word: "unknown", Shape: "?", Class: "plain", Detail: short(r.Detail, 160)}
	switch r.Result {
	case "kept":
		k.Word, k.Shape, k.Class = "kept", "✓", "good"
	case "broken":
		k.Word, k.Shape, k.Class = "broken", "✕", "bad"
	}
	if r.Value != nil {
		k.Value = value(*r.Value, r.Condition.Unit)
	}
	return k
}

func statusBadge(d evidence.Decision) Badge {
	word := short(strings.ToLower(cmp.Or(d.Status, "no status")), 24)
	switch {
	case d.Deleted:
		return Badge{"deleted", "✕", "plain"}
	case d.SupersededBy != "" || word == "superseded" || word == "deprecated" || word == "rejected":
		return Badge{word, "○", "warn"}
	case word == "accepted":
		return Badge{word, "●", "good"}
	}
	return Badge{word, "◔", "plain"}
}
