package page

import (
	"maps"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestWhatLiesInTheOnsetIsNeitherBeforeNorAfterIt: an event and the change may not
// be put on the wrong sides of an instant that nobody measured.
func TestWhatLiesInTheOnsetIsNeitherBeforeNorAfterIt(t *testing.T) {
	r := reportOf()
	r.Onset.Earliest, r.Onset.Latest = onset().Add(-5*time.Second), onset().Add(2*time.Second)
	for _, c := range []struct {
		after        time.Duration
		event, other string
	}{
		{-6 * time.Second, "−6" + nbsp + "s", "6" + nbsp + "s before onset"},
		{-5 * time.Second, "at onset", "as it began"}, {-400 * time.Millisecond, "at onset", "as it began"}, {0, "at onset", "at onset"},
		{2 * time.Second, "at onset", "as it began"}, {3 * time.Second, "+3" + nbsp + "s", "3" + nbsp + "s after onset"},
	} {
		r.Timeline = []report.TimelineEvent{{Time: onset().Add(c.after), Lane: "traces"}}
		if got := built(r).Timeline.Rows[0].Delta; got != c.event {
			t.Errorf("%v: the timeline says %q, want %q", c.after, got, c.event)
		}
		b := builder{rep: r}
		if got := b.beforeOnset(-c.after); got != c.other {
			t.Errorf("%v: a change came %q, want %q", c.after, got, c.other)
		}
	}
}

func TestACountOfErrorsSaysOfWhatItIs(t *testing.T) {
	traced := []evidence.Ref{{Kind: evidence.RefLog, TraceID: "7c1e"}}
	for want, f := range map[string]report.Failure{
		"in 4" + nbsp + "requests read":                                   {Seen: 4, Refs: traced},
		"in 1" + nbsp + "request read":                                    {Seen: 1, Refs: traced},
		"in 4" + nbsp + "log lines":                                       {Seen: 4, Lines: 4},
		"in 3" + nbsp + "requests read and 1" + nbsp + "further log line": {Seen: 4, Lines: 1, Refs: traced},
		"4" + nbsp + "times":                                              {Seen: 4}, // of an older engine
	} {
		if got := seenIn(f); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestACountBehindAFindingSaysOfWhatItIs(t *testing.T) {
	for want, term := range map[string]report.Term{
		"19 of 28 spans read are of the incident": {Seen: 19, Total: 28, Counts: "spans read are of the incident"},
		"": {Seen: 19, Total: 28}, // of an older engine
	} {
		b := builder{rep: reportOf()}
		if got := b.card(term).Seen; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestOnlyWhatHeldBeforeTellsWhetherItIsFixed: a promise that was broken before the
// incident cannot be waited for, and one that is kept while the incident goes on says
// nothing.
func TestOnlyWhatHeldBeforeTellsWhetherItIsFixed(t *testing.T) {
	v := 1.5
	promised := func(name, result, before string) report.ConditionResult {
		r := report.ConditionResult{Condition: evidence.Condition{Text: name}, Result: result, Value: &v, Before: before}
		if before != "" {
			r.Usual = &v
		}
		return r
	}
	r := reportOf()
	r.Actions = []report.Action{{Kind: "rollback", Title: "Roll back", Source: "DEC-1"}}
	unknown := promised("not measured", "unknown", "")
	unknown.Value = nil
	r.Decisions = []report.DecisionView{{Decision: evidence.Decision{ID: "DEC-1"}, Conditions: []report.ConditionResult{
		promised("broken before", "broken", "broken"), promised("held before", "broken", "kept"), promised("nobody knows", "broken", ""), unknown,
		promised("holds", "kept", "kept"), promised("holds now", "kept", "broken")}}}
	got := map[string]string{}
	for _, g := range built(r).Do.Checks {
		for _, row := range g.Rows {
			got[g.Head] += row.Text + row.Usual + ";"
		}
	}
	want := map[string]string{"Fixed when these hold:": "held before1.5;nobody knows;", "Broken before the incident too; fixed is back at the usual:": "broken before1.5;"}
	if !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWhyAChangeIsNotSuspectedIsLeftOutWhereItOnlyCameLate(t *testing.T) {
	for _, c := range []struct {
		change report.ChangeView
		want   string
	}{
		{report.ChangeView{Why: "whatever a late one is said to be", Late: true}, ""},
		{report.ChangeView{Why: "it came from another team"}, ": it came from another team"},
		{report.ChangeView{}, ""},
	} {
		if got := lookedWhy(c.change); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.change, got, c.want)
		}
	}
}

func TestWhyThereIsNoCodeIsToldByTheFindingsID(t *testing.T) {
	const none = "no span, stack trace or log line of the suspects named one."
	for id, want := range map[string]string{"gap/code-location": "said", "gap/revision": "said", "coverage/code": "said", "gap/codec": none, "gap/health": none} {
		b := builder{rep: reportOf()}
		b.rep.Gaps, b.rep.NotChecked = []report.Finding{{ID: id, Text: "said"}}, nil
		if got := b.whyNoCode(); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
}
