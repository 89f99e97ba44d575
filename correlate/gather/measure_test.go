package gather

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

func TestACounterInNameOnlyStaysALevel(t *testing.T) {
	v := &Investigation{options: Options{}.WithDefaults(), names: topology.NewNamer(nil, []string{"cart"})}
	q := metricQuery{kinds: map[string]evidence.MetricKind{"failed_total": evidence.MetricCounter}}
	got := v.measured(q, [][]evidence.Series{
		{{Name: "failed_total", Labels: map[string]string{"service": "cart"}, Samples: casetest.SamplesEvery(time.Minute, 0, 3, 2, 3)}},
		{{Name: "failed_total", Labels: map[string]string{"service": "cart"}, Samples: casetest.SamplesEvery(time.Hour, 0, 1)}},
	})
	if len(got) != 1 || got[0].kind != evidence.MetricGauge || got[0].stat != "" {
		t.Fatalf("got %+v, want one gauge", got)
	}
	if n := len(got[0].samples); n != 5 {
		t.Errorf("got %d samples, want the five different instants of both windows", n)
	}
}

func TestSeriesOfNobodyAreLeftOut(t *testing.T) {
	v := &Investigation{options: Options{}.WithDefaults(), names: topology.NewNamer(nil, []string{"cart"})}
	got := v.measured(metricQuery{}, [][]evidence.Series{{{Name: "m", Labels: map[string]string{"service": "other"}, Samples: casetest.SamplesEvery(time.Minute, 1)}}})
	if len(got) != 0 {
		t.Errorf("got %+v, want nothing", got)
	}
}

func TestPromDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{90 * time.Second: "90s", 5 * time.Minute: "5m", 2 * time.Hour: "2h", 1500 * time.Millisecond: "1500ms", 0: "1ms"} {
		if got := promDuration(d); got != want {
			t.Errorf("promDuration(%v): got %q, want %q", d, got, want)
		}
	}
}
