package page

import (
	"fmt"
	"strconv"

	"github.com/wherefore-dev/wherefore/correlate/report"
)

// CausesCard holds all ranked causes.
type CausesCard struct {
	State State
	Rows  []CauseRow
	// WhyNotSecond compares the first two; Gap is how far the second is behind.
	WhyNotSecond string
	Gap          string
	Sensitivity  []string
	Rest         string // candidates without a row
}

// CauseRow is one cause; all but the first are folded.
type CauseRow struct {
	Anchor   string
	Rank     string
	Entity   string
	Kind     string // "code change", "resource"
	Score    string
	Width    string // of the bar, out of 100
	Sentence string
	Lost     string
	Loci     []Locus
	Commits  []CommitRow
	// Sum is the arithmetic: every term and the total.
	Sum []SumRow
}

// SumRow is one addition to a score.
type SumRow struct{ Rule, Points, Why, Class string }

// Locus is a place where a cause shows.
type Locus struct{ Kind, Name, Text string }

// CommitRow is one commit as a suspect.
type CommitRow struct {
	Subject Link
	SHA     string
	By      string
	When    Clock
	Score   string
	Why     []string
}

// shownCauses is how many causes have a row; the rest is counted.
const shownCauses = 5

// maxSum bounds the additions that are printed of one score.
const maxSum = 24

func (b *builder) causes() CausesCard {
	all := b.rep.Causes
	v := b.rep.Verdict
	c := CausesCard{
		State:        b.state(len(all) == 0, "No cause has a score above zero.", "traces", "logs", "metrics"),
		WhyNotSecond: short(v.WhyNotSecond, 400), Sensitivity: texts(v.Sensitivity),
	}
	if v.Gap > 0 {
		c.Gap = points(v.Gap)
	}
	best := 1
	for _, x := range all {
		best = max(best, x.Score)
	}
	for i, x := range all {
		if i == shownCauses {
			break
		}
		c.Rows = append(c.Rows, b.cause(x, best))
	}
	if rest := len(b.rep.Ranked) - len(c.Rows); rest > 0 && len(b.rep.Ranked) > 0 {
		c.Rest = plural(rest, "further candidate scored lower", "further candidates scored lower")
	}
	return c
}

func (b *builder) cause(x report.Cause, best int) CauseRow {
	r := CauseRow{
		Anchor: "cause-" + strconv.Itoa(x.Rank), Rank: strconv.Itoa(x.Rank), Entity: short(x.Entity.Name, 48), Kind: causeKind(x),
		Score: score(x.Score), Width: strconv.Itoa(max(0, 100*x.Score/best)), Sentence: text(x.Sentence), Lost: short(x.Lost, 160),
	}
	for i, l := range x.Loci {
		if i == 6 {
			break
		}
		r.Loci = append(r.Loci, Locus{Kind: text(string(l.Kind)), Name: short(l.Name, 160), Text: short(l.Text, 160)})
	}
	for i, k := range x.Commits {
		if i == 5 {
			break
		}
		row := CommitRow{Subject: Link{Text: short(k.Subject, 90)}, Score: score(k.Score)}
		if k.IsCommit() {
			row.Subject.URL, row.SHA, row.By, row.When = b.commit("", k.SHA, k.URL), revision(k.SHA), b.author(k.Author), b.at(k.Time)
		}
		if i == 0 && x.Suspicion != nil {
			row.Why = append(row.Why, short(x.Suspicion.Sentence, 240))
		}
		for j, t := range byWeight(k.Terms) {
			if j < 4 {
				row.Why = append(row.Why, points(t.Points)+" "+short(t.Claim(), 160))
			}
		}
		r.Commits = append(r.Commits, row)
	}
	for i, t := range x.Terms {
		if i == maxSum {
			r.Sum = append(r.Sum, SumRow{Rule: "…", Why: fmt.Sprintf("%d further terms are in the JSON export", len(x.Terms)-i)})
			break
		}
		class := "for"
		if t.Points < 0 {
			class = "against"
		}
		r.Sum = append(r.Sum, SumRow{Rule: text(t.ID), Points: points(t.Points), Why: short(t.Claim(), 200), Class: class})
	}
	return r
}

// causeKind words trigger and mechanism.
func causeKind(c report.Cause) string {
	trigger := map[report.Trigger]string{
		report.TriggerCode: "code change", report.TriggerConfig: "configuration", report.TriggerFlag: "flag",
		report.TriggerMigration: "migration", report.TriggerInfra: "infrastructure", report.TriggerLoad: "load",
	}[c.Trigger]
	mechanism := short(string(c.Mechanism), 24)
	switch {
	case trigger == "":
		return mechanism
	case mechanism == "":
		return trigger
	}
	return trigger + ", " + mechanism
}
