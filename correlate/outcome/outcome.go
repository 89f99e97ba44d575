// Package outcome answers one question: did this call fail? Gathering asks it of
// every span that a source returns, once, so that ranking, impact, timeline,
// commits and the page mean the same by "failed".
package outcome

import (
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Settle sets Failed on the trace's spans, which belong to the caller.
func Settle(t *evidence.Trace) {
	for i := range t.Spans {
		t.Spans[i].Failed = Failed(&t.Spans[i])
	}
	for i := range t.Spans {
		if s := &t.Spans[i]; s.Failed && isPhase(s) {
			s.Failed = !wentWell(t.Spans, s)
		}
	}
}

// isPhase reports whether a span is one part of a call, as otelhttptrace and others
// report the look-up of a name, the connection and the answer: of the kind of a call,
// and without a word of what it calls.
func isPhase(s *evidence.Span) bool {
	return s.Kind == evidence.SpanClient && !isCall(s)
}

// isCall reports whether a span says what it calls, by any attribute of a protocol or
// of the other side.
func isCall(s *evidence.Span) bool {
	if s.Kind != evidence.SpanClient {
		return false
	}
	for name := range s.Attributes {
		for _, of := range []string{"http.", "url.", "rpc.", "grpc.", "db.", "messaging.", "peer.", "server.", "net.peer.", "network.peer.", "aws.", "faas."} {
			if strings.HasPrefix(name, of) {
				return true
			}
		}
	}
	return false
}

// wentWell reports whether the calls that a phase may be a part of, around it, beside
// it or above it, ended well: what failed in one was made good, or came after the
// answer, as a connection that cannot be kept. Without such a call it did not.
func wentWell(spans []evidence.Span, phase *evidence.Span) bool {
	const slack = time.Millisecond // a phase may end a little after its call
	well := false
	for i := range spans {
		c := &spans[i]
		if c.Service != phase.Service || !isCall(c) || c.SpanID != phase.ParentID && c.ParentID != phase.ParentID {
			continue
		}
		if phase.Start.Before(c.Start.Add(-slack)) || phase.Start.After(c.End().Add(slack)) {
			continue
		}
		if c.Failed {
			return false
		}
		well = true
	}
	return well
}

// Failed reports whether a span says that its operation failed: by its status,
// else, since many libraries set none, by the outcome of its protocol or by an
// exception that left it. What counts as a failure of a protocol follows
// OpenTelemetry's semantic conventions for the span's status on servers, which
// leave out what the caller did wrong: HTTP from 500 on, and the codes of gRPC
// that a server is to blame for. The same holds on the client's side, where a
// 404 is often an answer like any other; a library that takes it for a failure
// says so by the status.
// https://opentelemetry.io/docs/specs/semconv/http/http-spans/#status
// https://opentelemetry.io/docs/specs/semconv/rpc/grpc/#grpc-status
func Failed(s *evidence.Span) bool {
	if s.Failed {
		return true
	}
	if code := s.HTTPStatus(); len(code) == 3 && code[0] == '5' || slices.Contains(GRPCFaults, s.GRPCStatus()) {
		return true
	}
	for _, e := range s.Events {
		if e.Name == "exception" && strings.EqualFold(e.Attributes["exception.escaped"], "true") {
			return true
		}
	}
	return false
}

// GRPCFaults are the statuses of gRPC that are the server's fault, as
// metrics spell them: by number, as the protocol and as Go writes the name. To
// those that the conventions list comes RESOURCE_EXHAUSTED: a server that is
// full has failed whoever asked.
var GRPCFaults = []string{
	"2", "UNKNOWN", "Unknown", "4", "DEADLINE_EXCEEDED", "DeadlineExceeded", "8", "RESOURCE_EXHAUSTED", "ResourceExhausted",
	"12", "UNIMPLEMENTED", "Unimplemented", "13", "INTERNAL", "Internal", "14", "UNAVAILABLE", "Unavailable", "15", "DATA_LOSS", "DataLoss",
}
