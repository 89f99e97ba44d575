package signal

import (
	"cmp"
	"fmt"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// A span that gives up on a slow callee is not where the failure comes from.
func TestFailuresByTimeoutComeFromWhomTheyWaitedFor(t *testing.T) {
	c := casetest.DeployedCase()
	for i := range 12 {
		id := fmt.Sprintf("%032x", i+1)
		failing := i >= 6
		slow, start := 10*time.Millisecond, casetest.At(5+i)
		message := ""
		if failing {
			slow, start, message = 900*time.Millisecond, casetest.At(24+i), "upstream deadline exceeded"
		}
		c.Traces = append(c.Traces, gathered.Trace{Baseline: !failing, Trace: evidence.Trace{ID: id, Spans: []evidence.Span{
			{TraceID: id, SpanID: "a", Service: "till", Operation: "Pay", Start: start, Duration: slow, Failed: failing, StatusMessage: message},
			{TraceID: id, SpanID: "b", ParentID: "a", Service: "ledger", Operation: "Post", Start: start, Duration: slow},
		}}})
	}
	for _, f := range ErrorInnermost(view.New(c)) {
		if v := view.New(c); v.Names[f.Entity] != "ledger" && f.Strength > 0 {
			t.Errorf("got %s blamed: %s; want ledger", v.Names[f.Entity], f.Why)
		}
	}
}

// A callee that notes that nobody waits for its answer any more is not where the
// failure comes from, as long as it is as fast as ever: its caller lost patience.
func TestWhoWasLeftWaitingIsNotBlamed(t *testing.T) {
	c := casetest.DeployedCase()
	for i := range 12 {
		id := fmt.Sprintf("%032x", i+1)
		failing := i >= 6
		waits, takes, start := 11*time.Millisecond, 10*time.Millisecond, casetest.At(5+i)
		message := ""
		if failing {
			waits, takes, start, message = 5*time.Millisecond, 5*time.Millisecond, casetest.At(24+i), "context deadline exceeded"
			c.Logs = append(c.Logs, gathered.Line{LogLine: evidence.LogLine{TraceID: id, SpanID: "b", Service: "ledger", Time: start.Add(takes), Severity: evidence.SeverityError, Body: "nobody waits for the answer: context canceled"}})
		}
		c.Traces = append(c.Traces, gathered.Trace{Baseline: !failing, Trace: evidence.Trace{ID: id, Spans: []evidence.Span{
			{TraceID: id, SpanID: "a", Service: "till", Operation: "Pay", Start: start, Duration: waits, Failed: failing, StatusMessage: message},
			{TraceID: id, SpanID: "b", ParentID: "a", Service: "ledger", Operation: "Post", Kind: evidence.SpanServer, Start: start, Duration: takes},
		}}})
	}
	v := view.New(c)
	found := ErrorInnermost(v)
	if len(found) == 0 {
		t.Fatal("nobody is blamed")
	}
	for _, f := range found {
		if v.Names[f.Entity] != "till" && f.Strength > 0 {
			t.Errorf("got %s blamed: %s; want till", v.Names[f.Entity], f.Why)
		}
	}
}

// TestWhoDialsIsHurtByWhomHeDials has one service fail at somebody of whom nothing is
// known: what could not be reached, did not answer or answered badly is somebody
// else's failure, what the caller did wrong or ran out of is its own.
func TestWhoDialsIsHurtByWhomHeDials(t *testing.T) {
	for name, c := range map[string]struct {
		text, attribute, value, address string
		kind                            evidence.SpanKind
		want                            bool
	}{
		"refused, at an address":            {text: "dial tcp 10.0.0.7:5432: connect: connection refused", address: "10.0.0.7", want: true},
		"refused, and nothing says by whom": {text: "connection refused", want: true},
		"refused, told by a handler":        {text: "dial tcp 10.0.0.7:5432: connect: connection refused", kind: evidence.SpanServer, want: true},
		"a name that nobody knows":          {text: "dial tcp: lookup rates.shop.svc on 10.0.0.2:53: no such host", want: true},
		"a certificate":                     {text: "tls: failed to verify certificate: x509: certificate has expired", address: "10.0.0.7", want: true},
		"no answer in time":                 {text: "context deadline exceeded", address: "10.0.0.7", want: true},
		"grpc, unavailable":                 {attribute: "rpc.grpc.status_code", value: "14", address: "10.0.0.7", want: true},
		"an answer of its failure":          {attribute: "http.response.status_code", value: "500", address: "10.0.0.7", want: true},
		"asked wrongly":                     {attribute: "http.response.status_code", value: "403", address: "10.0.0.7"},
		"grpc, asked wrongly":               {attribute: "rpc.grpc.status_code", value: "3", address: "10.0.0.7"},
		"its own pool":                      {text: "timed out waiting for a pooled connection", address: "10.0.0.7"},
		"its own bug":                       {text: "index 7 out of range", kind: evidence.SpanServer},
	} {
		ev := &gathered.Evidence{Entities: casetest.Entities("front"), Alerting: []string{"front"}}
		kind := cmp.Or(c.kind, evidence.SpanClient)
		for i := range 60 {
			bad, ms, text := i >= 40, 20.0, ""
			if bad {
				ms, text = 2000, c.text
			}
			casetest.AddTrace(ev, casetest.TraceID(i), !bad, casetest.Call{Service: "front", Op: "GET /", Ms: ms + 10, Failed: bad, Calls: []casetest.Call{
				{Service: "front", Op: "GET", At: 2, Ms: ms, Failed: bad, Text: text, Kind: kind}}})
			s := &ev.Traces[len(ev.Traces)-1].Spans[1]
			s.Attributes = map[string]string{}
			if c.address != "" {
				s.Attributes["server.address"] = c.address
			}
			if bad && c.attribute != "" {
				s.Attributes[c.attribute] = c.value
			}
		}
		found := ErrorInnermost(view.New(ev))
		if len(found) != 1 || found[0].Elsewhere != c.want {
			t.Errorf("%s: got %+v, want one finding that tells of somebody else: %v", name, found, c.want)
		}
	}
}
