package signal

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// collected is a series with a sample every quarter of a minute, ten minutes before
// the incident and five within it; from alive on, in minutes of the incident, it
// has the last value, or no samples where that is negative.
func collected(entity, name, instance string, alive float64, last float64) gathered.Series {
	begin := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := gathered.Series{Entity: entity, Name: name, Labels: map[string]string{"instance": instance}}
	for i := -40; i <= 20; i++ {
		at := begin.Add(time.Duration(i) * 15 * time.Second)
		value := 1.0
		if at.Sub(begin).Minutes() >= alive {
			if last < 0 {
				break
			}
			value = last
		}
		if i < 0 {
			s.Baseline = append(s.Baseline, evidence.Sample{Time: at, Value: value})
		} else {
			s.Incident = append(s.Incident, evidence.Sample{Time: at, Value: value})
		}
	}
	return s
}

func TestWhoIsGone(t *testing.T) {
	const stays, gone = 99, -1
	other := []gathered.Series{collected("till", "jobs", "t:1", stays, 0), collected("till", "cpu_seconds", "t:1", stays, 0), collected("till", "heap", "t:1", stays, 0)}
	back := collected("shop", "up", "a:1", 1, 0)
	back.Incident[len(back.Incident)-1].Value = 1
	for _, c := range []struct {
		name   string
		series []gathered.Series
		spans  []string // who has spans to the end
		want   []string
	}{
		{"the collector cannot reach it", []gathered.Series{collected("shop", "up", "a:1", 1, 0), collected("shop", "jobs", "a:1", 1, gone)}, nil, []string{"shop"}},
		{"it was started again after the alert", []gathered.Series{back, collected("shop", "jobs", "a:1", stays, 0)}, nil, []string{"shop"}},
		{"one of its two targets is down", []gathered.Series{collected("shop", "up", "a:1", 1, 0), collected("shop", "up", "a:2", stays, 0), collected("shop", "jobs", "a:2", stays, 0)}, nil, nil},
		{"its series stop", []gathered.Series{collected("shop", "jobs", "a:1", 1, gone), collected("shop", "heap", "a:1", 1, gone)}, nil, []string{"shop"}},
		{"one of its series stops", []gathered.Series{collected("shop", "jobs", "a:1", 1, gone), collected("shop", "heap", "a:1", stays, 0)}, nil, nil},
		{"its series stop shortly before the end", []gathered.Series{collected("shop", "jobs", "a:1", 4.6, gone)}, nil, nil},
		{"its series stop and it answers calls", []gathered.Series{collected("shop", "jobs", "a:1", 1, gone)}, []string{"shop"}, nil},
		{"strangers stop at once", []gathered.Series{collected("shop", "jobs", "a:1", 1, gone), collected("stock", "jobs", "b:1", 1, gone)}, nil, nil},
		{"an alert about it ends", []gathered.Series{collected("shop", "ALERTS", "a:1", 1, gone), collected("shop", "ALERTS_FOR_STATE", "a:1", 1, gone)}, nil, nil},
		{"the scraper's own series go on", []gathered.Series{collected("shop", "jobs", "a:1", 1, gone), collected("shop", "scrape_duration_seconds", "a:1", stays, 0)}, nil, []string{"shop"}},
	} {
		begin := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		e := &gathered.Evidence{Incident: evidence.Window{Start: begin, End: begin.Add(5 * time.Minute)}, FiredAt: begin.Add(3 * time.Minute), Step: 15 * time.Second, Metrics: append(c.series, other...)}
		for _, name := range []string{"shop", "stock", "till"} {
			e.Entities = append(e.Entities, evidence.Entity{Name: name, Kind: evidence.KindService})
		}
		for _, name := range c.spans {
			span := evidence.Span{SpanID: "1", TraceID: "1", Service: name, Start: begin.Add(4 * time.Minute), Duration: time.Millisecond}
			e.Traces = append(e.Traces, gathered.Trace{Trace: evidence.Trace{ID: "1", Spans: []evidence.Span{span}}})
		}
		v := view.New(e)
		found := stopped(v)
		if len(found) != len(c.want) {
			t.Errorf("%s: got %v, want %v", c.name, found, c.want)
		}
		for _, name := range c.want {
			if _, ok := found[v.Entity(name)]; !ok {
				t.Errorf("%s: %s is not found gone", c.name, name)
			}
		}
	}
}

func TestWithoutANormalNothingWasOtherwise(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{insteadOf(0, 0), uncompared}, {insteadOf(0, 7), "instead of 0 of 7 before"},
		{upFrom(0, 0), uncompared}, {upFrom(0, 3), "none before"}, {upFrom(2, 3), "up from 2"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	if v := view.New(&gathered.Evidence{}); trustIn(v, 0) >= trustIn(v, 1) {
		t.Error("what cannot be compared is believed as much as what can")
	}
}
