package evidence

import (
	"fmt"
	"testing"
)

func TestLinksAreKeptOnceAndBounded(t *testing.T) {
	s := Span{TraceID: "t", SpanID: "s", ParentID: "p"}
	for _, l := range []SpanLink{{"t", "p"}, {"t", "x"}, {"u", "p"}, {"t", "x"}} {
		s.AddLink(l)
	}
	if got := fmt.Sprint(s.Links); got != "[{t x} {u p}]" {
		t.Errorf("got %s, want each once and not the parent", got)
	}
	for i := range 2 * MaxLinks {
		s.AddLink(SpanLink{"t", fmt.Sprint(i)})
	}
	if len(s.Links) != MaxLinks {
		t.Errorf("got %d links, want at most %d", len(s.Links), MaxLinks)
	}
}
