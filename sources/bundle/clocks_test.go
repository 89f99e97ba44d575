package bundle_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// TestWhatIsHiddenGoesByWhenItHappened has three requests from one service to
// another, one of them after what is visible, in which the callee's clock is right,
// ahead and behind, with a line of the callee's in each: what happened in time is there
// whatever its clock says, what happened later is not. Where nobody tells of clocks,
// the time that stands there counts.
func TestWhatIsHiddenGoesByWhenItHappened(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	members := func(off time.Duration) map[string]string {
		batch := func(kind, inner, service string, records []string) string {
			return fmt.Sprintf(`{"resource%s":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":%q}}]},"scope%[1]s":[{%[3]q:[%s]}]}]}`+"\n", kind, service, inner, strings.Join(records, ","))
		}
		var front, stock, lines []string
		for i := range 3 {
			at := start.Add(time.Duration(i) * time.Minute)
			span := func(id int, parent, name string, at time.Time) string {
				return fmt.Sprintf(`{"traceId":"%032x","spanId":"%016x",%s"name":%q,"startTimeUnixNano":"%d","endTimeUnixNano":"%d"}`, i+1, id, parent, name, at.UnixNano(), at.Add(10*time.Millisecond).UnixNano())
			}
			front = append(front, span(1, "", "GET /", at))
			stock = append(stock, span(2, `"parentSpanId":"0000000000000001",`, "Reserve", at.Add(off)))
			lines = append(lines, fmt.Sprintf(`{"timeUnixNano":"%d","body":{"stringValue":"reserved %d"}}`, at.Add(off).UnixNano(), i))
		}
		return map[string]string{
			"spans.jsonl": batch("Spans", "spans", "front", front) + batch("Spans", "spans", "stock", stock),
			"logs.jsonl":  batch("Logs", "logRecords", "stock", lines),
		}
	}
	told := func(ahead time.Duration) func([]evidence.Trace) map[string]time.Duration {
		return func(list []evidence.Trace) map[string]time.Duration {
			if len(list) == 0 {
				t.Error("clocks are to be told from no trace")
			}
			return map[string]time.Duration{"stock": ahead}
		}
	}
	for name, c := range map[string]struct {
		off                 time.Duration
		clocks              func([]evidence.Trace) map[string]time.Duration
		front, stock, lines int
	}{
		"right":                        {0, told(0), 2, 2, 2},
		"ahead":                        {7 * time.Minute, told(7 * time.Minute), 2, 2, 2},
		"ahead, and nobody tells":      {7 * time.Minute, nil, 2, 0, 0},
		"ahead, and calls do not tell": {7 * time.Minute, func([]evidence.Trace) map[string]time.Duration { return nil }, 2, 0, 0},
		"a little behind":              {-90 * time.Second, told(-90 * time.Second), 2, 2, 3},
		"behind, and nobody tells":     {-90 * time.Second, nil, 2, 3, 3},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t, folder(t, members(c.off)))
			b.Until(start.Add(90 * time.Second))
			if c.clocks != nil {
				b.Clocks(c.clocks)
			}
			b.ReadAhead()
			count := map[string]int{}
			for i := range 3 {
				tr, err := b.Trace(context.Background(), fmt.Sprintf("%032x", i+1))
				if err != nil {
					continue // all of it is hidden
				}
				for _, s := range tr.Spans {
					count[s.Service]++
				}
			}
			lines, _, err := b.Logs(context.Background(), evidence.LogQuery{Services: []string{"stock"}, Window: evidence.Window{Start: start.Add(-time.Hour), End: start.Add(time.Hour)}, Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			if count["front"] != c.front || count["stock"] != c.stock || len(lines) != c.lines {
				t.Errorf("got %d spans of front, %d of stock and %d lines, want %d, %d and %d", count["front"], count["stock"], len(lines), c.front, c.stock, c.lines)
			}
			if list, of := b.Lost(bundle.SourceTraces); len(list) > 0 || of != c.front+c.stock {
				t.Errorf("got %v lost of %d: what is hidden is no loss", list, of)
			}
		})
	}
}
