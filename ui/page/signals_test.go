package page

import (
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/chart"
)

func TestGoldenSignalsStandBesideEachOther(t *testing.T) {
	at := func(s int) time.Time { return onset().Add(time.Duration(s) * time.Second) }
	samples := []evidence.Sample{{Time: at(-60), Value: 1}, {Time: at(-55), Value: 1}, {Time: at(-50), Value: 2}, {Time: at(0), Value: 8}, {Time: at(5), Value: 9}}
	since, usual := 8.04, 1.0
	charts := []report.SignalChart{
		{Signal: report.SignalErrors, Chart: report.Chart{Name: "errors", Unit: "1/s", Samples: samples}, Since: &since, Usual: &usual, Series: 3, Query: "sum(rate(errors_total[1m]))"},
		{Signal: report.SignalLatency, Chart: report.Chart{Name: "one sample", Samples: samples[:1]}},
		{Signal: "unheard of", Chart: report.Chart{Name: "x", Samples: samples}},
	}
	b := &builder{rep: report.Report{Signals: []report.ServiceSignals{
		{Service: "<edge>", Alerts: true, Charts: charts}, {Service: "shop", Blamed: true, Charts: charts[1:]},
	}}, marks: chart.Marks{Onset: onset(), Incident: evidence.Window{Start: onset(), End: at(5)}}}
	got := b.signals()
	if len(got.Rows) != 1 || len(got.Rows[0].Charts) != 1 || got.Rows[0].Role != "the alerting service" {
		t.Fatalf("got %+v, want the one chart that can be drawn", got)
	}
	f := got.Rows[0].Charts[0]
	if f.Title != "Errors" || f.Name != "errors, sum of 3 series" || f.Since != "8/s" || f.Usual != "1/s" || len(f.Asked) != 1 || f.Points != "0 1/s;5 1/s;10 2/s;60 8/s;65 9/s" {
		t.Errorf("got %+v", f)
	}
	// The gap of 50 seconds breaks the line.
	if n := strings.Count(f.SVG, `class="line`); n != 2 || strings.Count(f.SVG, `class="gap`) == 0 {
		t.Errorf("got %d lines, want 2 with what is missing marked", n)
	}
	// The legend names what is drawn and nothing else.
	if !got.Onset || got.Change || !got.Window || !got.Gap {
		t.Errorf("got a legend of onset %v, change %v, window %v, gap %v", got.Onset, got.Change, got.Window, got.Gap)
	}
}
