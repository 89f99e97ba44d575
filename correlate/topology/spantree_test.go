package topology

import (
	"testing"
	"time"

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
	if got := Skews(tr, 2*time.Millisecond); len(got) != 1 {
		t.Errorf("got %q, want the one child that begins before its parent", got)
	}
}

func TestParentsAreBelievedUnlessSpansAreTheirOwnAncestors(t *testing.T) {
	span := casetest.Span
	for _, c := range []struct {
		name  string
		spans []evidence.Span
		want  []int
	}{
		{"nothing", nil, []int{}},
		{"a chain", []evidence.Span{span("a", "", 0, 9), span("b", "a", 1, 7), span("c", "b", 2, 5)}, []int{-1, 0, 1}},
		{"a parent that is not there", []evidence.Span{span("a", "x", 0, 9)}, []int{-1}},
		{"its own parent", []evidence.Span{span("a", "a", 0, 9)}, []int{-1}},
		{"a child whose clock is ahead", []evidence.Span{span("b", "a", 0, 7), span("a", "", 50, 9)}, []int{1, -1}},
		{"each other's parents", []evidence.Span{span("a", "b", 0, 9), span("b", "a", 0, 9)}, []int{-1, 0}},
		{"a circle with a tail", []evidence.Span{span("t", "c", 0, 9), span("a", "c", 0, 9), span("b", "a", 0, 9), span("c", "b", 0, 9)}, []int{3, -1, 1, 2}},
		{"two circles", []evidence.Span{span("a", "b", 0, 9), span("b", "a", 0, 9), span("c", "d", 0, 9), span("d", "c", 0, 9)}, []int{-1, 0, -1, 2}},
		{"one ID twice", []evidence.Span{span("a", "", 0, 9), span("a", "", 1, 9), span("b", "a", 2, 5)}, []int{-1, -1, 0}},
	} {
		if d := cmp.Diff(c.want, Parents(c.spans)); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}
