package signal

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

func TestInputsAreNamedInTheWaysOfLogs(t *testing.T) {
	for text, want := range map[string][]string{
		"record 1003: field amount out of range":               {"record=1003"},
		"cannot decode message offset=88123":                   {"offset=88123"},
		"cannot settle order:ord-481516 (attempt 3)":           {"order=ord-481516"},
		"document 7f1c2a34-9d55-4b1e-8c3a-2f6f0a1b2c3d failed": {"document=7f1c2a34-9d55-4b1e-8c3a-2f6f0a1b2c3d"},
		"consumer_offset=990012 not committed":                 {"consumer_offset=990012"},
		"handled 12 requests in 1003 ms":                       nil,
		"E0506 03:11:00.7 7 record_flush.go:236] gave up":      nil,
		"2026/05/06 07:10:59 row_writer.go:177: short write":   nil,
		`file="/src/entity_store.go:159" not drawn`:            nil,
		"dial object-store:9000: broken pipe":                  nil,
		"dial task.internal:8125: broken pipe":                 nil,
		"scheduler: job=label-rollup-v3 ended badly":           nil,
		"[task pool-17-thread-214] weighing failed":            nil,
		"task ForkJoinPool-1-worker-113 failed":                nil,
		"job-queue=1017 is full":                               nil,
		`File "/srv/py311/order.py", line 118, in per_item`:    nil,
	} {
		var got []string
		for _, id := range inputIDs(text, &weights.Default().Signal.Poison) {
			got = append(got, id.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// TestOneBadInputIsToldApartFromOthers fails on one value under a key whose
// other values, in the normal lines, are what differs between the rows.
func TestOneBadInputIsToldApartFromOthers(t *testing.T) {
	const bad = "cannot settle order=48216811: amount has 3 decimals"
	for name, c := range map[string]struct {
		normal func(i int) string
		failed evidence.LogLine
		want   bool
	}{
		"others went well":           {func(i int) string { return fmt.Sprintf("settled order=%d", 48213000+i) }, evidence.LogLine{Body: bad}, true},
		"others went well, in words": {func(i int) string { return fmt.Sprintf("order %d: done", 48213000+i) }, evidence.LogLine{Body: bad}, true},
		"never another":              {func(int) string { return "settled" }, evidence.LogLine{Body: "cannot settle order=4821"}, false},
		"made by a machine":          {func(int) string { return "settled" }, evidence.LogLine{Body: bad}, true},
		"always the same":            {func(int) string { return "settled order=48216811" }, evidence.LogLine{Body: bad}, false},
		"in a field": {func(i int) string { return fmt.Sprintf("settled order=%d", 48213000+i) },
			evidence.LogLine{Body: "cannot settle", Attributes: map[string]string{"order": "48216811"}}, true},
		"in a stack": {func(i int) string { return fmt.Sprintf("settled record=%d", 48213000+i) },
			evidence.LogLine{Body: "cannot settle\n  at record=48216811"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			ev := &gathered.Evidence{Entities: casetest.Entities("settle")}
			for i := range 10 {
				casetest.AddLines(ev, "settle", true, 1, c.normal(i))
			}
			for i := range 6 {
				l := gathered.Line{LogLine: c.failed, Template: "cannot settle"}
				l.Service, l.Severity, l.Time = "settle", evidence.SeverityError, casetest.Onset0.Add(time.Duration(i)*time.Minute)
				ev.Logs = append(ev.Logs, l)
			}
			if got := len(dataPoison(view.New(ev))) > 0; got != c.want {
				t.Errorf("one bad input: got %v, want %v", got, c.want)
			}
		})
	}
}
