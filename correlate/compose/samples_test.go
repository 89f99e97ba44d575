package compose

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestTheTracesOfAnErrorAreThoseOfTheFirstCausesFindings has six requests with one
// error, the first of which began before the onset.
func TestTheTracesOfAnErrorAreThoseOfTheFirstCausesFindings(t *testing.T) {
	id := casetest.TraceID
	finding := func(points int, ids ...int) report.Term {
		term := report.Term{ID: "error/innermost", Points: points}
		for _, n := range ids {
			term.Refs = append(term.Refs, evidence.Ref{Kind: evidence.RefSpan, TraceID: id(n)})
		}
		return term
	}
	borrowed := finding(900, 6)
	borrowed.Borrowed = true
	for name, c := range map[string]struct {
		terms []report.Term
		drawn int
		lines []int // of these requests there is a line too
		want  string
	}{
		"nothing refers to any":       {want: "2 3 4"},
		"a finding's":                 {terms: []report.Term{finding(500, 5)}, want: "5 2 3"},
		"the strongest finding's":     {terms: []report.Term{finding(300, 3), finding(900, 6)}, want: "6 3 2"},
		"what counts against":         {terms: []report.Term{finding(-300, 6)}, want: "2 3 4"},
		"what is a caller's":          {terms: []report.Term{borrowed}, want: "2 3 4"},
		"none from before the onset":  {terms: []report.Term{finding(900, 1), finding(300, 4)}, want: "4 1 2"},
		"the trace that is drawn":     {drawn: 4, want: "4 2 3"},
		"a finding's before it":       {terms: []report.Term{finding(500, 5)}, drawn: 4, want: "5 4 2"},
		"the line of the same trace":  {terms: []report.Term{finding(500, 5)}, lines: []int{2, 5, 6}, want: "5 2 3 line of 5"},
		"the first line, of no other": {lines: []int{6, 4}, want: "2 3 4 line of 6"},
	} {
		t.Run(name, func(t *testing.T) {
			e := &gathered.Evidence{Service: "till", Onset: report.Onset{At: casetest.Onset0, Earliest: casetest.Onset0}}
			for n := 1; n <= 6; n++ {
				casetest.AddTrace(e, id(n), false, casetest.Call{Service: "till", Op: "POST /pay", Kind: evidence.SpanServer, Ms: 9, Failed: true, Text: "nothing left"})
			}
			e.Traces[0].Spans[0].Start = casetest.Onset0.Add(-time.Second)
			for _, n := range c.lines {
				e.Logs = append(e.Logs, gathered.Line{LogLine: evidence.LogLine{Service: "till", TraceID: id(n), Time: casetest.Onset0.Add(time.Minute), Severity: evidence.SeverityError, Message: "nothing left"}})
			}
			var drawn *report.TraceView
			if c.drawn > 0 {
				drawn = &report.TraceView{Trace: evidence.Trace{ID: id(c.drawn)}}
			}
			shown, _ := failures(e, []report.Cause{casetest.CauseWith("till", c.terms...)}, drawn, nil)
			if len(shown) != 1 || shown[0].Seen != 6 {
				t.Fatalf("got %+v, want one error of six requests", shown)
			}
			var got []string
			for _, r := range shown[0].Refs {
				for n := 1; n <= 6; n++ {
					if r.TraceID == id(n) {
						got = append(got, map[bool]string{true: "line of "}[r.Kind == evidence.RefLog]+fmt.Sprint(n))
					}
				}
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got %s, want %s", s, c.want)
			}
		})
	}
}
