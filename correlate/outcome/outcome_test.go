package outcome

import (
	"testing"
	"time"

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

// TestAPartOfACallThatWentWellIsNoFailure has a call as Go's tracing of HTTP shows it:
// the call, and beside it parts of it without attributes.
func TestAPartOfACallThatWentWellIsNoFailure(t *testing.T) {
	at := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	call := evidence.Span{SpanID: "call", ParentID: "handler", Service: "shop", Kind: evidence.SpanClient, Start: at, Duration: time.Second, Attributes: map[string]string{"http.request.method": "POST"}}
	part := evidence.Span{SpanID: "part", ParentID: "handler", Service: "shop", Kind: evidence.SpanClient, Start: at.Add(time.Second), Failed: true}
	for name, c := range map[string]struct {
		change func(call, part *evidence.Span)
		want   bool
	}{
		"beside a call that went well":      {func(*evidence.Span, *evidence.Span) {}, false},
		"below it":                          {func(_, part *evidence.Span) { part.ParentID = "call" }, false},
		"the call failed":                   {func(call, _ *evidence.Span) { call.Failed = true }, true},
		"at another time":                   {func(_, part *evidence.Span) { part.Start = at.Add(time.Minute) }, true},
		"another service's":                 {func(_, part *evidence.Span) { part.Service = "stock" }, true},
		"it says what it calls":             {func(_, part *evidence.Span) { part.Attributes = map[string]string{"server.address": "stock"} }, true},
		"it is what the service did itself": {func(_, part *evidence.Span) { part.Kind = evidence.SpanInternal }, true},
	} {
		x, p := call, part
		c.change(&x, &p)
		trace := evidence.Trace{Spans: []evidence.Span{x, p}}
		if Settle(&trace); trace.Spans[1].Failed != c.want {
			t.Errorf("%s: got failed %v, want %v", name, trace.Spans[1].Failed, c.want)
		}
	}
}
