package eval

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

func TestSuspicionsCountBeliefAgainstTruth(t *testing.T) {
	sure, unsure := .92, .31
	one := func(truth string, p *float64, ranked ...string) scored {
		return scored{labelled: labelled{label: bundle.Label{Commit: truth}}, result: Case{CommitsRanked: ranked, CommitShare: p, blamed: "b"}}
	}
	got := suspicions([]scored{one("a", &sure, "a", "b"), one("b", &unsure, "a", "b"), one("none", nil)})
	if got.MRR.Value != .5 || got.Brier.N != 2 || len(got.Bins) != 2 || got.Blame.K != 1 || got.BaseRate != .25 {
		t.Errorf("got %+v", got)
	}
	if b := got.Bins[1]; b.From != .9 || b.Right.K != 1 || b.Right.N != 1 {
		t.Errorf("got bin %+v, want the sure answer", b)
	}
	var text strings.Builder
	got.write(&text, Result{})
	if !strings.Contains(text.String(), "believed 0.3 to 0.4: right 0 of 1") {
		t.Errorf("got %s", text.String())
	}
	if suspicions([]scored{{}}) != nil {
		t.Error("without labelled commits there is something to say")
	}
}

func TestTheBeliefInNoneIsThatInAllThatIsNoCommit(t *testing.T) {
	c := Case{CommitsRanked: []string{noCommit, "a"}}
	c.believed(report.Report{Causes: []report.Cause{{Suspicion: &report.Suspicion{Share: 500}, Commits: []report.CommitScore{{Change: "flag", Share: 500}, {SHA: noCommit, Share: 300}, {SHA: "a", Share: 200}}}}})
	if c.CommitShare == nil || *c.CommitShare < .799 || *c.CommitShare > .801 {
		t.Errorf("got %v, want 0.8", c.CommitShare)
	}
}
