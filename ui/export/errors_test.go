package export

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestErrorsGoIntoThePostmortemInTheProgramsWords(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	r := report.Report{Failures: []report.Failure{
		{Service: "till", Type: "shop.Sold", Message: "nothing left", Status: "500", Endpoints: []string{"POST /buy"}, Seen: 4, First: at, Last: at.Add(time.Minute),
			Place: &evidence.CodeRef{Path: "till/buy.py", Line: 7}, Refs: []evidence.Ref{{Kind: evidence.RefLog}, {TraceID: "t1"}}},
		{Service: "edge", Message: "till answered 500", Seen: 1, Before: 2, First: at, Last: at},
		{Service: "cart", Message: "no room", Seen: 3, Lines: 3, First: at, Last: at},
	}}
	want := []string{
		"till: shop.Sold: nothing left (at till/buy.py:7; status 500; POST /buy; seen in 4 requests read, 0 before; first " + clock(at) + "; last " + clock(at.Add(time.Minute)) + "; trace t1)",
		"edge: till answered 500 (seen 1 times, 2 before; first " + clock(at) + ")", // of an older engine
		"cart: no room (seen in 3 log lines, 0 before; first " + clock(at) + ")",
	}
	if d := cmp.Diff(want, errorsSaid(r)); d != "" {
		t.Error(d)
	}
}
