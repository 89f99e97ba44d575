package signal

import (
	"cmp"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestWhoseLinesStop has services that write every quarter of a minute, twenty minutes
// before an incident of five; some stop a minute into it.
func TestWhoseLinesStop(t *testing.T) {
	begin := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	type words = map[string]string
	const dialled = "dial ledger: connection refused"
	for name, c := range map[string]struct {
		stop    words         // the last line of who stops
		at      time.Duration // after the begin, when it does; 0 is a minute
		onset   time.Duration // after the begin, the earliest that it may have been; 0 is unknown
		others  words         // a line more of who goes on, in the incident
		series  string
		spans   string
		lacks   string // a source that told nothing
		cut     bool
		want    string
		checked bool
	}{
		"its last words tell of an end":    {stop: words{"ledger": "received signal terminated"}, want: "ledger", checked: true},
		"it ran out of memory":             {stop: words{"ledger": "java.lang.OutOfMemoryError: Java heap space"}, want: "ledger", checked: true},
		"a caller does not get through":    {stop: words{"ledger": "handled"}, others: words{"till": dialled}, want: "ledger", checked: true},
		"nothing tells of an end":          {stop: words{"ledger": "handled"}},
		"it goes on":                       {others: words{"ledger": "received signal hangup"}},
		"strangers stop at once":           {stop: words{"ledger": "shutting down", "other": "shutting down"}},
		"most stop at once":                {stop: words{"ledger": "shutting down", "till": "handled", "front": "handled"}},
		"its series go on":                 {stop: words{"ledger": "shutting down"}, series: "ledger"},
		"it answers calls":                 {stop: words{"ledger": "shutting down"}, spans: "ledger"},
		"lines were cut":                   {stop: words{"ledger": "shutting down"}, cut: true},
		"it ended long before":             {stop: words{"ledger": "exit status 0"}, at: -10 * time.Minute},
		"it ended long before the onset":   {stop: words{"ledger": "exit status 0"}, at: -4 * time.Minute, onset: -time.Minute},
		"it ended a moment before":         {stop: words{"ledger": "shutting down"}, at: -30 * time.Second, want: "ledger", checked: true},
		"the onset is before the incident": {stop: words{"ledger": "shutting down"}, at: -4 * time.Minute, onset: -4 * time.Minute, want: "ledger", checked: true},
		"nothing could tell that it is up": {stop: words{"ledger": "shutting down"}, lacks: "metrics", want: "ledger"},
	} {
		e := &gathered.Evidence{Incident: evidence.Window{Start: begin, End: begin.Add(5 * time.Minute)}, Edges: []evidence.Edge{{Caller: "front", Callee: "till"}, {Caller: "till", Callee: "ledger"}}}
		if c.onset != 0 {
			e.Onset = report.Onset{At: begin, Earliest: begin.Add(c.onset), Latest: begin, From: report.OnsetMetrics}
		}
		for _, s := range []string{"traces", "logs", "metrics"} {
			state := report.SourceSpeaks
			if s == c.lacks {
				state = report.SourceSilent
			}
			e.Sources = append(e.Sources, report.Standing{Source: s, State: state})
		}
		if c.cut {
			e.Coverage = []evidence.Coverage{{Source: "logs", Key: evidence.TopicLines, Status: evidence.CoverageTruncated}}
		}
		for _, service := range []string{"front", "ledger", "other", "till"} {
			e.Entities = append(e.Entities, evidence.Entity{Name: service, Kind: evidence.KindService})
			write := func(at time.Duration, body string) {
				e.Logs = append(e.Logs, gathered.Line{LogLine: evidence.LogLine{Time: begin.Add(at), Service: service, Body: body, Severity: evidence.SeverityError}, Template: body, Baseline: at < 0})
			}
			last, stops := c.stop[service]
			for at := -20 * time.Minute; at < 5*time.Minute; at += 15 * time.Second {
				if stops && at > cmp.Or(c.at, time.Minute) {
					write(at, last)
					break
				}
				write(at, "handled")
			}
			if more := c.others[service]; more != "" {
				for i := range 3 {
					write(time.Duration(i+2)*time.Minute, more)
				}
			}
		}
		if c.series != "" {
			e.Metrics = append(e.Metrics, collected(c.series, "jobs", "a:1", 99, 0))
		}
		if c.spans != "" {
			e.Traces = append(e.Traces, gathered.Trace{Trace: evidence.Trace{ID: "1", Spans: []evidence.Span{{SpanID: "1", TraceID: "1", Service: c.spans, Start: begin.Add(4*time.Minute + 30*time.Second), Duration: time.Millisecond}}}})
		}
		v := view.New(e)
		found := quiet(v)
		got := ""
		for i, f := range found {
			if got = v.Names[i]; (f.Unchecked == 0) != c.checked {
				t.Errorf("%s: %g of %g could not be checked", name, f.Unchecked, f.Strength)
			}
		}
		if got != c.want || len(found) > 1 {
			t.Errorf("%s: got %v, want %q", name, found, c.want)
		}
	}
}
