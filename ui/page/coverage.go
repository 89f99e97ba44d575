package page

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// CoverageCard is the ledger of what was asked.
type CoverageCard struct {
	Summary string // "23 questions: 20 answered, 2 empty, 1 failed"
	Open    bool   // something went wrong
	State   State
	Rows    []CoverageRow
	Rest    string
}

// CoverageRow is one question and how it ended.
type CoverageRow struct {
	Source string
	Query  string
	Run    Link
	Status Badge
	Detail string
	Count  string
	Took   string
	Window string
}

const maxCoverage = 30

func (b *builder) coverage() CoverageCard {
	all := b.rep.Coverage
	c := CoverageCard{State: b.state(len(all) == 0, "The report does not say what was asked.")}
	bad := func(s evidence.CoverageStatus) int {
		return slices.Index([]evidence.CoverageStatus{evidence.CoverageFailed, evidence.CoverageTruncated, evidence.CoverageNotResolved,
			evidence.CoverageNotConfigured, evidence.CoverageEmpty, evidence.CoverageAnswered}, s)
	}
	if len(all) > maxCoverage { // what went wrong must not be what is left out
		all = slices.Clone(all)
		slices.SortStableFunc(all, func(x, y evidence.Coverage) int { return cmp.Compare(bad(x.Status), bad(y.Status)) })
		c.Rest = plural(len(all)-maxCoverage, "further query is", "further queries are") + " in the JSON export"
		all = all[:maxCoverage]
	}
	c.Summary, c.Open = coverageSummary(b.rep.Coverage)
	for _, v := range all {
		row := CoverageRow{Source: text(v.Source), Query: visible.Short(v.Query, 400), Status: coverageBadge(v.Status), Detail: short(v.Detail, 240),
			Count: count(v.Count), Window: b.windowWords(v.Window), Run: Link{"open", b.query(v.Source, v.Query)}}
		if v.Took > 0 {
			row.Took = duration(v.Took)
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

// coverageSummary counts the questions by how they ended, and says whether one
// of them failed.
func coverageSummary(all []evidence.Coverage) (words string, failed bool) {
	n := map[evidence.CoverageStatus]int{}
	for _, v := range all {
		n[v.Status]++
	}
	var parts []string
	for _, s := range []evidence.CoverageStatus{evidence.CoverageAnswered, evidence.CoverageEmpty, evidence.CoverageTruncated, evidence.CoverageNotResolved, evidence.CoverageNotConfigured, evidence.CoverageFailed} {
		if n[s] > 0 {
			parts = append(parts, count(n[s])+" "+string(s))
		}
		if s == evidence.CoverageEmpty && n[s] > 0 {
			parts[len(parts)-1] += " (" + bySource(all, s) + ")"
		}
	}
	return plural(len(all), "question", "questions") + ": " + strings.Join(parts, ", "), n[evidence.CoverageFailed] > 0
}

// bySource counts the questions that ended in one way by whom they were put to.
func bySource(all []evidence.Coverage, status evidence.CoverageStatus) string {
	var order []string
	n := map[string]int{}
	for i := range all {
		if s := text(all[i].Source); all[i].Status == status {
			if n[s]++; n[s] == 1 {
				order = append(order, s)
			}
		}
	}
	for i, s := range order {
		order[i] = count(n[s]) + " of " + s
	}
	return strings.Join(order, ", ")
}

func coverageBadge(s evidence.CoverageStatus) Badge {
	switch s {
	case evidence.CoverageAnswered:
		return Badge{string(s), "✓", "good"}
	case evidence.CoverageFailed:
		return Badge{string(s), "✕", "bad"}
	case evidence.CoverageTruncated, evidence.CoverageNotResolved:
		return Badge{string(s), "◐", "warn"}
	}
	return Badge{text(string(s)), "○", "plain"}
}
