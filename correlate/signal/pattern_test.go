package signal

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestRunsWhoseLinesWereNotAskedForTakeNoOtherWay has runs that lack the line they
// used to write, before and after the end of the time that was asked about: a trace
// comes whole, and lines of the time only.
func TestRunsWhoseLinesWereNotAskedForTakeNoOtherWay(t *testing.T) {
	run := casetest.Onset0.Add(time.Minute) // of the incident
	for name, c := range map[string]struct {
		end  time.Time
		want bool
	}{
		"they ended in that time":       {run.Add(time.Minute), true},
		"they ended after it":           {run.Add(50 * time.Millisecond), false},
		"nobody says what it was about": {time.Time{}, true},
	} {
		e := &gathered.Evidence{Entities: casetest.Entities("shop"), Alerting: []string{"shop"}, Survey: evidence.Window{Start: run.Add(-time.Hour), End: c.end}}
		for i := range 40 {
			k := casetest.Call{Service: "shop", Op: "GET /", Ms: 100}
			if i < 20 {
				k.Logs = []string{"counted the stock"}
			}
			casetest.AddTrace(e, casetest.TraceID(i), i < 20, k)
		}
		e.Logs = append(e.Logs, gathered.Line{LogLine: evidence.LogLine{Time: run, Service: "shop", Body: "here"}, Template: "here"})
		if got := len(behaviourPattern(view.New(e))) > 0; got != c.want {
			t.Errorf("%s: got a finding %v, want %v", name, got, c.want)
		}
	}
}

// TestAWayThatSaysNothingEarnsNothing: one request alone on another way is chance, and
// who finds that nobody waits for its answer takes none of its own.
func TestAWayThatSaysNothingEarnsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		requests int
		line     string
		failed   string // what the span says of its failure
		want     bool
	}{
		"many requests":                      {requests: 12, line: "no stock left", want: true},
		"one request":                        {requests: 1, line: "no stock left"},
		"nobody waits, by its line":          {requests: 12, line: "nobody waits for the answer: context canceled"},
		"nobody waits, by its span":          {requests: 12, line: "gave the rows back", failed: "context canceled"},
		"it gave up waiting for another one": {requests: 12, line: "gave up on rates: deadline exceeded", want: true},
	} {
		e := &gathered.Evidence{Entities: casetest.Entities("shop"), Alerting: []string{"shop"}}
		for i := range 40 {
			k := casetest.Call{Service: "shop", Op: "GET /", Ms: 100, Kind: evidence.SpanServer, Logs: []string{"counted the stock"}}
			if bad := i >= 40-c.requests; bad {
				k.Logs, k.Failed, k.Text = []string{c.line}, c.failed != "", c.failed
			}
			casetest.AddTrace(e, casetest.TraceID(i), i < 20, k)
		}
		if got := len(behaviourPattern(view.New(e))) > 0; got != c.want {
			t.Errorf("%s: got a finding %v, want %v", name, got, c.want)
		}
	}
}
