package compose

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// level is a series that stands at one value before the onset and at another after it.
func level(entity, name, stat, unit string, labels map[string]string, before, since float64) gathered.Series {
	onset := time.Date(2026, 5, 1, 10, 6, 0, 0, time.UTC)
	s := gathered.Series{Entity: entity, Name: name, Stat: stat, Unit: unit, Labels: labels, Kind: evidence.MetricCounter}
	if stat != "rate" {
		s.Kind = evidence.MetricGauge
	}
	for i := -40; i < 20; i++ {
		at := evidence.Sample{Time: onset.Add(time.Duration(i) * 15 * time.Second), Value: before}
		if i < 0 {
			s.Baseline = append(s.Baseline, at)
		} else {
			at.Value = since
			s.Incident = append(s.Incident, at)
		}
	}
	return s
}

func TestTheGoldenSignalsOfAServiceAreItsOwn(t *testing.T) {
	onset := time.Date(2026, 5, 1, 10, 6, 0, 0, time.UTC)
	code := func(c string) map[string]string { return map[string]string{"job": "shop", "code": c} }
	e := &gathered.Evidence{Service: "shop", Onset: report.Onset{At: onset}, Incident: evidence.Window{Start: onset, End: onset.Add(5 * time.Minute)}, Metrics: []gathered.Series{
		level("shop", "http_requests_total", "rate", "1/s", code("200"), 9, 6),
		level("shop", "http_requests_total", "rate", "1/s", code("500"), 0, 3),
		level("shop", "http_requests_total", "rate", "1/s", code("503"), 0, 1),
		level("shop", "http_client_requests_total", "rate", "1/s", nil, 90, 90), // what it asks of others
		level("shop", "queue_delay_seconds", "p99", "s", nil, 1, 1),
		level("shop", "http_request_duration_seconds", "p50", "s", nil, .1, .1),
		level("shop", "http_request_duration_seconds", "p99", "s", map[string]string{"route": "/a"}, .2, .9),
		level("shop", "http_request_duration_seconds", "p99", "s", map[string]string{"route": "/b"}, .3, .4),
		level("shop", "process_cpu_seconds_total", "rate", "", nil, .5, .51),
		level("shop", "process_open_fds", "", "", nil, 10, 900),
		level("bank", "logins_failed_total", "rate", "1/s", nil, 0, 2),
	}}
	got := goldenSignals(e, []report.Cause{{Entity: evidence.Entity{Name: "bank"}}})
	type line struct {
		Service, Signal, Query string
		Series                 int
		Before, Last           float64
	}
	var lines []line
	for _, s := range got {
		for _, c := range s.Charts {
			xs := c.Chart.Samples
			lines = append(lines, line{s.Service, string(c.Signal), c.Query, c.Series, xs[0].Value, xs[len(xs)-1].Value})
		}
	}
	want := []line{
		{"bank", "errors", `rate(logins_failed_total[1m])`, 1, 0, 2},
		{"shop", "traffic", `sum(rate(http_requests_total{code=~"200|500|503",job="shop"}[1m]))`, 3, 9, 10},
		{"shop", "errors", `100 * sum(rate(http_requests_total{code=~"500|503",job="shop"}[1m])) / sum(rate(http_requests_total{code=~"200|500|503",job="shop"}[1m]))`, 2, 0, 40},
		{"shop", "latency", `max(http_request_duration_seconds{route=~"/a|/b"})`, 2, .3, .9},
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got[0].Alerts || !got[0].Blamed || !got[1].Alerts || got[1].Blamed {
		t.Errorf("got %s and %s, want the cause first", got[0].Service, got[1].Service)
	}
	// How many files are open says something where the service is blamed by it.
	blamed := report.Cause{Entity: evidence.Entity{Name: "shop"}, Terms: []report.Term{{ID: "resource/usage", Points: 9, Refs: []evidence.Ref{{Kind: evidence.RefSeries, ID: "process_open_fds{pod=a}"}}}}}
	one := goldenSignals(e, []report.Cause{blamed})
	if len(one) != 1 || !one[0].Alerts || !one[0].Blamed {
		t.Fatalf("got %d services, want one that is its own cause once", len(one))
	}
	if last := one[0].Charts[len(one[0].Charts)-1]; last.Signal != report.SignalSaturation || last.Query != "process_open_fds" {
		t.Errorf("got %s of %s last, want what the service is blamed by", last.Signal, last.Query)
	}
	for _, c := range one[0].Charts {
		if c.Signal == report.SignalErrors && (*c.Since != 40 || *c.Usual != 0) {
			t.Errorf("got %v %% since and %v %% before, want 40 and 0", *c.Since, *c.Usual)
		}
	}
	if none := goldenSignals(&gathered.Evidence{Service: "shop"}, nil); none != nil {
		t.Errorf("got %+v, want nothing where nothing is measured", none)
	}
}
