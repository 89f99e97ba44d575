package compose

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// said is a failure as a line: who, what, how often, where, of which calls.
func said(fs []report.Failure) []string {
	var out []string
	for _, f := range fs {
		s := fmt.Sprintf("%s: %s%s ×%d", f.Service, map[bool]string{true: f.Type + ": "}[f.Type != ""], f.Message, f.Seen)
		if f.Status != "" {
			s += " " + f.Status
		}
		if f.Place != nil {
			s += fmt.Sprintf(" at %s:%d", f.Place.Path, f.Place.Line)
		}
		for _, e := range f.Endpoints {
			s += " in " + e
		}
		out = append(out, s)
	}
	return out
}

func TestErrorsAreCountedOverTheWholeTime(t *testing.T) {
	w := evidence.Window{Start: casetest.Onset0, End: casetest.Onset0.Add(48 * time.Minute)}
	at := func(m int) time.Time { return w.Start.Add(time.Duration(m) * time.Minute) }
	got := overTime(w, []time.Time{at(-1), at(0), at(1), at(1), at(48), at(60)})
	var counts []float64
	for _, i := range []int{0, 1, 2, 47} {
		counts = append(counts, got.Samples[i].Value)
	}
	if d := cmp.Diff([]float64{1, 2, 0, 1}, counts); d != "" || len(got.Samples) != 48 {
		t.Errorf("%d steps, (-want +got)\n%s", len(got.Samples), d)
	}
	if overTime(evidence.Window{}, nil) != nil {
		t.Error("a chart without a window")
	}
}

func TestErrorsAreSaidInTheProgramsWords(t *testing.T) {
	exception := evidence.SpanEvent{Name: "exception", Attributes: map[string]string{
		"exception.type": "shop.Sold", "exception.message": "nothing left of 4711\nand so on", "exception.stacktrace": "Traceback (most recent call last):\n  File \"/usr/lib/python3.12/site-packages/flask/app.py\", line 9, in run\n  File \"/srv/till/pay.py\", line 12, in pay\nshop.Sold: nothing left"}}
	fail := func(c *gathered.Evidence, id string, baseline bool, text string, change func(s *evidence.Span)) {
		casetest.AddTrace(c, id, baseline, casetest.Call{Service: "till", Op: "POST /pay", Kind: evidence.SpanServer, Ms: 9, Failed: true,
			Calls: []casetest.Call{{Service: "till", Op: "pay", Ms: 5, Failed: true, Text: text}}})
		tr := c.Traces[len(c.Traces)-1]
		tr.Spans[0].Attributes = map[string]string{"http.response.status_code": "500"}
		if change != nil {
			change(&tr.Spans[1])
		}
	}
	line := func(c *gathered.Evidence, service string, l evidence.LogLine) {
		l.Service, l.Time = service, casetest.Onset0
		c.Logs = append(c.Logs, gathered.Line{LogLine: l})
	}
	for _, c := range []struct {
		name  string
		build func(c *gathered.Evidence)
		want  []string
	}{
		{"an exception of many requests, numbers apart", func(c *gathered.Evidence) {
			for i := range 3 {
				fail(c, fmt.Sprint("t", i), false, "boom", func(s *evidence.Span) { s.Events = []evidence.SpanEvent{exception} })
			}
		}, []string{"till: shop.Sold: nothing left of 4711 ×3 500 at /srv/till/pay.py:12 in POST /pay"}},
		{"one error of many addresses, and a wrapper's type", func(c *gathered.Evidence) {
			for i := range 2 {
				fail(c, fmt.Sprint("t", i), false, "", func(s *evidence.Span) {
					s.Events = []evidence.SpanEvent{{Attributes: map[string]string{"exception.type": "*fmt.wrapError", "exception.message": fmt.Sprintf("Get \"http://rates/u%d\": refused", i)}}}
				})
			}
		}, []string{"till: Get \"http://rates/u0\": refused ×2 500 in POST /pay"}},
		{"a panic that was recovered", func(c *gathered.Evidence) {
			fail(c, "t", false, "panic: nil", func(s *evidence.Span) {
				s.Attributes = map[string]string{"exception.stacktrace": "goroutine 7 [running]:\nshop/web.(*Server).rescue()\n\t/src/web/server.go:8 +0x1\npanic({0x1, 0x2})\n\t/usr/local/go/src/runtime/panic.go:787 +0x1\nshop/till.pay()\n\t/src/till/pay.go:5 +0x1\n"}
			})
		}, []string{"till: panic: nil ×1 500 at /src/till/pay.go:5 in POST /pay"}},
		{"a status where no exception is recorded", func(c *gathered.Evidence) { fail(c, "t", false, "no route", nil) }, []string{"till: no route ×1 500 in POST /pay"}},
		{"what fails at all times", func(c *gathered.Evidence) {
			fail(c, "t", false, "no route", nil)
			fail(c, "u", true, "no route", nil)
		}, nil},
		{"one error in a line and in its span", func(c *gathered.Evidence) {
			fail(c, "t", false, "disk is full", nil)
			line(c, "till", evidence.LogLine{TraceID: "t", SpanID: "t-002", Severity: evidence.SeverityError, Message: "paying failed", Error: "disk is full"})
		}, []string{"till: paying failed: disk is full ×1 500 in POST /pay"}},
		{"the cause's callers speak for what is silent", func(c *gathered.Evidence) {
			c.Edges = casetest.EdgesOf("till>ledger", "front>till")
			line(c, "front", evidence.LogLine{Severity: evidence.SeverityError, Body: "till answered 500"})
			line(c, "till", evidence.LogLine{Severity: evidence.SeverityWarn, Message: "again", Error: "connection refused"})
			line(c, "mailer", evidence.LogLine{Severity: evidence.SeverityError, Body: "no mail"})
		}, []string{"till: again: connection refused ×1", "front: till answered 500 ×1"}},
		{"a warning without a reason, and information", func(c *gathered.Evidence) {
			line(c, "till", evidence.LogLine{Severity: evidence.SeverityWarn, Body: "slow"})
			line(c, "till", evidence.LogLine{Severity: evidence.SeverityInfo, Message: "done", Error: "none"})
		}, nil},
	} {
		e := &gathered.Evidence{Alerting: []string{"front"}, Service: "front"}
		cause := "till"
		c.build(e)
		if len(e.Edges) > 0 {
			cause = "ledger"
		}
		if d := cmp.Diff(c.want, said(shownOf(e, cause))); d != "" {
			t.Errorf("%s: (-want +got)\n%s", c.name, d)
		}
	}
}

