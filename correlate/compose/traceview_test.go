package compose

import (
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestTheTraceShownIsOneThatAFindingPointsAt has a long request in which what is
// blamed only passes a failure on, one before the onset, and the short one that
// the finding was made from.
func TestTheTraceShownIsOneThatAFindingPointsAt(t *testing.T) {
	slow, early, telling, other := casetest.TraceID(1), casetest.TraceID(2), casetest.TraceID(3), casetest.TraceID(4)
	c := &gathered.Evidence{Onset: report.Onset{At: casetest.Onset0, Earliest: casetest.Onset0}}
	failing := func(id string, ms float64) {
		casetest.AddTrace(c, id, false, casetest.Call{Service: "shop", Op: "GET /", Ms: ms, Failed: true})
	}
	casetest.AddTrace(c, slow, false, casetest.Call{Service: "shop", Op: "GET /", Ms: 900, Failed: true, Calls: []casetest.Call{{Service: "stock", Op: "Count", Ms: 890, Failed: true}}})
	failing(early, 500)
	failing(telling, 1)
	failing(other, 2)
	for i := range c.Traces {
		if c.Traces[i].ID == early {
			c.Traces[i].Spans[0].Start = casetest.Onset0.Add(-time.Second)
		}
	}
	pointing := casetest.CauseWith("shop", report.Term{ID: "error/innermost", Points: 900, Why: "2 failures start at shop", Refs: []evidence.Ref{
		{Kind: evidence.RefSpan, ID: "x", TraceID: early}, {Kind: evidence.RefSpan, ID: "y", TraceID: telling}}})
	got := traceView(c, []report.Cause{pointing})
	if got.Trace.ID != telling || !strings.Contains(got.Why, "2 failures start at shop") {
		t.Errorf("got %s, %q, want what the finding points at after the onset", got.Trace.ID, got.Why)
	}
	if got := traceView(c, []report.Cause{casetest.CauseWith("shop")}); got.Trace.ID != other {
		t.Errorf("got %s, %q, want the longest in which shop fails and nothing below it", got.Trace.ID, got.Why)
	}
}
