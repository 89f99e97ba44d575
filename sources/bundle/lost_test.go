package bundle_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// TestABadRecordCostsItself puts one bad record beside a good one of each kind:
// the good one is read, the bad one counted with what is wrong with it.
func TestABadRecordCostsItself(t *testing.T) {
	span := func(fields string) string {
		return `{"traceId":"0102030405060708090a0b0c0d0e0f10",` + fields + `}`
	}
	spans := func(list ...string) string {
		return `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"a"}}]},"scopeSpans":[{"spans":[` + strings.Join(list, ",") + `]}]}]}` + "\n"
	}
	logs := func(list ...string) string {
		return `{"resourceLogs":[{"scopeLogs":[{"logRecords":[` + strings.Join(list, ",") + `]}]}]}` + "\n"
	}
	good := span(`"spanId":"0102030405060708","startTimeUnixNano":"1000","endTimeUnixNano":"2000"`)
	const line = `{"timeUnixNano":"1000","body":{"stringValue":"x"}}`
	const edge, change, sha = `{"caller":"a","callee":"b","calls":1}` + "\n", `{"specversion":"1.0","id":"1","source":"s","type":"dev.wherefore.deploy.v1","time":"2026-03-01T12:00:00Z","data":{"service":"a"}}` + "\n", "0123456789012345678901234567890123456789"
	long := strings.Repeat("x", 65<<20)
	for name, tc := range map[string]struct{ member, body, source, say string }{
		"span, ended before":       {"spans.jsonl", spans(good, span(`"spanId":"0202030405060708","startTimeUnixNano":"9","endTimeUnixNano":"2"`)), bundle.SourceTraces, "1 span ended before it began"},
		"spans, ended before":      {"spans.jsonl", spans(good, span(`"spanId":"0202030405060708","startTimeUnixNano":"9","endTimeUnixNano":"2"`), span(`"spanId":"0302030405060708","startTimeUnixNano":"9","endTimeUnixNano":"3"`)), bundle.SourceTraces, "2 spans ended before they began"},
		"span, last possible end":  {"spans.jsonl", spans(good, span(`"spanId":"0202030405060708","startTimeUnixNano":"9","endTimeUnixNano":"18446744073709551615"`)), bundle.SourceTraces, "1 span has no start or end time"},
		"span, end in 2262":        {"spans.jsonl", spans(good, span(`"spanId":"0202030405060708","startTimeUnixNano":"9","endTimeUnixNano":"9223372036854775807"`)), bundle.SourceTraces, "1 span has no start or end time"},
		"span, end of 20 digits":   {"spans.jsonl", spans(good, span(`"spanId":"0202030405060708","startTimeUnixNano":"9","endTimeUnixNano":"99999999999999999999"`)), bundle.SourceTraces, "1 record does not fit its type"},
		"span, start below zero":   {"spans.jsonl", spans(good, span(`"spanId":"0202030405060708","startTimeUnixNano":"-9","endTimeUnixNano":"9"`)), bundle.SourceTraces, "1 record does not fit its type"},
		"span, short ID":           {"spans.jsonl", spans(good, span(`"spanId":"02","startTimeUnixNano":"9","endTimeUnixNano":"9"`)), bundle.SourceTraces, "1 record does not fit its type"},
		"span, no times":           {"spans.jsonl", spans(good, span(`"spanId":"0202030405060708"`)), bundle.SourceTraces, "1 span has no start or end time"},
		"span, no ID":              {"spans.jsonl", spans(good, `{"name":"x"}`), bundle.SourceTraces, "1 span has no trace ID or no span ID"},
		"span, another's ID":       {"spans.jsonl", spans(good, span(`"spanId":"0102030405060708","startTimeUnixNano":"1500","endTimeUnixNano":"1600"`)), bundle.SourceTraces, "1 span bears the ID of another one"},
		"span, sent again":         {"spans.jsonl", spans(good, good), bundle.SourceTraces, ""},
		"spans, garbage":           {"spans.jsonl", "garbage {\n" + spans(good), bundle.SourceTraces, "1 line cannot be read"},
		"spans, cut off":           {"spans.jsonl", spans(good) + spans(good)[:90], bundle.SourceTraces, "1 line cannot be read"},
		"spans, a long line":       {"spans.jsonl", long + "\n" + spans(good), bundle.SourceTraces, "1 line is too long"},
		"log, no time":             {"logs.jsonl", logs(line, `{"body":{"stringValue":"x"}}`), bundle.SourceLogs, "1 log record has neither a time nor an observed time"},
		"log, a time of words":     {"logs.jsonl", logs(line, `{"timeUnixNano":"noon"}`), bundle.SourceLogs, "1 record does not fit its type"},
		"log, a long line":         {"logs.jsonl", logs(`{"timeUnixNano":"1000","body":{"stringValue":"`+long+`"}}`) + logs(line), bundle.SourceLogs, "1 line is too long"},
		"log, bad UTF-8":           {"logs.jsonl", logs(line, `{"timeUnixNano":"1000","body":{"stringValue":"`+"\xff"+`"}}`), bundle.SourceLogs, ""},
		"metrics, no end":          {"metrics.om", "up 1 1\n", bundle.SourceMetrics, "1 end is missing"},
		"metrics, no time":         {"metrics.om", "up 1 1\nup 1\n# EOF\n", bundle.SourceMetrics, "1 sample has no timestamp"},
		"metrics, not a number":    {"metrics.om", "up 1 1\nup NaN 2\nup +Inf 3\n# EOF\n", bundle.SourceMetrics, "2 samples are not numbers"},
		"metrics, an idle summary": {"metrics.om", "up 1 1\nrpc{quantile=\"0.5\"} NaN 2\n# EOF\n", bundle.SourceMetrics, ""},
		"metrics, garbage":         {"metrics.om", "up 1 1\nup{a=\"} 1 2\nup 1 3\n# EOF\n", bundle.SourceMetrics, "1 line cannot be read"},
		"edge":                     {"graph.jsonl", edge + `{"caller":"a"}` + "\n", bundle.SourceGraph, "1 line cannot be read"},
		"rule":                     {"rules.json", `{"groups":[{"rules":[{"alert":"A","for":"soon"},{"alert":"B"}]}]}`, bundle.SourceRules, "1 rule has a time that cannot be read"},
		"change":                   {"changes.jsonl", "{}\n" + change, bundle.SourceChanges, "1 line cannot be read"},
		"change, twice":            {"changes.jsonl", change + change, bundle.SourceChanges, "1 record has the ID of an earlier one"},
		"commit":                   {"commits.jsonl", `{"sha":"abc"}` + "\n" + `{"sha":"` + sha + `"}` + "\n", bundle.SourceCode, "1 line cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t, folder(t, map[string]string{tc.member: tc.body}))
			if err := b.Check(); err != nil {
				t.Fatalf("got %v, want the bundle read", err)
			}
			list, of := b.Lost(tc.source)
			said, lost := evidence.DescribeLosses(list)
			if said != tc.say || of-lost < 1 {
				t.Errorf("got %q of %d, want %q and what is good", said, of, tc.say)
			}
		})
	}
}

