package runtimelog

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

const id = "123e4567-e89b-42d3-a456-42661417400"

func line(service string, n int, event string, ts int64) evidence.LogLine {
	return evidence.LogLine{Service: service, Message: event, Attributes: map[string]string{
		"event": event, "decision.id": fmt.Sprintf("%s%d", id, n), "context_hash": strings.Repeat("a", 64), "confidence_score": "0.9", "ts_ms": strconv.FormatInt(ts, 10)}}
}

func TestScoresPerService(t *testing.T) {
	lines := []evidence.LogLine{
		line("good", 1, "policy_changed", 1700000000000), line("good", 1, "decision_executed", 1700000000400),
		line("good", 2, "policy_changed", 1700000001000), line("good", 2, "decision_executed", 1700000001100),
		line("slow", 3, "policy_changed", 1700000000000), line("slow", 3, "decision_executed", 1700000000900),
		{Service: "bad", Attributes: map[string]string{"decision_id": "not-a-uuid", "confidence_score": "1.5"}},
		line("silent", 4, "policy_changed", 1700000000000),
		{Service: "other", Body: `{"msg":"hello"}`}, {Service: "other", Body: "{broken"},
	}
	ms := func(n int) *time.Duration { d := time.Duration(n) * time.Millisecond; return &d }
	want := []Score{
		{Service: "bad", Decisions: 1, Due: 4, Missed: []string{"completeness", "context_hash"}},
		{Service: "good", Decisions: 2, Fields: 8, Due: 8, Hashes: 2, Executed: 2, Complete: 1, Hashed: 1, Latency: ms(400)},
		{Service: "silent", Decisions: 1, Fields: 4, Due: 4, Hashes: 1, Complete: 1, Hashed: 1},
		{Service: "slow", Decisions: 1, Fields: 4, Due: 4, Hashes: 1, Executed: 1, Complete: 1, Hashed: 1, Latency: ms(900), Missed: []string{"latency"}},
	}
	if d := cmp.Diff(want, Read(lines, DefaultThresholds())); d != "" {
		t.Errorf("want (-) got (+):\n%s", d)
	}
}

// TestADecisionInsideOfAGroupCounts has the fields as handlers nest them.
func TestADecisionInsideOfAGroupCounts(t *testing.T) {
	for name, prefix := range map[string]string{"slog's": "app.inner.", "Loki's": "app_"} {
		l := evidence.LogLine{Service: "shop", Attributes: map[string]string{}}
		for key, v := range line("shop", 1, "decision_made", 1700000000000).Attributes {
			l.Attributes[prefix+strings.ReplaceAll(key, ".", "_")] = v
		}
		if got := Read([]evidence.LogLine{l}, DefaultThresholds()); len(got) != 1 || got[0].Fields != 4 {
			t.Errorf("%s: got %+v, want all four fields", name, got)
		}
	}
	text := evidence.LogLine{Service: "shop", Body: "level=INFO msg=decided app.decision_id=" + id + "1 app.ts_ms=1700000000000"}
	if got := Read([]evidence.LogLine{text}, DefaultThresholds()); len(got) != 1 || got[0].Fields != 2 {
		t.Errorf("got %+v, want the two fields of the line", got)
	}
	other := evidence.LogLine{Service: "shop", Attributes: map[string]string{"last_decision_id": id + "1"}}
	if got := Read([]evidence.LogLine{other}, DefaultThresholds()); len(got) != 0 {
		t.Errorf("got %+v, want a label that only ends like a field to count for none", got)
	}
}

// The reader of lines takes the fields of a line that holds nothing else; those
// in a sentence are read here.
func TestFieldsStandInASentenceToo(t *testing.T) {
	for body, want := range map[string]string{
		`scaled out decision_id=` + id + `7 ts_ms=1700000000000`:  id + "7",
		`INFO policy: changed decision_id="` + id + `8" event=x`:  id + "8",
		`nothing decided, decision_id is told later`:              "",
		`the label prefix_decision_id=` + id + `9 is another one`: "",
	} {
		if fields, _ := fieldsOf(evidence.LogLine{Body: body}); fields["decision_id"] != want {
			t.Errorf("%s: got %q, want %q", body, fields["decision_id"], want)
		}
	}
}

// TestSecondsAreNoMilliseconds, and neither is what is no whole number of them.
func TestSecondsAreNoMilliseconds(t *testing.T) {
	for value, want := range map[string]bool{
		"1718433137000": true, "1718433137": false, "1718433137.5": false, "1718433137000.5": false, "1718433137000000": false, "-1718433137000": false, "0": false, "NaN": false, "soon": false, "": false,
	} {
		if got := wellFormed("ts_ms", value); got != want {
			t.Errorf("%q: got %v", value, got)
		}
	}
}
