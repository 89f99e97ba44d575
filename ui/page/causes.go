package page

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/visible"
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

// CommitRow is one commit, or none of them, as a suspect.
type CommitRow struct {
	Subject Link
	SHA     string
	By      string
	When    Clock
	Share   string // of the belief, "61 %"
	Margin  string // how far the first is ahead, and why
	Why     []CommitReason
	// Not says why one that is not the first stands behind it, empty where its own
	// reasons do.
	Not string
}

// CommitReason is what speaks for or against a commit, with the changed lines that it
// rests on; the same lines are shown once.
type CommitReason struct {
	Points, Text string
	Place        Link
	Diff         []DiffLine
}

// DiffLine is a changed line with its sign.
type DiffLine struct{ Class, Text string }

// Of suspects so many have a row, of reasons so many are said, and of a hunk so many
// lines shown.
const (
	shownSuspects = 5
	shownReasons  = 4
	shownHunk     = 5
)

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
	for i, k := range x.Commits[:min(shownSuspects, len(x.Commits))] {
		row := b.suspect(k, i == 0)
		if i == 0 && x.Suspicion != nil {
			row.Margin = short(x.Suspicion.Sentence, 400)
		}
		if i > 0 {
			row.Not = whyNot(x.Commits[0], k)
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

// suspect is a row of a commit, of the first with the lines behind its reasons.
func (b *builder) suspect(k report.CommitScore, first bool) CommitRow {
	row := CommitRow{Subject: Link{Text: short(k.Subject, 90)}, Share: fmt.Sprintf("%d %%", (k.Share+5)/10)}
	if k.IsCommit() {
		row.Subject.URL, row.SHA, row.By, row.When = b.commit("", k.SHA, k.URL), revision(k.SHA), b.author(k.Author), b.at(k.Time)
	}
	shown := map[string]bool{}
	terms := byWeight(k.Terms)
	for _, t := range terms[:min(shownReasons, len(terms))] {
		why := CommitReason{Points: points(t.Points), Text: short(t.Claim(), 160)}
		for _, ref := range t.Refs {
			if !first || ref.Kind != evidence.RefCode || shown[ref.ID] {
				continue
			}
			if diff := diffLines(ref.Text); len(diff) > 0 {
				shown[ref.ID] = true
				at := placeOf(b.rep, ref.ID, k.SHA)
				why.Place, why.Diff = Link{short(ref.ID, 120), b.line(at)}, diff
				break
			}
		}
		row.Why = append(row.Why, why)
	}
	return row
}

// diffLines are the first changed lines of a hunk.
func diffLines(hunk string) []DiffLine {
	var out []DiffLine
	if at := strings.Index(hunk, "@@"); at >= 0 {
		hunk = hunk[at:] // before it stand the files' names
	}
	for line := range strings.Lines(hunk) {
		if len(line) < 2 || line[0] != '+' && line[0] != '-' || strings.TrimSpace(line[1:]) == "" {
			continue
		}
		if len(out) == shownHunk {
			return append(out, DiffLine{Text: "…"})
		}
		out = append(out, DiffLine{Class: diffClass(line), Text: visible.Within(line, 200, codeLine)})
	}
	return out
}

// whyNot says what the first suspect has that another lacks most; empty where
// something excludes that one, which its own reasons say.
func whyNot(first, k report.CommitScore) string {
	has := map[string]int{}
	for _, t := range k.Terms {
		if t.Points < 0 && k.IsCommit() {
			return ""
		}
		has[kindOf(t)] += t.Points
	}
	lacks, most := "", 0
	for _, t := range first.Terms {
		if d := t.Points - has[kindOf(t)]; d > most {
			lacks, most = t.Claim(), d
		}
	}
	if lacks == "" {
		return ""
	}
	return "the first has more of this: " + short(lacks, 160)
}

// kindOf is what a term is about: rules of mechanisms are one kind.
func kindOf(t report.Term) string {
	if _, does := report.MechanismRule(t.ID); does {
		return report.MechanismTerm("")
	}
	return t.ID
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
