package signal

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestAClaimAboutTimeIsWorthWhatItExplains has a front whose requests take longer,
// or fail, and a store that adds some milliseconds of its own to each.
func TestAClaimAboutTimeIsWorthWhatItExplains(t *testing.T) {
	for name, c := range map[string]struct {
		front, store float64 // milliseconds that each adds itself
		failing      bool
		least, most  float64 // what a claim about the store is worth
	}{
		"all of it":                             {0, 400, false, 0.9, 1},
		"half of it":                            {200, 200, false, 0.5, 0.65},
		"next to none of it":                    {580, 1, false, 0.1, 0.12},
		"requests fail and are as fast as ever": {0, 0.4, true, 0.3, 0.3},
		"nobody is slower and nobody fails":     {0, 0.4, false, 1, 1},
	} {
		e := &gathered.Evidence{Entities: casetest.Entities("front", "store"), Alerting: []string{"front"}}
		for i := range 40 {
			before := i < 20
			front, store := 10+float64(i%3), 5.0
			if !before {
				front, store = front+c.front, store+c.store
			}
			casetest.AddTrace(e, casetest.TraceID(i), before, casetest.Call{Service: "front", Op: "GET /", Ms: front + store, Failed: c.failing && !before, Calls: []casetest.Call{
				{Service: "store", Op: "Read", At: 1, Ms: store}}})
		}
		v := view.New(e)
		if got := asked(v).explains(v, 20*c.store); got < c.least || got > c.most {
			t.Errorf("%s: got %.2f, want %.2f to %.2f", name, got, c.least, c.most)
		}
	}
}

// TestAFewLinesAreWorthTheMinutesThatTheyTouch writes three lines of one minute in
// an incident of ten, and a line of every minute.
func TestAFewLinesAreWorthTheMinutesThatTheyTouch(t *testing.T) {
	e := &gathered.Evidence{Entities: casetest.Entities("front", "store")}
	line := func(service string, second int, body string) {
		at := casetest.Onset0.Add(time.Duration(second) * time.Second)
		e.Logs = append(e.Logs, gathered.Line{LogLine: evidence.LogLine{Time: at, Service: service, Severity: evidence.SeverityError, Body: body}, Template: body, Baseline: second < 0})
	}
	for m := range 20 {
		line("front", 60*(m-10), "served")
	}
	for s := range 3 {
		line("front", s, "restarted")
	}
	for m := range 10 {
		line("store", 60*m+1, "disk full")
	}
	v := view.New(e)
	for template, want := range map[string]float64{"restarted": 0.2, "disk full": 1} {
		for i := range v.Logs.Templates {
			if v.Logs.Templates[i].Template == template {
				if got := touched(v, i); got != want {
					t.Errorf("%s: got %.2f, want %.2f", template, got, want)
				}
			}
		}
	}
}
