package page

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestADeadSourceIsToldOnce(t *testing.T) {
	const reason = `unavailable: connection error: desc = "transport: Error while dialing"`
	r := reportOf()
	r.Timeline = []report.TimelineEvent{{Time: onset(), Lane: "logs", Text: "x"}}
	r.Coverage = []evidence.Coverage{
		{Source: "traces", Status: evidence.CoverageFailed, Detail: reason}, {Source: "traces", Status: evidence.CoverageFailed, Detail: reason},
		{Source: "logs", Status: evidence.CoverageFailed, Detail: "timeout"}, {Source: "logs", Status: evidence.CoverageAnswered},
	}
	p := built(r)
	if !strings.HasPrefix(p.Silent.Text, "Traces could not be read") || strings.Count(p.Silent.Text, reason) != 1 || strings.Contains(p.Silent.Text, "timeout") {
		t.Errorf("got banner %q", p.Silent.Text)
	}
	for name, s := range map[string]State{"trace": p.Trace.State, "why": p.Why.State, "timeline": p.Timeline.State, "impact": p.Impact.State} {
		if strings.Contains(s.Text, "dialing") || strings.Contains(s.Text, "timeout") {
			t.Errorf("the card %s repeats the reason: %q", name, s.Text)
		}
	}
	if got := p.Trace.State; got.Kind != StateFailed || got.Text != "Not known: traces could not be read." {
		t.Errorf("got %+v", got)
	}
	if got := p.Timeline.State; got.Kind != StatePartial || !strings.Contains(got.Text, "logs: not every question") {
		t.Errorf("got %+v", got)
	}
	r.Coverage = r.Coverage[3:]
	if got := built(r).Silent; got.Kind != "" {
		t.Errorf("all answered: got %+v", got)
	}
}

func TestRepeatedCallsAreOneRow(t *testing.T) {
	all := spans("root", "", "other", "root", "a", "root", "b", "root", "c", "root", "d", "root", "below", "d", "f", "root", "g", "root")
	for i := range all {
		if id := all[i].SpanID; strings.Contains("abcdfg", id) {
			all[i].Operation = "query"
		}
	}
	r := reportOf()
	r.Trace = &report.TraceView{Trace: evidence.Trace{ID: "t", Spans: all}, CriticalPath: []string{"g"}, Logs: []evidence.LogLine{{SpanID: "b", Body: "slow"}}}
	var got []string
	for _, row := range built(r).Trace.Rows {
		s := row.Operation + row.Times
		if row.Times != "" {
			s += " " + row.Took
		}
		got = append(got, s)
	}
	// d has a call of its own and stands for itself.
	if want := "root, other, query×5 5\u00a0s, query, below"; strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %q", strings.Join(got, ", "), want)
	}
	for _, row := range built(r).Trace.Rows {
		if row.Times != "" && (!row.Critical || len(row.Logs) != 1) {
			t.Errorf("the row of all loses what one of them has: %+v", row)
		}
	}
	all[4].Failed = true // one of five fails: the others are four
	var times []string
	for _, row := range built(r).Trace.Rows {
		times = append(times, row.Times)
	}
	if strings.Join(times, "|") != "||×4|||" {
		t.Errorf("got %q", times)
	}
}