// TestNothingButBadRecordsIsNotABrokenBundle holds spans that cannot be used and
// nothing else: the source is empty and says why.
func TestNothingButBadRecordsIsNotABrokenBundle(t *testing.T) {
	b := open(t, folder(t, map[string]string{"spans.jsonl": `{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"x"}]}]}]}`}))
	if names, err := b.Services(context.Background()); err != nil || len(names) > 0 {
		t.Errorf("got %v, %v, want no service and no error", names, err)
	}
	if list, of := b.Lost(bundle.SourceTraces); of != 1 || len(list) != 1 {
		t.Errorf("got %v of %d, want the one span", list, of)
	}
}

// TestWhatWasSaidOfAClockHasARowOfItsOwn reads bundles of before and after the row:
// whose clock dated how many answers is counted, and so is what was left out.
func TestWhatWasSaidOfAClockHasARowOfItsOwn(t *testing.T) {
	for name, c := range map[string]struct {
		detail       string
		lost         int
		left, dated  int
		words, clock string
	}{
		"values":           {"3 samples are not numbers", 3, 3, 0, "3 samples are not numbers", ""},
		"a clock":          {"7 answers are of a server whose clock is 10m ahead of ours", 7, 0, 7, "", "7 answers are of a server whose clock is 10m ahead of ours"},
		"a clock, then":    {"7 answers are of a server whose clock is 10m ahead of ours, 3 samples are not numbers", 10, 3, 7, "3 samples are not numbers", "7 answers are of a server whose clock is 10m ahead of ours"},
		"values, then":     {"9 samples are not numbers, 1 answer is of a server whose clock is 5m behind ours", 10, 9, 1, "9 samples are not numbers", "1 answer is of a server whose clock is 5m behind ours"},
		"two clocks":       {"2 answers are of a server whose clock is 5m behind ours, 1 answer is of a server whose clock is 1h0m behind ours", 3, 0, 3, "", "2 answers are of a server whose clock is 5m behind ours, 1 answer is of a server whose clock is 1h0m behind ours"},
		"more than can be": {"70 answers are of a server whose clock is 10m ahead of ours", 7, 7, 0, "70 answers are of a server whose clock is 10m ahead of ours", ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t, folder(t, map[string]string{"metrics.om": "up 1 1\n# EOF\n", "coverage.json": fmt.Sprintf(`[{"source":"metrics","key":"unusable-records","query":"records that cannot be used","status":"truncated","detail":%q,"lost":%d}]`, c.detail, c.lost)}))
			left, _ := b.Recorded(bundle.SourceMetrics, string(evidence.TopicUnusable))
			dated, _ := b.Recorded(bundle.SourceMetrics, string(evidence.TopicServerClock))
			if left.Lost != c.left || left.Detail != c.words {
				t.Errorf("left out: got %d, %q, want %d, %q", left.Lost, left.Detail, c.left, c.words)
			}
			if dated.Lost != c.dated || dated.Detail != c.clock {
				t.Errorf("dated: got %d, %q, want %d, %q", dated.Lost, dated.Detail, c.dated, c.clock)
			}
		})
	}
}
