package topology

import (
	"cmp"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// Messages are the edges that no call makes: a consumer follows from the spans
// that it links to, as OpenTelemetry's messaging conventions have it, or takes
// from a destination that somebody was seen to send to. A failing consumer is
// so reachable from who produced. The result is sorted and counts messages.
func Messages(c *gathered.Evidence) []evidence.Edge {
	type at struct{ trace, span string }
	type pair struct{ from, to string }
	wanted := map[at]string{}
	sent := map[string]bool{} // destinations
	EachSpan(c, func(_ *gathered.Trace, s *evidence.Span, _ []int) {
		for _, l := range s.Links {
			wanted[at{l.TraceID, l.SpanID}] = ""
		}
		if s.Kind == evidence.SpanProducer && s.Callee != "" {
			sent[s.Callee] = true
		}
	})
	EachSpan(c, func(_ *gathered.Trace, s *evidence.Span, _ []int) {
		if k := (at{s.TraceID, s.SpanID}); len(wanted) > 0 {
			if _, ok := wanted[k]; ok {
				wanted[k] = s.Service
			}
		}
	})
	count := map[pair]int64{}
	EachSpan(c, func(_ *gathered.Trace, s *evidence.Span, _ []int) {
		for _, l := range s.Links {
			if from := wanted[at{l.TraceID, l.SpanID}]; from != "" && from != s.Service {
				count[pair{from, s.Service}]++
			}
		}
		if to := destination(s); s.Kind == evidence.SpanConsumer && sent[to] {
			count[pair{to, s.Service}]++
		}
	})
	list := make([]evidence.Edge, 0, len(count))
	for p, n := range count { // sorted below
		list = append(list, evidence.Edge{Caller: p.from, Callee: p.to, Calls: n})
	}
	slices.SortFunc(list, func(a, b evidence.Edge) int {
		return cmp.Or(cmp.Compare(a.Caller, b.Caller), cmp.Compare(a.Callee, b.Callee))
	})
	return list
}

func destination(s *evidence.Span) string {
	if s.Attributes["messaging.system"] == "" {
		return ""
	}
	return cmp.Or(s.Attributes["messaging.destination.name"], s.Attributes["messaging.destination"])
}
