package correlate

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gather"
	"github.com/wherefore-dev/wherefore/correlate/port"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// shares answers for the shares of two services, what is above a limit included, as
// Prometheus does.
type shares struct {
	port.MetricSource

	of map[string]float64
}

func (s shares) QueryRange(_ context.Context, expr string, w evidence.Window, step time.Duration) ([]evidence.Series, error) {
	var list []evidence.Series
	for _, name := range []string{"edge", "shop"} {
		x, known := s.of[name]
		if !known || strings.Contains(expr, ">") && x <= 0.05 {
			continue
		}
		one := evidence.Series{Labels: map[string]string{"service": name}}
		for t := w.Start; !t.After(w.End); t = t.Add(step) {
			one.Samples = append(one.Samples, evidence.Sample{Time: t, Value: x})
		}
		list = append(list, one)
	}
	return list, nil
}

// TestPresentAsksForTheSeriesOfTheAlert: another service that is beyond the same limit
// says nothing about this one.
func TestPresentAsksForTheSeriesOfTheAlert(t *testing.T) {
	now := time.Date(2026, 5, 1, 10, 0, 7, 0, time.UTC)
	alert := evidence.Alert{Status: evidence.StatusFiring, Instances: []evidence.AlertInstance{{
		Status: evidence.StatusFiring, StartsAt: now.Add(-time.Hour), Labels: map[string]string{"alertname": "Errors", "service": "edge"},
		GeneratorURL: "http://prometheus.example/graph?g0.expr=job%3Aerrors%3Ashare+%3E+0.05",
	}}}
	for name, c := range map[string]struct {
		of    map[string]float64
		fires string
		says  string
	}{
		"still so":          {map[string]float64{"edge": 0.2, "shop": 0.01}, report.Yes, "0.2 now, the alert fires above 0.05"},
		"only another":      {map[string]float64{"edge": 0.01, "shop": 0.2}, report.No, "Not any more: 0.01 now"},
		"nothing is known":  {map[string]float64{"shop": 0.2}, report.Unknown, "no value now"},
		"nobody can answer": {nil, report.Unknown, "no value now"},
	} {
		p := New(Sources{Metrics: shares{of: c.of}}, gather.Options{}).Present(t.Context(), alert, now)
		if p.Fires != c.fires || !strings.Contains(p.Says, c.says) {
			t.Errorf("%s: got %+v, want %s saying %q", name, p, c.fires, c.says)
		}
	}
	if p := New(Sources{}, gather.Options{}).Present(t.Context(), alert, now); p.Fires != report.Unknown {
		t.Errorf("without metrics: got %+v, want unknown", p)
	}
}
