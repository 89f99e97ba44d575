package topology

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestCriticalPath(t *testing.T) {
	// a waits for b, then for c and d side by side, of which d is longer.
	tr := evidence.Trace{Spans: []evidence.Span{
		casetest.Span("a", "", 0, 100), casetest.Span("b", "a", 5, 20), casetest.Span("c", "a", 30, 30), casetest.Span("d", "a", 30, 60), casetest.Span("e", "d", 40, 40),
	}}
	if diff := cmp.Diff([]string{"a", "b", "d", "e"}, CriticalPath(tr)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCriticalPathOfACycleEnds(t *testing.T) {
	tr := evidence.Trace{Spans: []evidence.Span{casetest.Span("r", "", 0, 50), casetest.Span("a", "b", 0, 10), casetest.Span("b", "a", 0, 10)}}
	if diff := cmp.Diff([]string{"r"}, CriticalPath(tr)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := CriticalPath(evidence.Trace{}); got != nil {
		t.Errorf("got %v, want nothing for no spans", got)
	}
}

func TestSkewsAreNamedAndTimesLeftAlone(t *testing.T) {
	tr := evidence.Trace{Spans: []evidence.Span{casetest.Span("a", "", 50, 100), casetest.Span("b", "a", 0, 20), casetest.Span("c", "a", 60, 20)}}
	if got := Skews(tr); len(got) != 1 {
		t.Errorf("got %q, want the one child that begins before its parent", got)
	}
}
