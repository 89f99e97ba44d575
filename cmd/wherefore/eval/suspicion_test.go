package eval

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestSuspicionsCountBeliefAgainstTruth(t *testing.T) {
	sure, unsure := .92, .31
	one := func(truth string, p *float64, ranked ...string) Case {
		return Case{CommitTruth: truth, CommitsRanked: ranked, CommitShare: p, blamed: "b"}
	}
	got := suspicions([]Case{one("a", &sure, "a", "b"), one("b", &unsure, "a", "b"), one("none", nil)})
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
	if suspicions([]Case{{}, {CommitTruth: "a", abstain: true}}) != nil {
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

func TestBeliefsAreHeldAgainstWhatCameOfThemByFifthsOfTheCases(t *testing.T) {
	var cases []Case
	for i := range 100 {
		p, truth := float64(i/20)/5+.1, "b"
		if i%20 < 4*(i/20)+2 && i/20 != 4 {
			truth = "a" // as often as believed, but for the surest fifth, which is always wrong
		}
		cases = append(cases, Case{CommitTruth: truth, CommitsRanked: []string{"a", "b"}, CommitShare: &p})
	}
	got := suspicions(cases)
	if len(got.Fifths) != 5 {
		t.Fatalf("got %d fifths, want 5", len(got.Fifths))
	}
	for i, b := range got.Fifths {
		if b.Right.N != 20 || b.holds() != (i < 4) {
			t.Errorf("fifth %d: got %+v", i, b)
		}
	}
	var text strings.Builder
	if err := WriteSuspicions(&text, []Result{{Dataset: "x", Cases: cases[:50], Suspicion: suspicions(cases[:50])}, {Dataset: "y", Cases: cases[50:], Suspicion: suspicions(cases[50:])}, {Dataset: "z"}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"x, commits of", "all together, commits of 100 cases", "fifth 5, believed 0.90: right 0 of 20  [0.00 0.16], outside"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing in\n%s", want, text.String())
		}
	}
	if suspicions(cases[:99]).Fifths != nil {
		t.Error("fifths of fewer than twenty cases are said")
	}
}
