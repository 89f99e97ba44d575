package correlate

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func span(id, parent string, start, length int) evidence.Span {
	return evidence.Span{SpanID: id, ParentID: parent, Service: "s" + id, Operation: "op", Start: time.UnixMilli(int64(1000 + start)).UTC(), Duration: time.Duration(length) * time.Millisecond}
}

func TestCriticalPath(t *testing.T) {
	// a waits for b, then for c and d side by side, of which d is longer.
	tr := evidence.Trace{Spans: []evidence.Span{
		span("a", "", 0, 100), span("b", "a", 5, 20), span("c", "a", 30, 30), span("d", "a", 30, 60), span("e", "d", 40, 40),
	}}
	if diff := cmp.Diff([]string{"a", "b", "d", "e"}, criticalPath(tr)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCriticalPathOfACycleEnds(t *testing.T) {
	tr := evidence.Trace{Spans: []evidence.Span{span("r", "", 0, 50), span("a", "b", 0, 10), span("b", "a", 0, 10)}}
	if diff := cmp.Diff([]string{"r"}, criticalPath(tr)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := criticalPath(evidence.Trace{}); got != nil {
		t.Errorf("got %v, want nothing for no spans", got)
	}
}

func TestSkewsAreNamedAndTimesLeftAlone(t *testing.T) {
	tr := evidence.Trace{Spans: []evidence.Span{span("a", "", 50, 100), span("b", "a", 0, 20), span("c", "a", 60, 20)}}
	if got := skews(tr); len(got) != 1 {
		t.Errorf("got %q, want the one child that begins before its parent", got)
	}
}

func TestAHugeTraceIsCutToWhatMatters(t *testing.T) {
	tr := evidence.Trace{ID: "t", Spans: []evidence.Span{span("root", "", 0, 10_000)}}
	for i := range 2 * shownSpans {
		tr.Spans = append(tr.Spans, span("x"+string(rune('a'+i%26))+time.Duration(i).String(), "root", i, 1))
	}
	last := &tr.Spans[len(tr.Spans)-1]
	last.Failed = true
	got := shownPart(tr, []string{"root"})
	if len(got.Spans) != shownSpans || !got.Truncated {
		t.Errorf("got %d spans, truncated %v; want %d", len(got.Spans), got.Truncated, shownSpans)
	}
	if got.Spans[0].SpanID != "root" || !got.Spans[len(got.Spans)-1].Failed {
		t.Error("the root or the failing span was cut")
	}
}
