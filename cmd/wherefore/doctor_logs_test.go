package main

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// busy holds lines of services and the traces of some; like the stores it gives
// the earliest lines of a window.
type busy struct {
	lines   []evidence.LogLine
	traces  map[string]bool
	strange map[string]string
}

func (b busy) Logs(_ context.Context, q evidence.LogQuery) (found []evidence.LogLine, cut bool, err error) {
	for _, l := range b.lines {
		if l.Service != q.Services[0] || !q.Window.Contains(l.Time) {
			continue
		}
		if len(found) == q.Limit {
			return found, true, nil
		}
		found = append(found, l)
	}
	return found, false, nil
}

func (b busy) Unnamed(context.Context, []string, evidence.Window) (map[string]string, error) {
	return b.strange, nil
}

func (b busy) Trace(_ context.Context, id string) (evidence.Trace, error) {
	if !b.traces[id] {
		return evidence.Trace{}, evidence.ErrNotFound
	}
	return evidence.Trace{ID: id}, nil
}

func (busy) FindTraces(context.Context, evidence.TraceQuery) ([]evidence.Trace, bool, error) {
	return nil, false, nil
}

func (busy) Services(context.Context) ([]string, error) { return nil, nil }

// TestDoctorSamplesTheNewestLinesAndFollowsThem: cart logs without IDs until ten
// minutes ago and with one in each since, of which every other has a trace.
func TestDoctorSamplesTheNewestLinesAndFollowsThem(t *testing.T) {
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	b := busy{traces: map[string]bool{}, strange: map[string]string{"pay": `no stream goes by the name "pay"`}}
	for i := range 3600 {
		l := evidence.LogLine{Service: "cart", Time: end.Add(time.Duration(i-3600) * time.Second)}
		if i >= 3000 {
			l.TraceID = fmt.Sprintf("%032x", i)
			b.traces[l.TraceID] = i%2 == 0
		}
		b.lines = append(b.lines, l)
	}
	var out bytes.Buffer
	d := doctor{out: &out, sources: &backend.Sources{}, window: evidence.Window{Start: end.Add(-time.Hour), End: end}}
	d.sources.Logs, d.sources.Traces = b, b
	d.logs(t.Context(), []string{"cart", "pay", "quiet"})
	const want = `     no log lines from: quiet
     no log lines from pay: no stream goes by the name "pay"
`
	if len(d.have) != 2 || d.have[0].have != "100 % (60 of 60)" || d.have[1].have != "50 % (10 of 20)" {
		t.Errorf("got %+v, want all of the newest lines with an ID and half of the IDs with a trace", d.have)
	}
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
