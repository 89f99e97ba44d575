package correlate

import (
	"context"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gather"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// archive is a world whose code source knows history, and whose decision source
// knows what was broken and notes at which revisions it was asked.
type archive struct {
	*casetest.World
	asked map[string]bool
}

func (a archive) LineVotes(_ context.Context, _ string, _ []evidence.Frame, _ string) ([]evidence.LineVote, error) {
	return []evidence.LineVote{{Commit: strings.Repeat("b", 40), Votes: 1000}, {Commit: strings.Repeat("a", 40), Votes: 500}}, nil
}

func (a archive) Decision(_ context.Context, id, _, revision string) (evidence.Decision, error) {
	a.asked["decision at "+revision] = true
	return evidence.Decision{ID: id}, nil
}

func (a archive) CoveredBy(_ context.Context, _, revision string, _ evidence.Commit) ([]evidence.DecisionLink, error) {
	a.asked["links at "+revision] = true
	return []evidence.DecisionLink{{DecisionID: "ADR-047", Kind: "scope", Strength: 40}}, nil
}

func (a archive) BrokenChecks(_ context.Context, _, revision string, c evidence.Commit) ([]evidence.BrokenCheck, error) {
	a.asked["checks at "+revision] = true
	return []evidence.BrokenCheck{{DecisionID: "ADR-047", Level: "error", Message: "keep the retry", Path: c.Files[0], Line: 7}}, nil
}

// TestABrokenDecisionAndALinesHistoryAreTerms: a commit that broke a decision is
// said to have, one that a suspect line passed through has its share of the
// line's vote, and all are asked about at the revision that runs.
func TestABrokenDecisionAndALinesHistoryAreTerms(t *testing.T) {
	w := casetest.NewWorld()
	a := archive{World: w, asked: map[string]bool{}}
	s := w.Sources()
	s.Code, s.Decisions = a, a
	rep, err := New(s, gather.Options{Concurrency: 1}).Investigate(t.Context(), w.Request())
	if err != nil {
		t.Fatal(err)
	}
	terms := map[string]report.Term{}
	for _, c := range rep.Causes[0].Commits {
		if c.SHA == strings.Repeat("a", 40) {
			for _, x := range c.Terms {
				terms[x.ID] = x
			}
		}
	}
	if got := terms["commit/breaks-decision"]; got.Points != weights.Default().OfCommit("commit/breaks-decision") || !strings.Contains(got.Why, "broke ADR-047: keep the retry") {
		t.Errorf("got %+v, want the term of a broken decision", got)
	}
	// Half a vote, and the file is the failing one.
	if got := terms["commit/blame"]; got.Points != weights.Default().OfCommit("commit/blame")/2 {
		t.Errorf("got %+v, want half a line's vote", got)
	}
	for _, what := range []string{"decision", "links", "checks"} {
		if !a.asked[what+" at "+strings.Repeat("a", 40)] {
			t.Errorf("%s were not asked at the running revision: %v", what, a.asked)
		}
	}
}
