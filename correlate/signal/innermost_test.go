package signal

import (
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
