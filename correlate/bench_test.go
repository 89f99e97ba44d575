package correlate

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/gather"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/port"
)

// benchCase is a joined case of about so many events over twenty services.
func benchCase(b *testing.B, events int) *gathered.Evidence {
	b.Helper()
	w := &casetest.World{}
	requests := events / 5 // four spans and a line each
	for i := range requests {
		at := casetest.WorldNow.Add(-time.Duration(i+1) * 30 * time.Minute / time.Duration(requests))
		w.AddRequest(i, at, at.After(casetest.WorldOnset))
		for si := range w.Traces[i].Spans {
			if s := &w.Traces[i].Spans[si]; s.Service == "stock" {
				s.Service = fmt.Sprintf("stock-%c", 'a'+i%20)
			}
		}
		w.Lines[len(w.Lines)-1].Service = fmt.Sprintf("stock-%c", 'a'+i%20)
	}
	sources := w.Sources()
	sources.Traces = benchTraces{w}
	v := gather.New(sources, gather.Options{Caps: gather.Caps{Spans: 10 * events, LogLines: 10 * events, LinesPerService: 10 * events, TracesPerService: 10 * events}}.WithDefaults(), w.Request())
	c, err := v.Collect(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	return c
}

type benchTraces struct{ *casetest.World }

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
	w := casetest.NewWorld()
	e := New(w.Sources(), gather.Options{})
	for b.Loop() {
		if _, err := e.Investigate(context.Background(), w.Request()); err != nil {
			b.Fatal(err)
		}
	}
}

var _ port.TraceSource = benchTraces{}
