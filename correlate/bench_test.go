package correlate

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// benchCase is a joined case of about so many events over twenty services.
func benchCase(b *testing.B, events int) *Case {
	b.Helper()
	w := &world{}
	requests := events / 5 // four spans and a line each
	for i := range requests {
		at := worldNow.Add(-time.Duration(i+1) * 30 * time.Minute / time.Duration(requests))
		w.addRequest(i, at, at.After(worldOnset))
		for si := range w.traces[i].Spans {
			if s := &w.traces[i].Spans[si]; s.Service == "stock" {
				s.Service = fmt.Sprintf("stock-%c", 'a'+i%20)
			}
		}
		w.lines[len(w.lines)-1].Service = fmt.Sprintf("stock-%c", 'a'+i%20)
	}
	sources := w.sources()
	sources.Traces = benchTraces{w}
	v := newInvestigation(sources, Options{Caps: Caps{Spans: 10 * events, LogLines: 10 * events, LinesPerService: 10 * events, TracesPerService: 10 * events}}.withDefaults(), w.request())
	c, err := v.collect(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	return c
}

type benchTraces struct{ *world }

func (w benchTraces) Services(context.Context) ([]string, error) {
	list := []string{"shop"}
	for i := range 20 {
		list = append(list, fmt.Sprintf("stock-%c", 'a'+i))
	}
	return list, nil
}

// BenchmarkRank ranks loaded cases of growing size; the time per event should
// stay about the same.
func BenchmarkRank(b *testing.B) {
	for _, n := range []int{5_000, 50_000, 500_000} {
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			c := benchCase(b, n)
			events := 0
			for _, t := range c.Traces {
				events += len(t.Spans)
			}
			events += len(c.Logs)
			for b.Loop() {
				rankWithCommits(c)
			}
			b.ReportMetric(float64(events), "events")
			b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/float64(events), "ns/event")
		})
	}
}

// BenchmarkInvestigate runs a whole investigation from memory.
func BenchmarkInvestigate(b *testing.B) {
	w := newWorld()
	e := New(w.sources(), Options{})
	for b.Loop() {
		if _, err := e.Investigate(context.Background(), w.request()); err != nil {
			b.Fatal(err)
		}
	}
}

var _ TraceSource = benchTraces{}
