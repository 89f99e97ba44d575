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

// requests are the members of a bundle with three requests from one service to
// another, a minute apart from the start on, with a line of the callee's in each. The
// callee's clock is off, and lines have a name of their own for it.
type requests struct {
	off    time.Duration
	writer string // of lines
	front  int    // how many of the caller's spans were recorded
}

var firstRequest = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func (r requests) members() map[string]string {
	batch := func(kind, inner, service string, records []string) string {
		return fmt.Sprintf(`{"resource%s":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":%q}}]},"scope%[1]s":[{%[3]q:[%s]}]}]}`+"\n", kind, service, inner, strings.Join(records, ","))
	}
	var front, stock, lines []string
	for i := range 3 {
		at := firstRequest.Add(time.Duration(i) * time.Minute)
		span := func(id int, parent, name string, at time.Time) string {
			return fmt.Sprintf(`{"traceId":"%032x","spanId":"%016x",%s"name":%q,"startTimeUnixNano":"%d","endTimeUnixNano":"%d"}`, i+1, id, parent, name, at.UnixNano(), at.Add(10*time.Millisecond).UnixNano())
		}
		if i < r.front {
			front = append(front, span(1, "", "GET /", at))
		}
		stock = append(stock, span(2, `"parentSpanId":"0000000000000001",`, "Reserve", at.Add(r.off)))
		lines = append(lines, fmt.Sprintf(`{"timeUnixNano":"%d","body":{"stringValue":"reserved %d"}}`, at.Add(r.off).UnixNano(), i))
	}
	return map[string]string{
		"spans.jsonl": batch("Spans", "spans", "front", front) + batch("Spans", "spans", "stock", stock),
		"logs.jsonl":  batch("Logs", "logRecords", r.writer, lines),
	}
}

