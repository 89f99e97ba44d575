package compose

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestAHugeTraceIsCutToWhatMatters(t *testing.T) {
	tr := evidence.Trace{ID: "t", Spans: []evidence.Span{casetest.Span("root", "", 0, 10_000)}}
	for i := range 2 * shownSpans {
		tr.Spans = append(tr.Spans, casetest.Span("x"+string(rune('a'+i%26))+time.Duration(i).String(), "root", i, 1))
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
