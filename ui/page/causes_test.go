package page

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestSuspectsAreShownWithTheirLinesAndWhyTheOthersStandBehind: the belief in each, the
// margin of the first with the changed lines behind each reason once, and of the others
// what the first has that they lack.
func TestSuspectsAreShownWithTheirLinesAndWhyTheOthersStandBehind(t *testing.T) {
	hunk := evidence.Ref{Kind: evidence.RefCode, ID: "cart.go:7", Text: "@@ -7 +7 @@\n-\tif x == nil {\n+\tuse(x)\n"}
	first := report.CommitScore{SHA: strings.Repeat("a", 40), Subject: "Drop the check", Score: 4000, Share: 612, Terms: []report.Term{
		{ID: "commit/mechanism-nil-check", Points: 2500, Why: "a check is gone", Refs: []evidence.Ref{hunk}},
		{ID: "commit/names", Points: 1500, Why: "both speak of cartTotal", Refs: []evidence.Ref{hunk}},
	}}
	late := report.CommitScore{SHA: strings.Repeat("b", 40), Subject: "Colours", Terms: []report.Term{{ID: "commit/not-live", Points: -9000, Why: "it went live only after the trouble had begun"}}}
	weak := report.CommitScore{SHA: strings.Repeat("c", 40), Subject: "Tidy", Share: 90, Terms: []report.Term{{ID: "commit/names", Points: 1400, Why: "both speak of cart"}}}
	none := report.CommitScore{SHA: report.NoCommit, Subject: "none of the commits produces this", Share: 200}
	r := reportOf()
	r.Causes = []report.Cause{{Rank: 1, Commits: []report.CommitScore{first, none, weak, late}, Suspicion: &report.Suspicion{Sentence: "This commit, three times as likely as the next"}}}
	rows := built(r).Causes.Rows[0].Commits
	if len(rows) != 4 || rows[0].Share != "61 %" || rows[0].Margin != "This commit, three times as likely as the next" || rows[0].Not != "" {
		t.Fatalf("got %+v", rows)
	}
	if got := rows[0].Why; len(got) != 2 || len(got[0].Diff) != 2 || got[0].Diff[0].Class != "del" || got[0].Diff[1].Class != "add" || got[0].Place.Text != "cart.go:7" || got[1].Diff != nil {
		t.Errorf("got %+v, want the removed and the added line, once", got)
	}
	if want := "a check is gone"; !strings.Contains(rows[2].Not, want) || !strings.Contains(rows[1].Not, want) {
		t.Errorf("got %q and %q, want what the first has and they lack", rows[1].Not, rows[2].Not)
	}
	if got := rows[3]; got.Not != "" || len(got.Why) != 1 || got.Why[0].Points != "−9,000" {
		t.Errorf("got %+v, want the reason that excludes it and no other", got)
	}
}