// visible counts the spans of both services and the lines that a bundle shows.
func visible(t *testing.T, b *bundle.Bundle, writer string) [3]int {
	t.Helper()
	var n [3]int
	for i := range 3 {
		tr, err := b.Trace(context.Background(), fmt.Sprintf("%032x", i+1))
		if err != nil {
			continue // all of it is hidden
		}
		for _, s := range tr.Spans {
			if n[0]++; s.Service == "stock" {
				n[0]--
				n[1]++
			}
		}
	}
	lines, _, err := b.Logs(context.Background(), evidence.LogQuery{Services: []string{writer}, Window: evidence.Window{Start: firstRequest.Add(-time.Hour), End: firstRequest.Add(time.Hour)}, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	n[2] = len(lines)
	return n
}

// told says that the clock of stock is ahead, where it is off.
func told(ahead time.Duration) bundle.Clocks {
	return func([]evidence.Trace) map[string]time.Duration {
		if ahead == 0 {
			return nil
		}
		return map[string]time.Duration{"stock": ahead}
	}
}

// TestWhatIsHiddenGoesByWhenItHappened has three requests, one of them after what is
// visible, in which the callee's clock is right, ahead and behind: what happened in time
// is there whatever its clock says, what happened later is not. Where nobody tells of
// clocks, the time that stands there counts.
func TestWhatIsHiddenGoesByWhenItHappened(t *testing.T) {
	const ahead, behind = 7 * time.Minute, -90 * time.Second
	for name, c := range map[string]struct {
		requests
		clocks bundle.Clocks
		want   [3]int // spans of front and of stock, lines
	}{
		"right":                                  {requests{0, "stock", 3}, told(0), [3]int{2, 2, 2}},
		"ahead":                                  {requests{ahead, "stock", 3}, told(ahead), [3]int{2, 2, 2}},
		"ahead, and nobody tells":                {requests{ahead, "stock", 3}, nil, [3]int{2, 0, 0}},
		"ahead, and calls do not tell":           {requests{ahead, "stock", 3}, told(0), [3]int{2, 0, 0}},
		"behind":                                 {requests{behind, "stock", 3}, told(behind), [3]int{2, 2, 2}},
		"behind, and nothing bears a later time": {requests{behind, "stock", 2}, told(behind), [3]int{2, 2, 2}},
		"behind, and nobody tells":               {requests{behind, "stock", 3}, nil, [3]int{2, 3, 3}},
		"ahead, lines with a namespace":          {requests{ahead, "till/stock", 3}, told(ahead), [3]int{2, 2, 2}},
		"behind, lines spell it otherwise":       {requests{behind, "Stock", 3}, told(behind), [3]int{2, 2, 2}},
		"behind, lines of another service":       {requests{behind, "front", 3}, told(behind), [3]int{2, 2, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t, folder(t, c.members()))
			b.Until(firstRequest.Add(90*time.Second), c.clocks)
			b.ReadAhead()
			got := visible(t, b, c.writer)
			if got != c.want {
				t.Errorf("got %v, want %v spans of front, of stock, and lines", got, c.want)
			}
			if list, of := b.Lost(bundle.SourceTraces); len(list) > 0 || of != got[0]+got[1] {
				t.Errorf("got %v lost of %d spans: what is hidden is no loss", list, of)
			}
			if list, of := b.Lost(bundle.SourceLogs); len(list) > 0 || of != got[2] {
				t.Errorf("got %v lost of %d lines: what is hidden is no loss", list, of)
			}
		})
	}
}

// TestLateRecordsShareTheLimit has limits that hold what is in time by the clocks as
// they are, and less than all: the bundle opens as it does where nobody tells of
// clocks, and says how much of a clock that is ahead was left out. A clock that is
// right lost nothing.
func TestLateRecordsShareTheLimit(t *testing.T) {
	const spansLeft, linesLeft = "3 spans had no room that are dated later by clocks that are or may be ahead", "3 log lines had no room that are dated later by clocks that are ahead"
	for name, c := range map[string]struct {
		off, told    time.Duration
		limits       bundle.Limits
		want         [3]int
		spans, lines string // that are said to be left out
		refused      bool
	}{
		"room for all":                       {7 * time.Minute, 7 * time.Minute, bundle.Limits{Spans: 6, LogLines: 3}, [3]int{2, 2, 2}, "", "", false},
		"ahead, no room for late spans":      {7 * time.Minute, 7 * time.Minute, bundle.Limits{Spans: 5, LogLines: 3}, [3]int{2, 0, 2}, spansLeft, "", false},
		"ahead, no room for late lines":      {7 * time.Minute, 7 * time.Minute, bundle.Limits{Spans: 6, LogLines: 2}, [3]int{2, 2, 0}, "", linesLeft, false},
		"ahead, no room for any":             {7 * time.Minute, 7 * time.Minute, bundle.Limits{Spans: 2, LogLines: 1}, [3]int{2, 0, 0}, spansLeft, linesLeft, false},
		"ahead, and no call is left to tell": {7 * time.Minute, 0, bundle.Limits{Spans: 2, LogLines: 1}, [3]int{2, 0, 0}, spansLeft, "", false},
		"right, no room for late ones":       {0, 0, bundle.Limits{Spans: 4, LogLines: 2}, [3]int{2, 2, 2}, "", "", false},
		"behind, no room for late ones":      {-90 * time.Second, -90 * time.Second, bundle.Limits{Spans: 5, LogLines: 3}, [3]int{2, 2, 2}, "", "", false},
		"more in time than fits":             {0, 0, bundle.Limits{Spans: 3, LogLines: 1}, [3]int{}, "", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, requests{c.off, "stock", 3}.members())
			for _, clocks := range []bundle.Clocks{nil, told(c.told)} {
				b, err := bundle.OpenLimited(dir, c.limits)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { b.Close() })
				b.Until(firstRequest.Add(90*time.Second), clocks)
				if err := b.Check(); (err != nil) != c.refused {
					t.Fatalf("clocks told: %t: got %v, want it refused: %t", clocks != nil, err, c.refused)
				}
				if c.refused || clocks == nil {
					continue
				}
				if got := visible(t, b, "stock"); got != c.want {
					t.Errorf("got %v, want %v spans of front, of stock, and lines", got, c.want)
				}
				for source, want := range map[string]string{bundle.SourceTraces: c.spans, bundle.SourceLogs: c.lines} {
					list, _ := b.Lost(source)
					if said, _ := evidence.DescribeLosses(list); said != want {
						t.Errorf("%s: got %q, want %q", source, said, want)
					}
				}
			}
		})
	}
}
