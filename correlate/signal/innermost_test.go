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
