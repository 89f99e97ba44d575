package topology

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

func TestMessagesLeadToTheirConsumers(t *testing.T) {
	trace := func(spans ...evidence.Span) gathered.Trace {
		for i := range spans {
			spans[i].TraceID = "t" + spans[i].SpanID
		}
		return gathered.Trace{Trace: evidence.Trace{Spans: spans}}
	}
	link := func(ids ...string) (list []evidence.SpanLink) {
		for _, id := range ids {
			list = append(list, evidence.SpanLink{TraceID: "t" + id, SpanID: id})
		}
		return list
	}
	queue := map[string]string{"messaging.system": "kafka", "messaging.destination.name": "orders"}
	for name, c := range map[string]struct {
		traces []gathered.Trace
		want   []evidence.Edge
	}{
		"a link to another trace": {[]gathered.Trace{trace(evidence.Span{SpanID: "1", Service: "shop"}), trace(evidence.Span{SpanID: "2", Service: "packer", Links: link("1")})},
			[]evidence.Edge{{Caller: "shop", Callee: "packer", Calls: 1}}},
		"a batch of several producers": {[]gathered.Trace{trace(evidence.Span{SpanID: "1", Service: "shop"}), trace(evidence.Span{SpanID: "2", Service: "desk"}), trace(evidence.Span{SpanID: "3", Service: "packer", Links: link("1", "2")})},
			[]evidence.Edge{{Caller: "desk", Callee: "packer", Calls: 1}, {Caller: "shop", Callee: "packer", Calls: 1}}},
		"a link to nobody that was read": {[]gathered.Trace{trace(evidence.Span{SpanID: "2", Service: "packer", Links: link("1")})}, []evidence.Edge{}},
		"a link to itself":               {[]gathered.Trace{trace(evidence.Span{SpanID: "1", Service: "packer"}), trace(evidence.Span{SpanID: "2", Service: "packer", Links: link("1")})}, []evidence.Edge{}},
		"a destination that is sent to": {[]gathered.Trace{trace(evidence.Span{SpanID: "1", Service: "shop", Kind: evidence.SpanProducer, Callee: "orders", Attributes: queue}), trace(evidence.Span{SpanID: "2", Service: "packer", Kind: evidence.SpanConsumer, Attributes: queue})},
			[]evidence.Edge{{Caller: "orders", Callee: "packer", Calls: 1}}},
		"a destination that nobody is seen to send to": {[]gathered.Trace{trace(evidence.Span{SpanID: "2", Service: "packer", Kind: evidence.SpanConsumer, Attributes: queue})}, []evidence.Edge{}},
	} {
		if diff := cmp.Diff(c.want, Messages(&gathered.Evidence{Traces: c.traces})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
