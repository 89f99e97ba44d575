package outcome

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestASpanFailedByStatusProtocolOrEscapedException(t *testing.T) {
	with := func(k, v string) evidence.Span { return evidence.Span{Attributes: map[string]string{k: v}} }
	escaped := func(v string) evidence.Span {
		return evidence.Span{Events: []evidence.SpanEvent{{Name: "exception", Attributes: map[string]string{"exception.escaped": v}}}}
	}
	for _, c := range []struct {
		name string
		span evidence.Span
		want bool
	}{
		{"nothing said", evidence.Span{}, false},
		{"its status", evidence.Span{Failed: true}, true},
		{"503 and no status", with("http.response.status_code", "503"), true},
		{"500 in the older spelling", with("http.status_code", "500"), true},
		{"404 is an answer", with("http.response.status_code", "404"), false},
		{"5000 is no status", with("http.status_code", "5000"), false},
		{"gRPC 14 and no status", with("rpc.grpc.status_code", "14"), true},
		{"gRPC by name", with("rpc.response.status_code", "UNAVAILABLE"), true},
		{"gRPC not found is an answer", with("rpc.grpc.status_code", "5"), false},
		{"gRPC 0", with("rpc.grpc.status_code", "0"), false},
		{"an exception that left it", escaped("True"), true},
		{"an exception that was caught", escaped("false"), false},
	} {
		if got := Failed(&c.span); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
		trace := evidence.Trace{Spans: []evidence.Span{c.span}}
		if Settle(&trace); trace.Spans[0].Failed != c.want {
			t.Errorf("%s: settled to %v, want %v", c.name, trace.Spans[0].Failed, c.want)
		}
	}
}
