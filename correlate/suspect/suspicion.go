package suspect

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// suspicion says in words and odds how far the best commit, or "none", is ahead
// of the next; nil where nothing was compared.
func suspicion(ranked []report.CommitScore, set *weights.Set) *report.Suspicion {
	if len(ranked) < 2 {
		return nil
	}
	first, next := ranked[0], ranked[1]
	by, points := &set.Commit.Word, make([]int, len(ranked))
	for i := range ranked {
		points[i] = ranked[i].Score
	}
	held := Beliefs(points, set)
	// Words go by what the evidence says, odds by what can be believed of it.
	ratio, odds := math.Exp(float64(first.Score-next.Score)/1000), held[0]/max(held[1], 1e-9)
	out := &report.Suspicion{Share: first.Share, Odds: math.Round(10*min(odds, 1000)) / 10}
	switch {
	case ratio >= by.ClearOdds && first.Share >= by.ClearShare:
		out.Word = report.SuspicionClear
	case ratio >= by.AheadOdds:
		out.Word = report.SuspicionAhead
	default:
		out.Word = report.SuspicionOpen
	}
	subject := "This commit"
	switch {
	case first.SHA == report.NoCommit:
		subject = "None of the commits"
	case first.Change != "":
		subject = "This change"
	}
	said := subject + ", " + times(odds) + " as the next" + called(&next)
	if because := reasons(ranked); because != "" {
		said += "; because " + because
	} else if first.SHA == report.NoCommit {
		said += "; nothing that is seen speaks clearly for one of them"
	}
	out.Sentence = wording.Say("suspicion", said)
	return out
}

// called is a hypothesis in brackets, empty for a change that is known by no commit.
func called(x *report.CommitScore) string {
	switch {
	case x.SHA == report.NoCommit:
		return " (none of them)"
	case !x.IsCommit():
		return ""
	}
	return " (" + evidence.ShortRevision(x.SHA) + ")"
}

// times says odds.
func times(odds float64) string {
	switch {
	case odds < 1.25:
		return "about as likely"
	case odds < 1.75:
		return "one and a half times as likely"
	case odds >= 100:
		return "more than a hundred times as likely"
	}
	for i, w := range []string{"twice", "three times", "four times", "five times", "six times", "seven times", "eight times", "nine times", "ten times"} {
		if odds < float64(i)+2.5 {
			return w + " as likely"
		}
	}
	return fmt.Sprintf("%.0f times as likely", odds)
}

// reasons are the two strongest terms that speak for the best hypothesis, what
// speaks against "none" included where a commit is the best. What "none" has before
// anything is held against it is no reason.
func reasons(ranked []report.CommitScore) string {
	first := ranked[0]
	var list []report.Term
	for _, t := range first.Terms {
		if t.Points > 0 && t.ID != "commit/no-diff" && t.ID != "commit/none" {
			list = append(list, t)
		}
	}
	for _, r := range ranked[1:] {
		for _, t := range r.Terms {
			if r.SHA == report.NoCommit && t.Points < 0 && t.ID != "commit/none" {
				t.Points = -t.Points
				list = append(list, t)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b report.Term) int { return cmp.Compare(b.Points, a.Points) })
	var out []string
	for _, t := range list[:min(2, len(list))] {
		out = append(out, t.Why)
	}
	return strings.Join(out, ", and ")
}