func shownOf(e *gathered.Evidence, cause string) []report.Failure {
	shown, _ := failures(e, []report.Cause{casetest.CauseWith(cause)}, nil, nil)
	return shown
}

// TestErrorsAreCountedByWhatTheyMean counts more errors than are shown.
func TestErrorsAreCountedByWhatTheyMean(t *testing.T) {
	e := &gathered.Evidence{Alerting: []string{"till"}, Service: "till"}
	line := func(text string, times int) {
		for range times {
			e.Logs = append(e.Logs, gathered.Line{LogLine: evidence.LogLine{Service: "till", Time: casetest.Onset0, Severity: evidence.SeverityError, Message: text}})
		}
	}
	for _, text := range []string{"apples are out", "pears are out", "plums are out", "figs are out", "dates are out", "nuts are out"} {
		line(text, 2)
	}
	line("redis: nil", 3)
	line("context deadline exceeded", 4)
	line("429 Too Many Requests", 5)
	shown, counts := failures(e, []report.Cause{casetest.CauseWith("till")}, nil, nil)
	want := []report.ErrorCount{{Class: "fatal", Kinds: 7, Seen: 16, Unclassified: 12}, {Class: "recoverable", Kinds: 1, Seen: 3}, {Class: "noisy", Kinds: 1, Seen: 5}}
	if d := cmp.Diff(want, counts); d != "" || len(shown) != shownFailures {
		t.Errorf("%d shown (-want +got)\n%s", len(shown), d)
	}
	if got := classFacts(counts); len(got) != 1 || got[0] != "of 24 errors read, 16 fatal (12 of them by no rule), 3 recoverable, 5 noisy" {
		t.Errorf("got %q", got)
	}
	if got := classFacts(counts[:1]); got != nil {
		t.Errorf("one class is no news: %q", got)
	}
}
