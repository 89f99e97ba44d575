package compose

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TestWhichSpansAreRequests: what a service did for one request counts once, also where
// spans of it were lost.
func TestWhichSpansAreRequests(t *testing.T) {
	there := map[string]string{"a": "front", "b": "cart"}
	for name, c := range map[string]struct {
		parent string
		kind   evidence.SpanKind
		want   bool
	}{
		"it began the trace":             {"", "", true},
		"another one called it":          {"a", "", true},
		"a part of its own":              {"b", "", false},
		"a part, and its parent is lost": {"x", evidence.SpanInternal, false},
		"a call, and its parent is lost": {"x", evidence.SpanClient, false},
		"of no kind, and its parent too": {"x", "", false},
		"served, and its caller is lost": {"x", evidence.SpanServer, true},
		"taken, and its sender is lost":  {"x", evidence.SpanConsumer, true},
	} {
		if got := isRequest(&evidence.Span{Service: "cart", ParentID: c.parent, Kind: c.kind}, there); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
